/* SPDX-License-Identifier: GPL-2.0 */
/* What two configurations of a zone differ in, and what such a difference needs. Pure. */
#ifndef ZKZ_CONF_DIFF_H
#define ZKZ_CONF_DIFF_H

#include <stddef.h>

#include "conf/model.h"

/**
 * struct conf_change - one difference
 * @type:  of the resource
 * @key:   what tells it from others of its type, NULL if there is only one
 * @prop:  the property; NULL if the whole resource is in one of the two only
 * @from:  value in the first one, NULL if it is not set; of a resource: not NULL if it is there
 * @to:    in the second one, likewise
 * @class: what it takes for the change to take effect
 */
struct conf_change {
	const struct conf_type *type;
	const char *key;
	const struct conf_prop *prop;
	const char *from;
	const char *to;
	enum conf_class class;
};

/** typedef conf_change_fn - what to do with a difference */
typedef void (*conf_change_fn)(const struct conf_change *c, void *arg);

/**
 * conf_diff() - compare two configurations, resource by resource
 * @from: first one
 * @to:   second one
 * @fn:   called for every difference, in canonical order
 * @arg:  for @fn
 *
 * Models are compared, not texts: a text of a zkz that did not know a property
 * yet says the same as one with its default.
 */
void conf_diff(const struct conf *from, const struct conf *to, conf_change_fn fn, void *arg);

/** conf_same() - do they say the same? NULL is a configuration that is not there */
bool conf_same(const struct conf *a, const struct conf *b);

/** struct conf_names - where the two are, for people */
struct conf_names {
	const char *from;
	const char *to;
};

/**
 * conf_change_text() - "anet 0: mac-address: 02:00:00:00:00:01 here, not set there"
 * @c:    difference
 * @w:    "here" and "there", for example
 * @text: the text, cut off if need be
 * @size: of @text
 *
 * Return: @text.
 */
const char *conf_change_text(const struct conf_change *c, const struct conf_names *w,
			     char *text, size_t size);

/**
 * struct conf_list - differences as one text
 * @w:    where the two are
 * @want: bits of the classes that are taken, by CONF_BIT()
 * @nr:   how many there were
 * @cut:  of them, so many did not fit
 * @end:  where the text ends that is complete, if some did not fit
 * @text: "autoboot: false there, true here; ..."; ends in "and N more" if it gets too long
 */
struct conf_list {
	struct conf_names w;
	unsigned int want;
	unsigned int nr;
	unsigned int cut;
	size_t end;
	char text[640];
};

#define CONF_BIT(class)	(1U << (class))
#define CONF_ANY	(~0U)

/** conf_list_add() - a conf_change_fn; @arg is a struct conf_list */
void conf_list_add(const struct conf_change *c, void *arg);

/**
 * conf_keep_host() - give @c what is each host's own affair
 * @c:   configuration that comes to a host
 * @own: what that host has, NULL if it has none
 *
 * Properties are taken where both have the resource; one that is of such properties as a whole is the host's, or is
 * not there.
 */
void conf_keep_host(struct conf *c, const struct conf *own);

/**
 * conf_keep_machine() - give @c the machine of another configuration
 * @c:    what stays as it is there is all that needs no other machine
 * @from: configuration whose machine it becomes
 *
 * The result may contradict itself: each half was checked with its other half.
 */
void conf_keep_machine(struct conf *c, const struct conf *from);

#endif
