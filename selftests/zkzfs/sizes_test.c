// SPDX-License-Identifier: GPL-2.0
/* Sizes, holes and limits of zkzfs files. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/falloc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zkzharness.h"
#include "zkzmem.h"

#define CHUNKS		8
#define FILE_BYTES	(CHUNKS * CHUNK_BYTES)
#define RW		(PROT_READ | PROT_WRITE)
#define NOBODY		65534
#define PUNCH		(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)

/* Bytes that the file takes. */
static size_t taken(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? (size_t)-1 : (size_t)st.st_blocks * 512;
}

static size_t free_bytes(void)
{
	struct statfs fs;

	return statfs(ZKZMEM_DIR, &fs) ? 0 : (size_t)fs.f_bfree * fs.f_bsize;
}

FIXTURE(sizes) {
	int fd;
};

FIXTURE_VARIANT(sizes) {
	const char *options;
	bool huge;
};

FIXTURE_VARIANT_ADD(sizes, huge) {
	.options = "size=64M",
	.huge = true,
};

FIXTURE_VARIANT_ADD(sizes, small) {
	.options = "size=64M,huge=never",
};

FIXTURE_SETUP(sizes)
{
	if (geteuid())
		SKIP(return, "mounting needs root");
	ASSERT_EQ(0, zkzmem_mount(variant->options));
	self->fd = zkzmem_create("a", FILE_BYTES);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(sizes)
{
	close(self->fd);
}

TEST_F(sizes, truncate_wants_whole_chunks)
{
	static const off_t bad[] = { 1, PAGE_BYTES, CHUNK_BYTES - PAGE_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES / 2 };
	struct stat st;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT_EQ(-1, ftruncate(self->fd, bad[i]));
		EXPECT_EQ(EINVAL, errno);
	}
	ASSERT_EQ(0, fstat(self->fd, &st));
	EXPECT_EQ((off_t)FILE_BYTES, st.st_size);
	EXPECT_EQ(0, ftruncate(self->fd, CHUNK_BYTES));
	EXPECT_EQ(0, ftruncate(self->fd, 0));
	EXPECT_EQ(0, ftruncate(self->fd, 3 * CHUNK_BYTES));
	ASSERT_EQ(0, fstat(self->fd, &st));
	EXPECT_EQ((off_t)(3 * CHUNK_BYTES), st.st_size);
}

TEST_F(sizes, truncate_refused_while_mapped)
{
	char *mem = zkzmem_map(self->fd, CHUNK_BYTES, RW);
	struct stat st;

	ASSERT_NE(MAP_FAILED, mem);
	EXPECT_EQ(-1, ftruncate(self->fd, FILE_BYTES - CHUNK_BYTES));
	EXPECT_EQ(-1, ftruncate(self->fd, 0));
	EXPECT_EQ(-1, open(zkzmem_path("a"), O_RDWR | O_TRUNC));
	ASSERT_EQ(0, fstat(self->fd, &st));
	EXPECT_EQ((off_t)FILE_BYTES, st.st_size);
	munmap(mem, CHUNK_BYTES);
	EXPECT_EQ(0, ftruncate(self->fd, CHUNK_BYTES));
}

TEST_F(sizes, truncate_gives_memory_back)
{
	size_t free_before = free_bytes();
	char *mem = zkzmem_map(self->fd, FILE_BYTES, RW);

	ASSERT_NE(MAP_FAILED, mem);
	EXPECT_EQ(0, taken(self->fd));
	zkzmem_fill(mem, FILE_BYTES, 1);
	EXPECT_EQ(FILE_BYTES, taken(self->fd));
	EXPECT_EQ(free_before - FILE_BYTES, free_bytes());
	munmap(mem, FILE_BYTES);

	ASSERT_EQ(0, ftruncate(self->fd, 2 * CHUNK_BYTES));
	EXPECT_EQ(2 * CHUNK_BYTES, taken(self->fd));
	ASSERT_EQ(0, ftruncate(self->fd, FILE_BYTES));
	mem = zkzmem_map(self->fd, FILE_BYTES, PROT_READ);
	ASSERT_NE(MAP_FAILED, mem);
	EXPECT_EQ(0, zkzmem_check(mem, 2 * CHUNK_BYTES, 1));
	EXPECT_EQ(0, zkzmem_nonzero(mem + 2 * CHUNK_BYTES, FILE_BYTES - 2 * CHUNK_BYTES));
	munmap(mem, FILE_BYTES);
	ASSERT_EQ(0, ftruncate(self->fd, 0));
	EXPECT_EQ(free_before, free_bytes());
}

