// SPDX-License-Identifier: GPL-2.0
#include "qemu/mtype.h"

#include <stdio.h>

/* "pc-q35-10.1" -> 10001; 0 for what is not numbered by QEMU's own versions, as types of some distributions are. */
static unsigned int number_of(const struct ability_type *t)
{
	unsigned int major, minor;
	int end = 0;

	if (sscanf(t->name, "pc-q35-%3u.%3u%n", &major, &minor, &end) != 2 || t->name[end])
		return 0;
	return major * 1000 + minor;
}

/* The oldest that a later QEMU will have, too, or the newest of those that are on their way out. */
static const struct ability_type *widest_reach(const struct ability *a)
{
	const struct ability_type *best = NULL;
	unsigned int i;

	for (i = 0; i < a->types; i++) {
		const struct ability_type *t = &a->type[i];

		if (!number_of(t))
			continue;
		if (!best || (best->deprecated && !t->deprecated) ||
		    (best->deprecated == t->deprecated && (number_of(t) < number_of(best)) != t->deprecated))
			best = t;
	}
	return best;
}

const struct ability_type *mtype_choose(const struct ability *a, const char *want, struct zkz_err *err)
{
	const struct ability_type *t = ability_find_type(a, want[0] ? want : MTYPE_USUAL);

	if (t)
		return t;
	if (want[0]) {
		err_machine_type_not_here(err, a->version, want);
		return NULL;
	}
	t = widest_reach(a);
	if (!t)
		err_machine_type_none(err, a->version);
	return t;
}

const struct ability_type *mtype_check(const struct ability *a, const char *zone, const char *type,
				       struct zkz_err *err)
{
	const struct ability_type *t = ability_find_type(a, type);

	if (!t)
		err_incompatible_machine_type(err, zone, type, a->version);
	return t;
}
