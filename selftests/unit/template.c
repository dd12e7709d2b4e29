// SPDX-License-Identifier: GPL-2.0
#include "template.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/file.h"

struct conf *unit_template(struct conf_session *s, const char *name, struct zkz_err *err)
{
	struct conf *c = NULL;
	char path[256], *text;
	size_t len;

	snprintf(path, sizeof(path), UNIT_TOP "/packaging/templates/%s.cfg", name);
	text = file_read(path, CONF_MAX_TEXT, &len, err);
	if (text)
		c = conf_parse_template(s, name, text, len, err);
	free(text);
	return c;
}
