// SPDX-License-Identifier: GPL-2.0
#include "zkzd/text.h"

#include <string.h>

#include "conf/session.h"
#include "storage/uri.h"

struct conf *text_parse(const char *zone, const char *text, struct zkz_err *err)
{
	struct conf *c = conf_parse(zone, text, strlen(text), err);
	const struct conf_res *d;

	for (d = c ? conf_first(c, "device") : NULL; d; d = conf_next(d)) {
		if (!uri_check(conf_res_get(d, "storage"), err))
			continue;
		conf_free(c);
		return NULL;
	}
	return c;
}
