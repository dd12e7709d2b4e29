/* SPDX-License-Identifier: GPL-2.0 */
/* What stands for something else in values: %{zonename} and %{id}. Pure. */
#ifndef ZKZ_CONF_MACRO_H
#define ZKZ_CONF_MACRO_H

#include <stdbool.h>

#include "conf/model.h"
#include "lib/err.h"

/** conf_has_macro() - is there a macro in a value? Any other %{...} is text. */
bool conf_has_macro(const char *val);

/**
 * conf_expand() - replace macros
 * @val:  value as written
 * @zone: for %{zonename}
 * @res:  resource that the value is of, for %{id}; NULL: of the zone, which has no id
 * @out:  CONF_MAX_VALUE bytes
 * @err:  filled on failure
 */
int conf_expand(const char *val, const char *zone, const struct conf_res *res,
		char *out, struct zkz_err *err);

#endif
