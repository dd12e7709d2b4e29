/* SPDX-License-Identifier: GPL-2.0 */
/* Which resources of a configuration a command means: "device id=0", "device 0", "device". */
#ifndef ZKZ_CONF_PATTERN_H
#define ZKZ_CONF_PATTERN_H

#include "conf/session.h"

/**
 * conf_read_pattern() - [KEY | NAME=VALUE ...] of a type
 * @s:    session
 * @lx:   what follows the name of the type
 * @type: the type
 * @rest: something else may follow, and is left; else all up to the end of the command is
 *        the pattern
 * @err:  filled on failure
 *
 * Return: a resource where unset properties match anything, to be freed; or NULL.
 */
struct conf_res *conf_read_pattern(struct conf_session *s, struct lex *lx,
				   const struct conf_type *type, bool rest, struct zkz_err *err);

/** conf_find_matches() - how many match; @first is the first of them */
unsigned int conf_find_matches(const struct conf *c, const struct conf_res *pattern,
			       struct conf_res **first);

#endif
