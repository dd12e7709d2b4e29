// SPDX-License-Identifier: GPL-2.0
/* Copies of disks, on real files and with the real qemu-img; and what is said of them. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/io.h"
#include "storage/convert.h"
#include "storage/copy.h"
#include "storage/create.h"
#include "storage/magic.h"
#include "storage/verbatim.h"
#include "unit.h"

#define MiB	(1 << 20)

/* Not in /tmp, which often is a tmpfs. */
static char dir[256];
static uint64_t last_done, last_total;

static void begin(void)
{
	snprintf(dir, sizeof(dir), "/var/tmp/zkz-copy.XXXXXX");
	NEED(mkdtemp(dir));
}

static void end(void)
{
	char cmd[300];

	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	NEED(!system(cmd));
}

/* "file:/var/tmp/zkz-copy.../NAME", and the same without "file:" */
static const char *uri(const char *name)
{
	static char text[4][320];
	static int i;

	i = (i + 1) % 4;
	snprintf(text[i], sizeof(text[i]), "file:%s/%s", dir, name);
	return text[i];
}

static const char *path(const char *name)
{
	return uri(name) + strlen("file:");
}

/* A megabyte of data, three of a hole, some data, and an end that is no multiple of anything. */
static void make_source(const char *name)
{
	static unsigned char buf[MiB];
	int fd = open(path(name), O_RDWR | O_CREAT | O_TRUNC, 0600);
	size_t i;

	NEED(fd >= 0);
	for (i = 0; i < sizeof(buf); i++)
		buf[i] = (unsigned char)(i * 7 + i / 4096);
	NEED(pwrite(fd, buf, sizeof(buf), 0) == sizeof(buf));
	NEED(pwrite(fd, buf, 12345, 4 * MiB) == 12345);
	io_close(&fd);
}

static bool same(const char *a, const char *b, size_t len)
{
	char cmd[800];

	snprintf(cmd, sizeof(cmd), "cmp -n %zu '%s' '%s'", len, path(a), path(b));
	return !system(cmd);
}

static void told(uint64_t done, uint64_t total, void *arg)
{
	(void)arg;
	CHECK(done >= last_done && done <= total);
	last_done = done;
	last_total = total;
}

static struct copy copy_of(const char *from, const char *to, const char *to_format)
{
	last_done = last_total = 0;
	return (struct copy){
		.from = uri(from), .from_format = "raw", .to = uri(to), .to_format = to_format, .watch = -1,
		.told = told,
	};
}

TEST(all_bytes_and_no_more_blocks)
{
	struct copy c = (begin(), make_source("a"), copy_of("a", "b", "raw"));
	struct zkz_err err = { 0 };
	struct stat a, b;

	c.least = 8 * MiB;
	CHECK_INT(storage_copy(&c, &err), 0);
	CHECK(c.made);
	CHECK(same("a", "b", 4 * MiB + 12345));
	NEED(!stat(path("a"), &a) && !stat(path("b"), &b));
	CHECK_INT(b.st_size, 8 * MiB);
	CHECK(b.st_blocks <= a.st_blocks + 64);
	CHECK_INT(last_done, 4 * MiB + 12345);
	CHECK_INT(last_total, 4 * MiB + 12345);
	end();
}

TEST(what_is_there_is_left_alone)
{
	struct copy c = (begin(), make_source("a"), make_source("b"), copy_of("a", "b", "raw"));
	struct zkz_err err = { 0 };

	CHECK_INT(storage_copy(&c, &err), -1);
	CHECK(err_is(&err, ERR_STORAGE_EXISTS));
	CHECK(!c.made);
	CHECK(!access(path("b"), F_OK));
	end();
}

TEST(to_qcow2_and_back)
{
	struct copy c = (begin(), make_source("a"), copy_of("a", "b", "qcow2"));
	struct zkz_err err = { 0 };

	CHECK_INT(storage_copy(&c, &err), 0);
	CHECK(!same("a", "b", 4096));
	c = copy_of("b", "c", "raw");
	c.from_format = "qcow2";
	CHECK_INT(storage_copy(&c, &err), 0);
	CHECK(same("a", "c", 4 * MiB + 12345));
	/* An image is copied as it is. */
	c = copy_of("b", "d", "qcow2");
	c.from_format = "qcow2";
	CHECK_INT(storage_copy(&c, &err), 0);
	CHECK(same("b", "d", 64 << 10));
	/* Unless the disk in it is to be larger. */
	c = copy_of("b", "e", "qcow2");
	c.from_format = "qcow2";
	c.least = 16 * MiB;
	CHECK_INT(storage_copy(&c, &err), 0);
	CHECK(!same("b", "e", 64 << 10));
	end();
}

