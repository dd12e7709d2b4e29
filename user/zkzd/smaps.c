// SPDX-License-Identifier: GPL-2.0
#include "zkzd/smaps.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* "7f..-7f.. rw-s 00000000 00:2d 3   /path": the header of a mapping. */
static bool is_header(const char *line)
{
	unsigned long from, to;

	return sscanf(line, "%lx-%lx ", &from, &to) == 2;
}

static bool names(const char *line, const char *path)
{
	const char *at = strchr(line, '/');
	size_t len = strlen(path);

	return at && !strncmp(at, path, len) && (at[len] == '\n' || at[len] == '\0');
}

int smaps_read(pid_t pid, const char *path, struct smaps *m)
{
	unsigned long long kib;
	bool ours = false;
	char line[512];
	FILE *f;

	memset(m, 0, sizeof(*m));
	snprintf(line, sizeof(line), "/proc/%d/smaps", (int)pid);
	f = fopen(line, "re");
	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		if (is_header(line))
			ours = names(line, path);
		else if (ours && sscanf(line, "Rss: %llu kB", &kib) == 1)
			m->rss += kib * 1024;
		else if (ours && (sscanf(line, "FilePmdMapped: %llu kB", &kib) == 1 ||
				  sscanf(line, "ShmemPmdMapped: %llu kB", &kib) == 1))
			m->pmd += kib * 1024;
	}
	fclose(f);
	return 0;
}
