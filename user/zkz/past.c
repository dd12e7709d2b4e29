// SPDX-License-Identifier: GPL-2.0
#include "zkz/past.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <readline/history.h>

#include "lib/file.h"

#define MOST	1000

/* Where a command is run as root with the home of another user, that one must not choose what root writes to. */
static bool own(const char *folder)
{
	struct stat st;

	return folder[0] == '/' && !stat(folder, &st) && S_ISDIR(st.st_mode) && st.st_uid == geteuid();
}

/* The folder of the file; false if there is nowhere to keep it. */
static bool find_folder(char path[PATH_MAX])
{
	const char *state = secure_getenv("XDG_STATE_HOME"), *home = secure_getenv("HOME");
	int n;

	if (state && own(state))
		n = snprintf(path, PATH_MAX, "%s/zkz", state);
	else if (home && own(home))
		n = snprintf(path, PATH_MAX, "%s/.local/state/zkz", home);
	else
		return false;
	return n > 0 && n < PATH_MAX;
}

static bool find_file(const char *folder, char path[PATH_MAX])
{
	int n = snprintf(path, PATH_MAX, "%s/history", folder);

	return n > 0 && n < PATH_MAX;
}

void past_load(void)
{
	char folder[PATH_MAX], path[PATH_MAX];

	using_history();
	stifle_history(MOST);
	if (find_folder(folder) && own(folder) && find_file(folder, path))
		read_history(path);
}

void past_keep(void)
{
	char folder[PATH_MAX], path[PATH_MAX];
	mode_t mask;

	if (!find_folder(folder) || !find_file(folder, path) || file_mkdirs(folder, 0700, NULL) || !own(folder))
		return;
	mask = umask(077);
	if (!write_history(path))
		chmod(path, 0600);
	umask(mask);
}
