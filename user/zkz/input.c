// SPDX-License-Identifier: GPL-2.0
#include "zkz/input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/lex.h"

char *input_read(const char *path, struct zkz_err *err)
{
	bool in = !strcmp(path, "-");
	FILE *f = in ? stdin : fopen(path, "re");
	char *text = malloc(CONF_MAX_SCRIPT + 2);
	size_t n;

	if (!f || !text) {
		err_file_open(err, path, errno);
		if (f && !in)
			fclose(f);
		free(text);
		return NULL;
	}
	n = fread(text, 1, CONF_MAX_SCRIPT + 1, f);
	text[n] = '\0';
	if (ferror(f))
		err_file_read(err, path, errno);
	else if (n > CONF_MAX_SCRIPT)
		err_config_file_long(err, path, CONF_MAX_SCRIPT);
	else if (strlen(text) != n)
		err_config_file_no_text(err, path);
	if (!in)
		fclose(f);
	if (err->id) {
		free(text);
		return NULL;
	}
	return text;
}