TEST_F(sizes, first_write_takes_one_unit)
{
	char *mem = zkzmem_map(self->fd, FILE_BYTES, RW);

	ASSERT_NE(MAP_FAILED, mem);
	mem[3 * CHUNK_BYTES + 5 * PAGE_BYTES] = 1;
	EXPECT_EQ(variant->huge ? CHUNK_BYTES : PAGE_BYTES, taken(self->fd));
}

TEST_F(sizes, reading_holes_takes_nothing)
{
	static char buf[CHUNK_BYTES];

	memset(buf, 1, sizeof(buf));
	ASSERT_EQ((ssize_t)sizeof(buf), pread(self->fd, buf, sizeof(buf), CHUNK_BYTES));
	EXPECT_EQ(0, zkzmem_nonzero(buf, sizeof(buf)));
	EXPECT_EQ(0, taken(self->fd));
}

TEST_F(sizes, seek_data_and_hole)
{
	char *mem = zkzmem_map(self->fd, FILE_BYTES, RW);
	off_t unit = variant->huge ? CHUNK_BYTES : PAGE_BYTES;
	off_t second = 2 * CHUNK_BYTES, fifth = 5 * CHUNK_BYTES;

	ASSERT_NE(MAP_FAILED, mem);
	EXPECT_EQ(-1, lseek(self->fd, 0, SEEK_DATA));
	EXPECT_EQ(ENXIO, errno);
	EXPECT_EQ(0, lseek(self->fd, 0, SEEK_HOLE));

	mem[second] = 1;
	mem[fifth] = 1;
	EXPECT_EQ(second, lseek(self->fd, 0, SEEK_DATA));
	EXPECT_EQ(second + unit, lseek(self->fd, second, SEEK_HOLE));
	EXPECT_EQ(fifth, lseek(self->fd, second + unit, SEEK_DATA));
	EXPECT_EQ(fifth + unit, lseek(self->fd, fifth + 7, SEEK_HOLE));
	EXPECT_EQ(-1, lseek(self->fd, fifth + unit, SEEK_DATA));
	EXPECT_EQ(ENXIO, errno);
	EXPECT_EQ(-1, lseek(self->fd, FILE_BYTES, SEEK_HOLE));
	EXPECT_EQ(ENXIO, errno);

	mem[FILE_BYTES - 1] = 1;
	EXPECT_EQ((off_t)FILE_BYTES, lseek(self->fd, FILE_BYTES - 1, SEEK_HOLE));
	EXPECT_EQ((off_t)FILE_BYTES, lseek(self->fd, 0, SEEK_END));
}

TEST_F(sizes, preallocate)
{
	char *mem;

	ASSERT_EQ(0, fallocate(self->fd, 0, CHUNK_BYTES, 2 * CHUNK_BYTES));
	EXPECT_EQ(2 * CHUNK_BYTES, taken(self->fd));
	EXPECT_EQ((off_t)CHUNK_BYTES, lseek(self->fd, 0, SEEK_DATA));
	EXPECT_EQ((off_t)(3 * CHUNK_BYTES), lseek(self->fd, CHUNK_BYTES, SEEK_HOLE));

	mem = zkzmem_map(self->fd, FILE_BYTES, RW);
	ASSERT_NE(MAP_FAILED, mem);
	EXPECT_EQ(0, zkzmem_nonzero(mem + CHUNK_BYTES, 2 * CHUNK_BYTES));
	zkzmem_fill(mem + CHUNK_BYTES, CHUNK_BYTES, 3);
	/* What is there already stays. */
	ASSERT_EQ(0, fallocate(self->fd, 0, 0, FILE_BYTES));
	EXPECT_EQ(FILE_BYTES, taken(self->fd));
	EXPECT_EQ(0, zkzmem_check(mem + CHUNK_BYTES, CHUNK_BYTES, 3));
}

TEST_F(sizes, punch_whole_chunks)
{
	char *mem = zkzmem_map(self->fd, FILE_BYTES, RW);
	size_t free_before = free_bytes();

	ASSERT_NE(MAP_FAILED, mem);
	zkzmem_fill(mem, FILE_BYTES, 1);
	ASSERT_EQ(0, fallocate(self->fd, PUNCH, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES));
	EXPECT_EQ(FILE_BYTES - 3 * CHUNK_BYTES, taken(self->fd));
	EXPECT_EQ(free_before - FILE_BYTES + 3 * CHUNK_BYTES, free_bytes());
	EXPECT_EQ((off_t)(2 * CHUNK_BYTES), lseek(self->fd, 0, SEEK_HOLE));
	EXPECT_EQ((off_t)(5 * CHUNK_BYTES), lseek(self->fd, 2 * CHUNK_BYTES, SEEK_DATA));
	EXPECT_EQ(0, zkzmem_check(mem, 2 * CHUNK_BYTES, 1));
	EXPECT_EQ(0, zkzmem_nonzero(mem + 2 * CHUNK_BYTES, 3 * CHUNK_BYTES));

	/* And it can be written again. */
	zkzmem_fill(mem + 2 * CHUNK_BYTES, CHUNK_BYTES, 2);
	EXPECT_EQ(0, zkzmem_check(mem + 2 * CHUNK_BYTES, CHUNK_BYTES, 2));
}

