// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a target on files and folders of files: for reproducing a finding, and in place of libFuzzer where there is
 * no clang. Prints how many inputs there were.
 */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

static unsigned int replay_file(const char *path)
{
	FILE *f = fopen(path, "re");
	uint8_t *buf = NULL;
	long size;

	size = f && !fseek(f, 0, SEEK_END) ? ftell(f) : -1;
	if (size < 0 || fseek(f, 0, SEEK_SET)) {
		perror(path);
		exit(2);
	}
	/* Exactly as large as the input, so that a read beyond it is caught. */
	buf = malloc(size ? size : 1);
	if (!buf || fread(buf, 1, size, f) != (size_t)size) {
		perror(path);
		exit(2);
	}
	fclose(f);
	LLVMFuzzerTestOneInput(buf, size);
	free(buf);
	return 1;
}

static unsigned int replay(const char *path)
{
	struct dirent **list;
	unsigned int nr = 0;
	struct stat st;
	int i, n;

	if (stat(path, &st) || !S_ISDIR(st.st_mode))
		return replay_file(path);
	n = scandir(path, &list, NULL, alphasort);
	for (i = 0; i < n; i++) {
		char file[4096];

		if (list[i]->d_name[0] != '.') {
			snprintf(file, sizeof(file), "%s/%s", path, list[i]->d_name);
			nr += replay_file(file);
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return nr;
}

int main(int argc, char **argv)
{
	unsigned int nr = 0;
	int i;

	for (i = 1; i < argc; i++)
		nr += replay(argv[i]);
	printf("%u inputs\n", nr);
	return nr ? 0 : 2;
}
