// SPDX-License-Identifier: GPL-2.0
/* Opening disks: what a path leads to, who may, and what hangs. Needs no root, but sees more with it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/aside.h"
#include "lib/io.h"
#include "storage/host.h"
#include "storage/look.h"
#include "unit.h"

/* Not in /tmp, which often is a tmpfs. */
static char dir[256];

static void begin(void)
{
	snprintf(dir, sizeof(dir), "/var/tmp/zkz-look.XXXXXX");
	NEED(mkdtemp(dir));
	NEED(!chmod(dir, 0755));
}

static void end(void)
{
	char cmd[300];

	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	NEED(!system(cmd));
}

static const char *at(const char *name)
{
	static char path[4][320];
	static int i;

	i = (i + 1) % 4;
	snprintf(path[i], sizeof(path[i]), "%s/%s", dir, name);
	return path[i];
}

static void make(const char *name, size_t len)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	size_t i;

	NEED(fd >= 0);
	for (i = 0; i < len; i++)
		NEED(write(fd, i % 4096 ? "x" : "A", 1) == 1);
	close(fd);
}

static int look(const char *name, int flags, struct look *l, struct zkz_err *err)
{
	const struct look_at where = { .path = at(name), .flags = flags };

	err_clear(err);
	return look_open(&where, l, err);
}

TEST(files_are_opened)
{
	const uint64_t places[] = { 4096, 0, 12288 };
	static unsigned char buf[3][2048];
	struct zkz_err err;
	struct look l;

	begin();
	make("disk", 9000);
	CHECK_INT(look("disk", O_RDWR, &l, &err), 0);
	CHECK_INT(l.size, 9000);
	CHECK(!l.block);
	CHECK_INT(l.head_len, LOOK_HEAD);
	CHECK_INT(l.head[0], 'A');
	CHECK(fcntl(l.fd, F_GETFD) & FD_CLOEXEC);
	CHECK_INT(look_blocks(l.fd, places, 3, 2048, buf, &err), 0);
	CHECK_INT(buf[0][0], 'A');
	CHECK_INT(buf[0][1], 'x');
	CHECK_INT(buf[1][0], 'A');
	CHECK_INT(buf[2][0], 0);
	io_close(&l.fd);
	CHECK_INT(look("none", O_RDWR, &l, &err), -1);
	CHECK_HAS(err.text, "none");
	CHECK(err.remedy[0]);
	end();
}

TEST(what_is_no_disk_is_refused)
{
	struct zkz_err err;
	struct look l;

	begin();
	NEED(!mkfifo(at("fifo"), 0600));
	CHECK_INT(look("fifo", O_RDWR, &l, &err), -1);
	CHECK_HAS(err.text, "neither a file nor a block device");
	CHECK_INT(look(".", O_RDONLY, &l, &err), -1);
	CHECK_HAS(err.text, "neither");
	end();
}

TEST(links_of_others_are_not_followed)
{
	struct zkz_err err;
	struct look l;

	begin();
	make("secret", 10);
	NEED(!mkdir(at("share"), 0777) && !chmod(at("share"), 0777));
	NEED(!symlink("../secret", at("share/disk")));
	NEED(!symlink("..", at("share/up")));
	CHECK_INT(look("share/disk", O_RDWR, &l, &err), -1);
	CHECK_HAS(err.text, "symbolic link");
	CHECK_INT(look("share/up/secret", O_RDWR, &l, &err), -1);
	CHECK_HAS(err.text, "symbolic link");
	NEED(!symlink("own", at("own")));
	CHECK_INT(look("own", O_RDWR, &l, &err), -1);
	end();
}

TEST(links_of_root_are)
{
	struct zkz_err err;
	struct look l;

	begin();
	make("disk", 10);
	NEED(!symlink("disk", at("short")));
	NEED(!symlink(at("short"), at("long")));
	if (!geteuid()) {
		CHECK_INT(look("long", O_RDWR, &l, &err), 0);
		CHECK_INT(l.size, 10);
		io_close(&l.fd);
		NEED(!lchown(at("short"), 1, 1));
	}
	CHECK_INT(look("long", O_RDWR, &l, &err), -1);
	CHECK_HAS(err.text, "symbolic link");
	end();
}