TEST_F(sizes, punch_parts_of_chunks)
{
	char *mem = zkzmem_map(self->fd, FILE_BYTES, RW);
	size_t from = CHUNK_BYTES + 7 * PAGE_BYTES, len = 2 * CHUNK_BYTES;
	static char want[FILE_BYTES];

	ASSERT_NE(MAP_FAILED, mem);
	zkzmem_fill(mem, FILE_BYTES, 1);
	zkzmem_fill(want, FILE_BYTES, 1);
	ASSERT_EQ(0, fallocate(self->fd, PUNCH, from, len));
	memset(want + from, 0, len);
	/* The chunk in the middle is whole: at least it is given back. Looking at it through the mapping takes it. */
	EXPECT_GE(FILE_BYTES - CHUNK_BYTES, taken(self->fd));
	EXPECT_EQ(0, memcmp(mem, want, FILE_BYTES));

	/* Parts of pages are zeroed. */
	ASSERT_EQ(0, fallocate(self->fd, PUNCH, 100, 10000));
	memset(want + 100, 0, 10000);
	EXPECT_EQ(0, memcmp(mem, want, FILE_BYTES));
}

/* As a balloon does: what is left of a chunk stays what it was, and the rest is given back. */
TEST_F(sizes, punch_page_by_page)
{
	char *mem = zkzmem_map(self->fd, FILE_BYTES, RW);
	size_t free_before = free_bytes(), at, gone = 0;
	static char want[FILE_BYTES];

	ASSERT_NE(MAP_FAILED, mem);
	zkzmem_fill(mem, FILE_BYTES, 1);
	zkzmem_fill(want, FILE_BYTES, 1);
	for (at = CHUNK_BYTES; at < 2 * CHUNK_BYTES; at += 3 * PAGE_BYTES, gone += PAGE_BYTES) {
		ASSERT_EQ(0, fallocate(self->fd, PUNCH, at, PAGE_BYTES));
		memset(want + at, 0, PAGE_BYTES);
	}
	EXPECT_EQ(FILE_BYTES - gone, taken(self->fd));
	EXPECT_EQ(free_before - FILE_BYTES + gone, free_bytes());
	EXPECT_EQ(0, memcmp(mem, want, FILE_BYTES));
	/* What was read is there again. */
	EXPECT_EQ(FILE_BYTES, taken(self->fd));
	memset(mem + CHUNK_BYTES, 5, 3 * PAGE_BYTES);
	memset(want + CHUNK_BYTES, 5, 3 * PAGE_BYTES);
	EXPECT_EQ(0, memcmp(mem, want, FILE_BYTES));
	for (at = CHUNK_BYTES; at < 2 * CHUNK_BYTES; at += PAGE_BYTES)
		ASSERT_EQ(0, fallocate(self->fd, PUNCH, at, PAGE_BYTES));
	EXPECT_EQ(FILE_BYTES - CHUNK_BYTES, taken(self->fd));
	EXPECT_EQ((off_t)CHUNK_BYTES, lseek(self->fd, 0, SEEK_HOLE));
	/* Empty again, it can be one huge page again. */
	EXPECT_EQ(0, zkzmem_nonzero(mem + CHUNK_BYTES, CHUNK_BYTES));
	EXPECT_EQ(FILE_BYTES, taken(self->fd));
}

TEST_F(sizes, madv_remove)
{
	char *mem = zkzmem_map(self->fd, FILE_BYTES, RW);
	static char want[FILE_BYTES];

	ASSERT_NE(MAP_FAILED, mem);
	zkzmem_fill(mem, FILE_BYTES, 1);
	zkzmem_fill(want, FILE_BYTES, 1);
	ASSERT_EQ(0, madvise(mem + CHUNK_BYTES, CHUNK_BYTES, MADV_REMOVE));
	memset(want + CHUNK_BYTES, 0, CHUNK_BYTES);
	ASSERT_EQ(0, madvise(mem + 3 * CHUNK_BYTES + PAGE_BYTES, 9 * PAGE_BYTES, MADV_REMOVE));
	memset(want + 3 * CHUNK_BYTES + PAGE_BYTES, 0, 9 * PAGE_BYTES);
	EXPECT_EQ((off_t)CHUNK_BYTES, lseek(self->fd, 0, SEEK_HOLE));
	EXPECT_EQ(0, memcmp(mem, want, FILE_BYTES));
}

