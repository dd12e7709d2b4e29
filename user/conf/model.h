/* SPDX-License-Identifier: GPL-2.0 */
/* A configuration in memory: resources with canonical values. Pure. */
#ifndef ZKZ_CONF_MODEL_H
#define ZKZ_CONF_MODEL_H

#include <stdio.h>

#include "conf/schema.h"
#include "lib/err.h"

/**
 * struct conf_res - one resource
 * @type: its type
 * @val:  canonical values by property index; NULL where unset; owned
 * @next: next resource in canonical order (by type, then key)
 */
struct conf_res {
	const struct conf_type *type;
	char *val[CONF_MAX_PROPS];
	struct conf_res *next;
};

/** struct conf - a whole configuration */
struct conf {
	struct conf_res global;
	struct conf_res *first;
};

/** conf_new() - blank configuration: global defaults only */
struct conf *conf_new(void);

/** conf_copy() - deep copy; NULL of NULL */
struct conf *conf_copy(const struct conf *c);

/** conf_free() - free it all; NULL is fine */
void conf_free(struct conf *c);

/** conf_res_new() - resource with the type's defaults, in no configuration */
struct conf_res *conf_res_new(const struct conf_type *type);

/** conf_res_free() - free one that is in no configuration */
void conf_res_free(struct conf_res *r);

/** conf_res_copy() - deep copy, in no configuration */
struct conf_res *conf_res_copy(const struct conf_res *r);

/** conf_res_set() - store a canonical value; NULL unsets */
void conf_res_set(struct conf_res *r, int prop, const char *val);

/** conf_res_get() - value by property name, or NULL */
const char *conf_res_get(const struct conf_res *r, const char *prop);

/** conf_res_is() - is property @prop set, and to @value? */
bool conf_res_is(const struct conf_res *r, const char *prop, const char *value);

/** conf_matches() - is @r of the type of @pattern and agrees in all that is set there? */
bool conf_matches(const struct conf_res *pattern, const struct conf_res *r);

/** conf_insert() - put a resource in, at its canonical place; takes it over */
void conf_insert(struct conf *c, struct conf_res *r);

/** conf_detach() - take a resource out; the caller owns it then */
void conf_detach(struct conf *c, struct conf_res *r);

/** conf_count() - resources of a type */
unsigned int conf_count(const struct conf *c, const struct conf_type *type);

/** conf_find() - first resource of a type where property @prop is @val */
struct conf_res *conf_find(const struct conf *c, const struct conf_type *type,
			   int prop, const char *val);

/** conf_first() - first resource of the type named, or NULL */
struct conf_res *conf_first(const struct conf *c, const char *type);

/** conf_next() - next one of the same type, or NULL */
struct conf_res *conf_next(const struct conf_res *r);

/** conf_check() - is it complete and free of contradictions? */
int conf_check(const struct conf *c, struct zkz_err *err);

/** conf_check_res() - has one resource all it needs? */
int conf_check_res(const struct conf_res *r, struct zkz_err *err);

/*
 * The format of texts. It is in the first line of each, as a comment, because a zkz that does
 * not know it can read format 1; a text of a later one is refused. It grows when a text means
 * something else than before, not when a property is added.
 */
#define CONF_FORMAT		1
#define CONF_FORMAT_LINE	"# zkz configuration, format "

/** conf_export() - canonical text: parsing it gives the same configuration */
void conf_export(const struct conf *c, FILE *f);

/** conf_info() - the zone's own properties and all resources, for people */
void conf_info(const struct conf *c, FILE *f);

/** conf_info_res() - one resource for people */
void conf_info_res(const struct conf_res *r, FILE *f);

/** conf_info_prop() - one property of a resource, for people */
void conf_info_prop(const struct conf_res *r, int prop, const char *indent, FILE *f);

#endif