TEST(as_the_user_or_as_root)
{
	const struct spawn_user nobody = { .name = "nobody", .uid = 65534, .gid = 65534 };
	struct look_at where = { .flags = O_RDWR, .user = &nobody };
	struct stat before, after;
	struct zkz_err err;
	struct look l;

	if (geteuid())
		return;
	begin();
	make("roots", 10);
	NEED(!stat(at("roots"), &before));
	where.path = at("roots");
	CHECK_INT(look_open(&where, &l, &err), -1);
	CHECK_HAS(err.text, "User nobody");
	where.either = true;
	CHECK_INT(look_open(&where, &l, &err), 0);
	io_close(&l.fd);
	NEED(!stat(at("roots"), &after));
	CHECK_INT(after.st_uid, before.st_uid);
	CHECK_INT(after.st_mode, before.st_mode);
	CHECK_INT(after.st_ctim.tv_nsec, before.st_ctim.tv_nsec);
	end();
}

static void sleep_aside(int sock, const void *arg)
{
	(void)sock;
	(void)arg;
	for (;;)
		pause();
}

/* A lock is not held by what hangs, and nobody has to wait for it. */
TEST(aside_holds_nothing)
{
	int lock, again, sock;
	struct zkz_err err;
	char c;

	begin();
	make("lock", 0);
	lock = open(at("lock"), O_RDWR | O_CLOEXEC);
	NEED(!flock(lock, LOCK_EX));
	sock = aside(sleep_aside, NULL, 2, &err);
	NEED(sock >= 0);
	CHECK_INT(io_read(sock, &c, 1, deadline_in_ms(100)), -1);
	close(lock);
	again = open(at("lock"), O_RDWR | O_CLOEXEC);
	CHECK_INT(flock(again, LOCK_EX | LOCK_NB), 0);
	CHECK_INT(waitpid(-1, NULL, WNOHANG), -1);
	/* It ends by itself, and we hear of that. */
	CHECK_INT(io_read(sock, &c, 1, deadline_in_ms(30000)), 0);
	close(again);
	io_close(&sock);
	end();
}

TEST(hosts_that_are_us)
{
	struct zkz_err err = { 0 };

	CHECK_INT(host_is_us("127.0.0.1", &err), 1);
	CHECK_INT(host_is_us("127.9.9.9", &err), 1);
	CHECK_INT(host_is_us("::1", &err), 1);
	CHECK_INT(host_is_us("::ffff:127.0.0.1", &err), 1);
	CHECK_INT(host_is_us("0.0.0.0", &err), 1);
	CHECK_INT(host_is_us("localhost", &err), 1);
	CHECK_INT(host_is_us("192.0.2.1", &err), 0);
	CHECK_INT(host_is_us("2001:db8::1", &err), 0);
	CHECK_INT(host_is_us("no.such.host.invalid", &err), -1);
	CHECK(err.remedy[0]);
}

/* A disk has one key, whichever name of its server is used. */
TEST(hosts_have_one_text)
{
	char a[64], b[64];

	host_canonical("localhost", a, sizeof(a));
	host_canonical("127.0.0.1", b, sizeof(b));
	CHECK_STR(a, b);
	host_canonical("192.0.2.1", a, sizeof(a));
	CHECK_STR(a, "::ffff:192.0.2.1");
	host_canonical("2001:db8:0::1", a, sizeof(a));
	CHECK_STR(a, "2001:db8::1");
	host_canonical("No.Such.Host.invalid", a, sizeof(a));
	CHECK_STR(a, "no.such.host.invalid");
	host_canonical("no.such.host.with.a.long.name.that.does.not.fit.in.here.invalid", a, 8);
	CHECK_STR(a, "no.such");
}
