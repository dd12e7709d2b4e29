// SPDX-License-Identifier: GPL-2.0
/* What is kept of a QEMU, and when it is not believed. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "qemu/cache.h"
#include "unit.h"

static const struct program program = { .path = "/usr/bin/q", .device = 1, .inode = 2, .size = 3, .mtime_ns = 4 };
static char file[64];

static struct ability some(void)
{
	struct ability a = { .version = "10.0.13", .can = ABLE_SURVIVE_LOAD, .types = 1 };

	strcpy(a.type[0].name, "pc-q35-7.2");
	return a;
}

static bool begin(void)
{
	struct ability a = some();
	struct zkz_err err;

	snprintf(file, sizeof(file), "/tmp/zkz-test-cache-%d", (int)getpid());
	return !cache_write(file, &program, &a, &err);
}

static void put(const char *text)
{
	FILE *f = fopen(file, "w");

	if (!f)
		return;
	fputs(text, f);
	fclose(f);
}

TEST(what_was_kept_comes_back)
{
	struct ability a, want = some();
	struct stat st;

	NEED(begin());
	CHECK(cache_read(file, &program, &a));
	CHECK_BYTES(&a, sizeof(a), &want, sizeof(want));
	CHECK(!stat(file, &st) && (st.st_mode & 0777) == 0600);
	unlink(file);
	CHECK(!cache_read(file, &program, &a));
}

/* An upgrade replaces the file, whatever its version says. */
TEST(another_program_is_asked_anew)
{
	struct program p;
	struct ability a;

	NEED(begin());
	p = program;
	strcpy(p.path, "/usr/local/bin/q");
	CHECK(!cache_read(file, &p, &a));
	p = program;
	p.inode++;
	CHECK(!cache_read(file, &p, &a));
	p = program;
	p.size++;
	CHECK(!cache_read(file, &p, &a));
	p = program;
	p.mtime_ns++;
	CHECK(!cache_read(file, &p, &a));
	p = program;
	p.device++;
	CHECK(!cache_read(file, &p, &a));
	unlink(file);
}

TEST(damaged_files_are_not_believed)
{
	char text[4096];
	struct ability a;
	size_t len, i;
	FILE *f;

	NEED(begin());
	f = fopen(file, "r");
	NEED(f);
	len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[len] = '\0';
	put(text);
	CHECK(cache_read(file, &program, &a));
	for (i = 0; i < len; i += 7) {
		char c = text[i];

		text[i] = '\0';
		put(text);
		CHECK(!cache_read(file, &program, &a));
		text[i] = c;
	}
	put("{}");
	CHECK(!cache_read(file, &program, &a));
	unlink(file);
}
