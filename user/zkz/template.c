// SPDX-License-Identifier: GPL-2.0
#include "zkz/template.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"

#define SUFFIX	".cfg"

/* Names that begin with SYS are those of zkz: nobody's own file changes what they mean. */
static const char *const folders[] = { ZKZ_DATADIR "/templates", CONF_TEMPLATES };

static bool name_ok(const char *name)
{
	const char *c;

	for (c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_.", *c))
			return false;
	return name[0] && name[0] != '.' && c - name < 64;
}

struct conf *template_load(struct conf_session *s, const char *name, struct zkz_err *err)
{
	struct conf *c = NULL;
	char *text = NULL;
	char path[256];
	size_t i, len;

	errno = ENOENT;
	for (i = 0; i < 2 && !text && errno == ENOENT && name_ok(name); i++) {
		snprintf(path, sizeof(path), "%s/%s" SUFFIX, folders[i], name);
		err_clear(err);
		text = file_read(path, CONF_MAX_TEXT, &len, err);
	}
	if (text) {
		c = conf_parse_template(s, name, text, len, err);
	} else if (errno == ENOENT) {
		err_clear(err);
		err_config_template_unknown(err, name, CONF_TEMPLATES);
	}
	free(text);
	return c;
}

void template_each(template_fn fn, void *arg)
{
	struct dirent *d;
	size_t i;
	DIR *dir;

	for (i = 0; i < 2; i++) {
		dir = opendir(folders[i]);
		while (dir && (d = readdir(dir))) {
			char *end = strstr(d->d_name, SUFFIX);

			if (!end || end[strlen(SUFFIX)])
				continue;
			*end = '\0';
			if (name_ok(d->d_name))
				fn(d->d_name, arg);
		}
		if (dir)
			closedir(dir);
	}
}