TEST_F(sizes, bad_fallocate_refused)
{
	struct stat st;

	EXPECT_EQ(-1, fallocate(self->fd, FALLOC_FL_COLLAPSE_RANGE, 0, CHUNK_BYTES));
	EXPECT_EQ(EOPNOTSUPP, errno);
	EXPECT_EQ(-1, fallocate(self->fd, FALLOC_FL_INSERT_RANGE, 0, CHUNK_BYTES));
	EXPECT_EQ(EOPNOTSUPP, errno);
	/* Behind the end there is nothing to punch; the size stays. */
	fallocate(self->fd, PUNCH, FILE_BYTES, CHUNK_BYTES);
	ASSERT_EQ(0, fstat(self->fd, &st));
	EXPECT_EQ((off_t)FILE_BYTES, st.st_size);
}

/* In a child without any rights of root: what @try returns is its exit code. */
static int as_nobody(int (*try)(const char *path), const char *path)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY))
			_exit(100);
		_exit(try(path));
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* A VMM that is out of its mind: everything that would make its file larger, or so small that it could begin anew. */
static int try_sizes(const char *path)
{
	int fd = open(path, O_RDWR), bad = 0;

	if (fd < 0)
		return 101;
	bad += !ftruncate(fd, 2 * FILE_BYTES) || errno != EPERM;
	bad += !ftruncate(fd, CHUNK_BYTES) || errno != EPERM;
	bad += !ftruncate(fd, 0) || errno != EPERM;
	bad += open(path, O_RDWR | O_TRUNC) >= 0 || errno != EPERM;
	bad += !fallocate(fd, 0, FILE_BYTES, CHUNK_BYTES) || errno != EPERM;
	bad += !fallocate(fd, 0, 0, 2 * FILE_BYTES) || errno != EPERM;
	/* what it may do with what it has */
	bad += ftruncate(fd, FILE_BYTES) != 0;
	bad += fallocate(fd, 0, 0, CHUNK_BYTES) != 0;
	bad += fallocate(fd, PUNCH, 0, FILE_BYTES) != 0;
	return bad;
}

TEST_F(sizes, owner_cannot_change_it)
{
	struct stat st;

	ASSERT_EQ(0, fchown(self->fd, NOBODY, NOBODY));
	EXPECT_EQ(0, as_nobody(try_sizes, zkzmem_path("a")));
	ASSERT_EQ(0, fstat(self->fd, &st));
	EXPECT_EQ((off_t)FILE_BYTES, st.st_size);
	EXPECT_EQ(0, taken(self->fd));
	/* who has the right still can */
	EXPECT_EQ(0, ftruncate(self->fd, 2 * FILE_BYTES));
}

/* Who may make files gives them their size, once. */
static int try_new(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600), bad = 0;

	if (fd < 0)
		return 101;
	bad += fallocate(fd, 0, 0, 1UL << 30) != -1 || errno != ENOSPC;
	bad += ftruncate(fd, FILE_BYTES) != 0;
	bad += !ftruncate(fd, 2 * FILE_BYTES) || errno != EPERM;
	return bad;
}

TEST_F(sizes, maker_sets_it_once)
{
	ASSERT_EQ(0, mkdir(zkzmem_path("d"), 0777));
	ASSERT_EQ(0, chown(zkzmem_path("d"), NOBODY, NOBODY));
	EXPECT_EQ(0, as_nobody(try_new, zkzmem_path("d/new")));
}

/* Without a limit of its own, a mount leaves a tenth of the machine to everybody else. */
TEST(limit_by_default)
{
	unsigned long ram = sysconf(_SC_PHYS_PAGES) * PAGE_BYTES;
	struct statfs fs;

	if (geteuid())
		SKIP(return, "mounting needs root");
	ASSERT_EQ(0, zkzmem_mount(NULL));
	ASSERT_EQ(0, statfs(ZKZMEM_DIR, &fs));
	EXPECT_EQ(ram / 10 * 9 / CHUNK_BYTES, fs.f_blocks * fs.f_bsize / CHUNK_BYTES);
	EXPECT_EQ(0, fs.f_blocks * fs.f_bsize % CHUNK_BYTES);
	ASSERT_EQ(0, mount(NULL, ZKZMEM_DIR, NULL, MS_REMOUNT, "size=0"));
	ASSERT_EQ(0, statfs(ZKZMEM_DIR, &fs));
	EXPECT_EQ(ram, fs.f_blocks * fs.f_bsize);
}

