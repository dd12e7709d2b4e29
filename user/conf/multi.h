/* SPDX-License-Identifier: GPL-2.0 */
/* Properties that have several values, with commas between. Pure. */
#ifndef ZKZ_CONF_MULTI_H
#define ZKZ_CONF_MULTI_H

#include "conf/schema.h"

/** conf_is_multi() - does it have several values? */
bool conf_is_multi(const struct conf_prop *prop);

/** conf_multi_has() - is @word one of the values of a canonical list? */
bool conf_multi_has(const char *list, const char *word);

/** conf_multi_canon() - what conf_canon() is for a list */
int conf_multi_canon(const struct conf_prop *prop, const char *val, char *out, struct zkz_err *err);

/**
 * conf_multi_add() - put values in
 * @prop: a list
 * @old:  canonical, NULL for none
 * @val:  one value or several, as written
 * @out:  canonical, CONF_MAX_VALUE bytes
 * @err:  filled on failure, without line and token
 */
int conf_multi_add(const struct conf_prop *prop, const char *old, const char *val, char *out, struct zkz_err *err);

/** conf_multi_remove() - take values out, all of which must be there; @out is empty if none is left */
int conf_multi_remove(const struct conf_prop *prop, const char *old, const char *val, char *out, struct zkz_err *err);

#endif
