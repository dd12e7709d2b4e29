// SPDX-License-Identifier: GPL-2.0
/* Whole files, and what is left of writers that were killed. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/file.h"
#include "unit.h"

static char dir[] = "/tmp/zkz-unit.XXXXXX";

static const char *in_dir(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void make(const char *name, time_t age_s)
{
	struct timespec ts[2] = { { .tv_sec = time(NULL) - age_s }, { .tv_sec = time(NULL) - age_s } };

	NEED(!file_write_atomic(in_dir(name), "x", 1, 0600, NULL));
	NEED(!utimensat(AT_FDCWD, in_dir(name), ts, 0));
}

static bool there(const char *name)
{
	return !access(in_dir(name), F_OK);
}

TEST(tidy_takes_only_old_leftovers)
{
	static const char * const names[] = { ".zkz-new.aaaaaa", ".zkz-new.bbbbbb", "z1.cfg", "z1.cfg.backup" };
	unsigned int i;

	NEED(mkdtemp(dir));
	make(names[0], 7200);
	make(names[1], 0);
	make(names[2], 7200);
	make(names[3], 7200);
	file_tidy(dir, 3600);
	CHECK(!there(names[0]));
	for (i = 1; i < 4; i++) {
		CHECK(there(names[i]));
		unlink(in_dir(names[i]));
	}
	/* Writers that end in order leave nothing else. */
	CHECK_INT(rmdir(dir), 0);
	file_tidy(dir, 3600);
}

static const char *content(const char *name)
{
	static char text[8];
	char *read = file_read(in_dir(name), 4, NULL, NULL);

	snprintf(text, sizeof(text), "%s", read ? read : "none");
	free(read);
	return text;
}

TEST(exchange_goes_both_ways)
{
	char from[128], to[128];

	snprintf(dir, sizeof(dir), "/tmp/zkz-unit.XXXXXX");
	NEED(mkdtemp(dir));
	snprintf(from, sizeof(from), "%s", in_dir("next"));
	snprintf(to, sizeof(to), "%s", in_dir("now"));
	NEED(!file_write_atomic(from, "new", 3, 0600, NULL));
	/* The first record has nothing to replace. */
	CHECK_INT(file_exchange(from, to, NULL), 0);
	CHECK(!there("next"));
	CHECK_STR(content("now"), "new");
	NEED(!file_write_atomic(from, "nxt", 3, 0600, NULL));
	CHECK_INT(file_exchange(from, to, NULL), 0);
	CHECK_STR(content("now"), "nxt");
	CHECK_STR(content("next"), "new");
	CHECK_INT(file_exchange(from, to, NULL), 0);
	CHECK_STR(content("now"), "new");
	unlink(from);
	CHECK_INT(file_exchange(from, to, NULL), -1);
	CHECK_STR(content("now"), "new");
	unlink(to);
	CHECK_INT(rmdir(dir), 0);
}