TEST(no_image_is_told_so)
{
	struct copy c = (begin(), make_source("a"), copy_of("a", "b", "raw"));
	struct zkz_err err = { 0 };

	c.from_format = "qcow2";
	CHECK_INT(storage_copy(&c, &err), -1);
	CHECK(err_is(&err, ERR_STORAGE_NOT_QCOW2));
	err_clear(&err);
	c.from = uri("missing");
	CHECK_INT(storage_copy(&c, &err), -1);
	CHECK(err_is(&err, ERR_STORAGE_MISSING));
	CHECK(access(path("b"), F_OK));
	end();
}

/* A file system that is full from the beginning. */
TEST(no_room)
{
	int from = (begin(), make_source("a"), open(path("a"), O_RDONLY)), full = open("/dev/full", O_WRONLY);
	struct copy c = copy_of("a", "b", "raw");
	struct zkz_err err = { 0 };

	NEED(from >= 0 && full >= 0);
	CHECK_INT(copy_verbatim(&c, from, full, 4 * MiB, true, &err), -1);
	CHECK(err_is(&err, ERR_STORAGE_COPY_WRITE));
	CHECK_HAS(err.text, "No space left");
	io_close(&from);
	io_close(&full);
	end();
}

/* Nobody waits for the end of what has none. */
TEST(given_up)
{
	int zero = (begin(), open("/dev/zero", O_RDONLY)), null = open("/dev/null", O_WRONLY), sv[2];
	struct copy c = copy_of("a", "b", "raw");
	struct zkz_err err = { 0 };

	NEED(zero >= 0 && null >= 0 && !socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv));
	shutdown(sv[1], SHUT_WR);
	c.watch = sv[0];
	c.told = NULL;
	CHECK_INT(copy_verbatim(&c, zero, null, 1ULL << 60, false, &err), -1);
	CHECK(err_is(&err, ERR_CANCELLED));
	io_close(&zero);
	io_close(&null);
	io_close(&sv[0]);
	io_close(&sv[1]);
	end();
}

TEST(percent)
{
	CHECK(convert_percent("    (0.00/100%)\r") == 0);
	CHECK(convert_percent("    (1.00/100%)\r    (42.50/100%)\r") == 42.5);
	CHECK(convert_percent("    (42.50/100%)\r    (43.") == 42.5);
	CHECK(convert_percent("    (100.00/100%)\r\n") == 100);
	CHECK(convert_percent("") < 0);
	CHECK(convert_percent("(") < 0);
	CHECK(convert_percent("qemu-img: no (such) thing") < 0);
	CHECK(convert_percent("(101/100%)") < 0);
	CHECK(convert_percent("(nan/100%)") < 0);
}

TEST(magic)
{
	unsigned char head[512] = { 0 };

	CHECK_INT(magic_of(head, sizeof(head)), MAGIC_NONE);
	CHECK_INT(magic_of(head, 0), MAGIC_NONE);
	memcpy(head, "\x1f\x8b", 2);
	CHECK_INT(magic_of(head, sizeof(head)), MAGIC_PACKED);
	CHECK_INT(magic_of(head, 1), MAGIC_NONE);
	memcpy(head, "\xfd\x37zXZ\0", 6);
	CHECK_INT(magic_of(head, sizeof(head)), MAGIC_PACKED);
	memcpy(head, "vhdxfile", 8);
	CHECK_INT(magic_of(head, sizeof(head)), MAGIC_FOREIGN);
	memset(head, 0, sizeof(head));
	memcpy(head + 64, "\x7f\x10\xda\xbe", 4);
	CHECK_INT(magic_of(head, sizeof(head)), MAGIC_FOREIGN);
	CHECK_INT(magic_of(head, 67), MAGIC_NONE);
}
