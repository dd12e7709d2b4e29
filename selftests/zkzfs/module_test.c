// SPDX-License-Identifier: GPL-2.0
/* The module comes and goes; what files took is given back. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "zkzharness.h"
#include "zkzmem.h"

#define FILE_BYTES	(64UL << 20)
#define SLACK_KB	(24L << 10)	/* what the rest of the machine may take or give meanwhile */
#define WAIT_MS		60000
#define RW		(PROT_READ | PROT_WRITE)

static void nap(void)
{
	const struct timespec ms50 = { .tv_nsec = 50000000 };

	nanosleep(&ms50, NULL);
}

FIXTURE(memory) {
};

FIXTURE_VARIANT(memory) {
	const char *options;
};

FIXTURE_VARIANT_ADD(memory, huge) {
	.options = NULL,
};

FIXTURE_VARIANT_ADD(memory, small) {
	.options = "huge=never",
};

FIXTURE_SETUP(memory)
{
	if (geteuid())
		SKIP(return, "mounting needs root");
	ASSERT_EQ(0, zkzmem_mount(variant->options));
}

FIXTURE_TEARDOWN(memory)
{
}

/* How much is free, once what earlier tests and the machine let go has arrived: it must stand still for a while. */
static long settled(void)
{
	long was = zkzmem_free_kb(), now;
	int ms, calm = 0;

	for (ms = 0; ms < WAIT_MS && calm < 6; ms += 50) {
		nap();
		now = zkzmem_free_kb();
		calm = labs(now - was) < 1024 ? calm + 1 : 0;
		was = now;
	}
	return was;
}

/* Waits until at least this much is free again. */
static bool freed(long kb)
{
	int ms;

	for (ms = 0; ms < WAIT_MS; ms += 50) {
		if (zkzmem_free_kb() >= kb)
			return true;
		nap();
	}
	return false;
}

TEST_F(memory, comes_back_after_unlink)
{
	long before = settled();
	char *mem;
	int fd, i;

	if (before < (long)(FILE_BYTES >> 10) + SLACK_KB)
		SKIP(return, "too little memory is free");
	/* More than once: a leak of a part would show in the sum. */
	for (i = 0; i < 3; i++) {
		fd = zkzmem_create("a", FILE_BYTES);
		ASSERT_LE(0, fd);
		mem = zkzmem_map(fd, FILE_BYTES, RW);
		ASSERT_NE(MAP_FAILED, mem);
		zkzmem_fill(mem, FILE_BYTES, 1);
		EXPECT_EQ((long)(FILE_BYTES >> 10), zkzmem_smaps(mem, "Rss"));
		ASSERT_EQ(0, unlink(zkzmem_path("a")));
		munmap(mem, FILE_BYTES);
		close(fd);
		EXPECT_TRUE(freed(before - SLACK_KB)) {
			TH_LOG("%ld kB were free before, %ld are", before, zkzmem_free_kb());
		}
	}
}

TEST_F(memory, comes_back_after_umount)
{
	long before = settled();
	int fd;

	if (before < (long)(FILE_BYTES >> 10) + SLACK_KB)
		SKIP(return, "too little memory is free");
	fd = zkzmem_create("a", FILE_BYTES);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fallocate(fd, 0, 0, FILE_BYTES));
	close(fd);
	ASSERT_EQ(0, zkzmem_umount_at(ZKZMEM_DIR));
	EXPECT_TRUE(freed(before - SLACK_KB));
}

TEST_F(memory, comes_back_after_a_mapper_was_killed)
{
	long before = settled();
	int fd, p[2], status;
	pid_t pid;
	char c;

	if (before < (long)(FILE_BYTES >> 10) + SLACK_KB)
		SKIP(return, "too little memory is free");
	fd = zkzmem_create("a", FILE_BYTES);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, unlink(zkzmem_path("a")));
	ASSERT_EQ(0, pipe(p));
	pid = fork();
	if (!pid) {
		char *mem = zkzmem_map(fd, FILE_BYTES, RW);

		for (;;) {
			zkzmem_fill(mem, FILE_BYTES, 1);
			if (write(p[1], "x", 1) != 1)
				_exit(1);
		}
	}
	close(fd);
	ASSERT_EQ(1, read(p[0], &c, 1));
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(freed(before - SLACK_KB));
}

/* The file that the module was loaded from. */
static const char *module_file(void)
{
	return getenv("ZKZ_KO");
}

