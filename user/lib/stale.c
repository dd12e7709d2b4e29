// SPDX-License-Identifier: GPL-2.0
#include "lib/stale.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define GONE	" (deleted)"

/* Memory that has a name, and was never a file of a package. */
static bool is_memory(const char *path)
{
	static const char * const names[] = { "/memfd:", "/dev/", "/SYSV", "/run/", "/anon_hugepage" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strncmp(path, names[i], strlen(names[i])))
			return true;
	return false;
}

char *stale_map(char *line)
{
	char *mode = strchr(line, ' '), *path = strchr(line, '/');
	size_t len = strlen(line);

	if (!mode || !path || strlen(mode) < 4 || mode[3] != 'x' || mode > path)
		return NULL;
	if (len < strlen(GONE) || strcmp(line + len - strlen(GONE), GONE) || is_memory(path))
		return NULL;
	line[len - strlen(GONE)] = '\0';
	return path;
}

static int look_at_libraries(pid_t pid, struct stale *s)
{
	char name[64], *line = NULL;
	size_t size = 0;
	ssize_t len;
	FILE *f;

	snprintf(name, sizeof(name), "/proc/%d/maps", (int)pid);
	f = fopen(name, "re");
	if (!f)
		return -1;
	while (!s->library[0] && (len = getline(&line, &size, f)) > 0) {
		const char *path;

		line[strcspn(line, "\n")] = '\0';
		path = stale_map(line);
		if (path)
			snprintf(s->library, sizeof(s->library), "%s", path);
	}
	free(line);
	fclose(f);
	return 0;
}

int stale_look(pid_t pid, const char *installed, struct stale *s)
{
	struct stat now, then;
	char name[64];

	memset(s, 0, sizeof(*s));
	snprintf(name, sizeof(name), "/proc/%d/exe", (int)pid);
	if (stat(installed, &now) || stat(name, &then))
		return -1;
	s->program = now.st_dev != then.st_dev || now.st_ino != then.st_ino;
	/* The program is a mapping as well. */
	return s->program ? 0 : look_at_libraries(pid, s);
}

bool stale_any(const struct stale *s)
{
	return s->program || s->library[0];
}
