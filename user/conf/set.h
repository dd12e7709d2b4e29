/* SPDX-License-Identifier: GPL-2.0 */
/* Sets of numbers as they are written, "0-3,8": processors of a host, VLANs of a network. Pure. */
#ifndef ZKZ_CONF_SET_H
#define ZKZ_CONF_SET_H

#include <stdbool.h>

/* Numbers are below this. */
#define CONF_SET_MAX	4096
/* Length of the longest text of one. */
#define CONF_SET_TEXT	255

/** struct conf_set - a bit for each number */
struct conf_set {
	unsigned char bits[CONF_SET_MAX / 8];
};

/** conf_set_parse() - numbers up to @most; false if @text is no such list. An empty text is none. */
bool conf_set_parse(const char *text, unsigned int most, struct conf_set *set);

/** conf_set_has() - is @n in it? */
bool conf_set_has(const struct conf_set *set, unsigned int n);

/**
 * conf_set_range() - walk through it
 * @set:   set
 * @from:  look from this number on
 * @first: first number from there that is in it
 * @last:  last one of those that follow it without a gap
 *
 * Return: false if there is none.
 */
bool conf_set_range(const struct conf_set *set, unsigned int from, unsigned int *first, unsigned int *last);

/** conf_set_less() - take the numbers of @other out. Return: were all of them in it? */
bool conf_set_less(struct conf_set *set, const struct conf_set *other);

/** conf_set_print() - canonical text, CONF_SET_TEXT + 1 bytes. Return: false if it is longer. */
bool conf_set_print(const struct conf_set *set, char *out);

#endif