static int module_users(void)
{
	int fd = open("/sys/module/zkz/refcnt", O_RDONLY | O_CLOEXEC);
	char n[16] = "";

	if (fd < 0)
		return -1;
	if (read(fd, n, sizeof(n) - 1) <= 0)
		n[0] = 0;
	close(fd);
	return atoi(n);
}

static int module_load(const char *parameters)
{
	int fd, ret;

	fd = open(module_file(), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ret = syscall(SYS_finit_module, fd, parameters, 0);
	close(fd);
	return ret;
}

/* What a mount or a file held may be let go a moment later. */
static int module_unload(void)
{
	int ms, ret = -1;

	for (ms = 0; ms < WAIT_MS; ms += 50) {
		ret = syscall(SYS_delete_module, "zkz", O_NONBLOCK);
		if (!ret || (errno != EBUSY && errno != EAGAIN && errno != EWOULDBLOCK))
			break;
		nap();
	}
	return ret;
}

FIXTURE(module) {
};

FIXTURE_SETUP(module)
{
	int ms;

	if (geteuid())
		SKIP(return, "loading modules needs root");
	for (ms = 0; ms < WAIT_MS && module_users() > 0; ms += 50)
		nap();
	if (module_users() > 0)
		SKIP(return, "the module is in use");
	if (!module_file())
		SKIP(return, "ZKZ_KO does not name the module file");
}

FIXTURE_TEARDOWN(module)
{
}

TEST_F(module, stays_while_mounted)
{
	int fd, i;

	ASSERT_EQ(0, zkzmem_mount(NULL));
	EXPECT_EQ(-1, syscall(SYS_delete_module, "zkz", O_NONBLOCK));
	fd = zkzmem_create("a", FILE_BYTES);
	ASSERT_LE(0, fd);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(-1, syscall(SYS_delete_module, "zkz", O_NONBLOCK));
		EXPECT_TRUE(errno == EBUSY || errno == EAGAIN);
	}
	/* Lazily unmounted, the file system still lives in the open file. */
	ASSERT_EQ(0, umount2(ZKZMEM_DIR, MNT_DETACH));
	EXPECT_EQ(-1, syscall(SYS_delete_module, "zkz", O_NONBLOCK));
	EXPECT_EQ(0, fallocate(fd, 0, 0, CHUNK_BYTES));
	close(fd);
}

/* Is there a line in the kernel's log with @text, from where @fd is? */
static bool kernel_says(int fd, const char *text)
{
	char line[1024];
	ssize_t n;

	for (;;) {
		n = read(fd, line, sizeof(line) - 1);
		if (n < 0 && errno == EPIPE)
			continue;
		if (n <= 0)
			return false;
		line[n] = 0;
		if (strstr(line, text))
			return true;
	}
}

/* One that is newer than all that were tested gets the module, because it passes the self-test, and is told of. */
TEST_F(module, tells_of_an_untested_kernel)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	ASSERT_LE(0, fd);
	lseek(fd, 0, SEEK_END);
	ASSERT_EQ(0, module_unload());
	ASSERT_EQ(0, module_load("untested=1"));
	EXPECT_TRUE(kernel_says(fd, "zkz: untested on Linux"));
	ASSERT_EQ(0, module_unload());
	ASSERT_EQ(0, module_load(""));
	EXPECT_FALSE(kernel_says(fd, "zkz: untested on Linux"));
	close(fd);
}

TEST_F(module, loads_again_and_again)
{
	int i, fd;
	char *mem;

	ASSERT_EQ(0, zkzmem_private_mounts());
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, zkzmem_mount_at(ZKZMEM_DIR, NULL));
		fd = zkzmem_create("a", 2 * CHUNK_BYTES);
		ASSERT_LE(0, fd);
		mem = zkzmem_map(fd, 2 * CHUNK_BYTES, RW);
		ASSERT_NE(MAP_FAILED, mem);
		zkzmem_fill(mem, 2 * CHUNK_BYTES, 1);
		close(fd);
		munmap(mem, 2 * CHUNK_BYTES);
		ASSERT_EQ(0, zkzmem_umount_at(ZKZMEM_DIR));
		ASSERT_EQ(0, module_unload());
		ASSERT_EQ(-1, zkzmem_mount_at(ZKZMEM_DIR, NULL));
		EXPECT_EQ(ENODEV, errno);
		ASSERT_EQ(0, module_load("")) {
			TH_LOG("%s: %s", module_file(), strerror(errno));
		}
	}
}

TEST_HARNESS_MAIN