FIXTURE(limit) {
	int fd;
};

FIXTURE_VARIANT(limit) {
	const char *options;
};

FIXTURE_VARIANT_ADD(limit, huge) {
	.options = "size=8M",
};

FIXTURE_VARIANT_ADD(limit, small) {
	.options = "size=8M,huge=never",
};

FIXTURE_SETUP(limit)
{
	if (geteuid())
		SKIP(return, "mounting needs root");
	ASSERT_EQ(0, zkzmem_mount(variant->options));
	self->fd = zkzmem_create("a", FILE_BYTES);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(limit)
{
	close(self->fd);
}

TEST_F(limit, fallocate_says_enospc)
{
	EXPECT_EQ(8UL << 20, free_bytes());
	EXPECT_EQ(-1, fallocate(self->fd, 0, 0, FILE_BYTES));
	EXPECT_EQ(ENOSPC, errno);
	ASSERT_EQ(0, fallocate(self->fd, PUNCH, 0, FILE_BYTES));
	EXPECT_EQ(8UL << 20, free_bytes());
	EXPECT_EQ(0, fallocate(self->fd, 0, 0, 8 << 20));
	EXPECT_EQ(0, free_bytes());
}

TEST_F(limit, fault_gets_sigbus)
{
	char *mem = zkzmem_map(self->fd, FILE_BYTES, RW);
	size_t at;

	ASSERT_NE(MAP_FAILED, mem);
	for (at = 0; at < 8UL << 20; at += PAGE_BYTES) {
		ASSERT_FALSE(zkzmem_touch_faults(mem + at, true));
	}
	EXPECT_TRUE(zkzmem_touch_faults(mem + at, true));
	EXPECT_FALSE(zkzmem_touch_faults(mem, true));

	/* Room made is room found. */
	ASSERT_EQ(0, fallocate(self->fd, PUNCH, 0, CHUNK_BYTES));
	EXPECT_FALSE(zkzmem_touch_faults(mem + at, true));
}

TEST_F(limit, files_share_it)
{
	int fd = zkzmem_create("b", FILE_BYTES);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fallocate(self->fd, 0, 0, 6 << 20));
	EXPECT_EQ(-1, fallocate(fd, 0, 0, 4 << 20));
	EXPECT_EQ(ENOSPC, errno);
	ASSERT_EQ(0, unlink(zkzmem_path("a")));
	close(self->fd);
	self->fd = -1;
	EXPECT_EQ(0, fallocate(fd, 0, 0, 4 << 20));
}

/* Where a huge page is too much, single ones do; a chunk keeps the kind it began with. */
TEST(limit_that_has_no_room_for_a_huge_page)
{
	char *mem;
	int fd;

	if (geteuid())
		SKIP(return, "mounting needs root");
	ASSERT_EQ(0, zkzmem_mount("size=3M"));
	fd = zkzmem_create("a", 4 * CHUNK_BYTES);
	ASSERT_LE(0, fd);
	mem = zkzmem_map(fd, 4 * CHUNK_BYTES, RW);
	ASSERT_NE(MAP_FAILED, mem);
	mem[0] = 1;
	EXPECT_EQ(CHUNK_BYTES, taken(fd));
	mem[CHUNK_BYTES] = 2;
	EXPECT_EQ(CHUNK_BYTES + PAGE_BYTES, taken(fd));
	EXPECT_EQ((long)(CHUNK_BYTES >> 10), zkzmem_smaps(mem, "FilePmdMapped"));
	ASSERT_EQ(0, fallocate(fd, PUNCH, 0, CHUNK_BYTES));
	zkzmem_fill(mem + CHUNK_BYTES, CHUNK_BYTES, 3);
	EXPECT_EQ(CHUNK_BYTES, taken(fd));
	EXPECT_EQ(0, zkzmem_smaps(mem, "FilePmdMapped"));
	EXPECT_EQ(0, zkzmem_check(mem + CHUNK_BYTES, CHUNK_BYTES, 3));
	ASSERT_EQ(0, fallocate(fd, PUNCH, CHUNK_BYTES, CHUNK_BYTES));
	EXPECT_EQ(0, taken(fd));
	mem[CHUNK_BYTES] = 4;
	EXPECT_EQ(CHUNK_BYTES, taken(fd));
}

TEST_HARNESS_MAIN
