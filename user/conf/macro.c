// SPDX-License-Identifier: GPL-2.0
#include "conf/macro.h"

#include <stdio.h>
#include <string.h>

#define ZONENAME	"%{zonename}"
#define ID		"%{id}"

bool conf_has_macro(const char *val)
{
	return strstr(val, ZONENAME) || strstr(val, ID);
}

int conf_expand(const char *val, const char *zone, const struct conf_res *res,
		char *out, struct zkz_err *err)
{
	const char *id = res ? conf_res_get(res, "id") : NULL;
	size_t n = 0;

	while (*val) {
		char one[2] = { *val, '\0' };
		const char *add = one;
		size_t used = 1;

		if (!strncmp(val, ZONENAME, strlen(ZONENAME))) {
			add = zone;
			used = strlen(ZONENAME);
		} else if (id && !strncmp(val, ID, strlen(ID))) {
			add = id;
			used = strlen(ID);
		}
		if (n + strlen(add) >= CONF_MAX_VALUE)
			return err_config_value_long(err, CONF_MAX_VALUE - 1);
		strcpy(out + n, add);
		n += strlen(add);
		val += used;
	}
	out[n] = '\0';
	return 0;
}
