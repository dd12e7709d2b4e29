// SPDX-License-Identifier: GPL-2.0
/* Mappings of zkzfs files: 2 MiB and 4 KiB, shared and private, several mappers. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zkzharness.h"
#include "zkzmem.h"

#define CHUNKS		8
#define FILE_BYTES	(CHUNKS * CHUNK_BYTES)
#define RW		(PROT_READ | PROT_WRITE)
#define KB(bytes)	((long)((bytes) >> 10))

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ	22
#define MADV_POPULATE_WRITE	23
#endif

FIXTURE(maps) {
	int fd;
	char *mem;
};

FIXTURE_VARIANT(maps) {
	const char *options;
	bool huge;
};

FIXTURE_VARIANT_ADD(maps, huge) {
	.options = NULL,
	.huge = true,
};

FIXTURE_VARIANT_ADD(maps, small) {
	.options = "huge=never",
};

FIXTURE_SETUP(maps)
{
	if (geteuid())
		SKIP(return, "mounting needs root");
	ASSERT_EQ(0, zkzmem_mount(variant->options));
	self->fd = zkzmem_create("a", FILE_BYTES);
	ASSERT_LE(0, self->fd);
	self->mem = zkzmem_map(self->fd, FILE_BYTES, RW);
	ASSERT_NE(MAP_FAILED, self->mem);
}

FIXTURE_TEARDOWN(maps)
{
	close(self->fd);
}

/* In a child that maps the file for itself: is this chunk filled with this? Fills it with @then. */
static bool child_sees(int fd, size_t chunk, uint64_t seed, uint64_t then)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		char *mem = zkzmem_map(fd, FILE_BYTES, RW);
		bool good;

		if (mem == MAP_FAILED)
			_exit(2);
		good = !zkzmem_check(mem + chunk * CHUNK_BYTES, CHUNK_BYTES, seed);
		zkzmem_fill(mem + chunk * CHUNK_BYTES, CHUNK_BYTES, then);
		_exit(!good);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

TEST_F(maps, written_memory_is_mapped_by_2m)
{
	zkzmem_fill(self->mem, FILE_BYTES, 1);
	EXPECT_EQ(0, zkzmem_check(self->mem, FILE_BYTES, 1));
	EXPECT_EQ(KB(FILE_BYTES), zkzmem_smaps(self->mem, "Rss"));
	EXPECT_EQ(variant->huge ? KB(FILE_BYTES) : 0, zkzmem_smaps(self->mem, "FilePmdMapped"));
}

TEST_F(maps, one_touch_maps_a_chunk)
{
	self->mem[2 * CHUNK_BYTES + 77] = 1;
	EXPECT_EQ(KB(variant->huge ? CHUNK_BYTES : PAGE_BYTES), zkzmem_smaps(self->mem, "Rss"));
	EXPECT_EQ(0, zkzmem_nonzero(self->mem + 2 * CHUNK_BYTES + PAGE_BYTES, CHUNK_BYTES - PAGE_BYTES));
}

TEST_F(maps, populate)
{
	ASSERT_EQ(0, madvise(self->mem, FILE_BYTES, MADV_POPULATE_WRITE));
	EXPECT_EQ(KB(FILE_BYTES), zkzmem_smaps(self->mem, "Rss"));
	EXPECT_EQ(variant->huge ? KB(FILE_BYTES) : 0, zkzmem_smaps(self->mem, "FilePmdMapped"));
	EXPECT_EQ(0, zkzmem_nonzero(self->mem, FILE_BYTES));
}

TEST_F(maps, mapping_that_is_not_aligned_works)
{
	char *mem = zkzmem_map_at(self->fd, PAGE_BYTES, FILE_BYTES - PAGE_BYTES, RW, MAP_SHARED);

	ASSERT_NE(MAP_FAILED, mem);
	zkzmem_fill(mem, CHUNK_BYTES, 1);
	EXPECT_EQ(0, zkzmem_smaps(mem, "FilePmdMapped"));
	EXPECT_EQ(0, zkzmem_check(self->mem + PAGE_BYTES, CHUNK_BYTES, 1));
	EXPECT_EQ(0, zkzmem_nonzero(self->mem, PAGE_BYTES));
}

TEST_F(maps, read_only_mapping)
{
	char *ro = zkzmem_map(self->fd, FILE_BYTES, PROT_READ);
	static char copy[CHUNK_BYTES];
	int fd;

	ASSERT_NE(MAP_FAILED, ro);
	zkzmem_fill(self->mem, CHUNK_BYTES, 1);
	EXPECT_EQ(0, zkzmem_check(ro, CHUNK_BYTES, 1));
	EXPECT_TRUE(zkzmem_touch_faults(ro, true));
	zkzmem_fill(self->mem, CHUNK_BYTES, 2);
	EXPECT_EQ(0, zkzmem_check(ro, CHUNK_BYTES, 2));

	/* Who cannot write does not map, see zkz_mmap(): what he wants to know he reads. */
	fd = open(zkzmem_path("a"), O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(MAP_FAILED, zkzmem_map(fd, FILE_BYTES, RW));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(MAP_FAILED, zkzmem_map(fd, FILE_BYTES, PROT_READ));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(MAP_FAILED, zkzmem_map(fd, FILE_BYTES, PROT_NONE));
	EXPECT_EQ(EACCES, errno);
	ASSERT_EQ((ssize_t)sizeof(copy), pread(fd, copy, sizeof(copy), 0));
	EXPECT_EQ(0, memcmp(copy, ro, sizeof(copy)));
	close(fd);
}

TEST_F(maps, behind_the_end)
{
	char *mem = zkzmem_map(self->fd, FILE_BYTES + CHUNK_BYTES, RW);

	ASSERT_NE(MAP_FAILED, mem);
	EXPECT_FALSE(zkzmem_touch_faults(mem + FILE_BYTES - 1, true));
	EXPECT_TRUE(zkzmem_touch_faults(mem + FILE_BYTES, true));
	EXPECT_TRUE(zkzmem_touch_faults(mem + FILE_BYTES, false));
}

/* What is written to a private copy is not the zone's memory, and would look as if it were. */
TEST_F(maps, private_mapping_is_refused)
{
	EXPECT_EQ(MAP_FAILED, zkzmem_map_at(self->fd, 0, FILE_BYTES, RW, MAP_PRIVATE));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(MAP_FAILED, zkzmem_map_at(self->fd, 0, FILE_BYTES, PROT_READ, MAP_PRIVATE));
	EXPECT_EQ(EINVAL, errno);
}

/* A child of the VMM (a helper it runs) has no business in the guest's memory. */
TEST_F(maps, fork_does_not_inherit)
{
	int status;
	pid_t pid;

	zkzmem_fill(self->mem, FILE_BYTES, 1);
	pid = fork();
	if (!pid) {
		/* The address may be free, or somebody else's, but never the file. */
		if (zkzmem_smaps(self->mem, "Rss") >= 0)
			_exit(1);
		_exit(!zkzmem_touch_faults(self->mem, false));
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(0, zkzmem_check(self->mem, FILE_BYTES, 1));
	EXPECT_EQ(variant->huge ? KB(FILE_BYTES) : 0, zkzmem_smaps(self->mem, "FilePmdMapped"));
}

TEST_F(maps, two_mappings_of_one_process)
{
	char *other = zkzmem_map(self->fd, FILE_BYTES, RW);

	ASSERT_NE(MAP_FAILED, other);
	zkzmem_fill(self->mem, FILE_BYTES, 1);
	EXPECT_EQ(0, zkzmem_check(other, FILE_BYTES, 1));
	EXPECT_EQ(variant->huge ? KB(FILE_BYTES) : 0, zkzmem_smaps(other, "FilePmdMapped"));
	zkzmem_fill(other + CHUNK_BYTES, CHUNK_BYTES, 2);
	EXPECT_EQ(0, zkzmem_check(self->mem + CHUNK_BYTES, CHUNK_BYTES, 2));
	munmap(other, FILE_BYTES);
	EXPECT_EQ(0, zkzmem_check(self->mem, CHUNK_BYTES, 1));
}

TEST_F(maps, several_processes)
{
	zkzmem_fill(self->mem, FILE_BYTES, 1);
	EXPECT_TRUE(child_sees(self->fd, 0, 1, 10));
	EXPECT_TRUE(child_sees(self->fd, 0, 10, 11));
	EXPECT_EQ(0, zkzmem_check(self->mem, CHUNK_BYTES, 11));
	munmap(self->mem, FILE_BYTES);
	EXPECT_TRUE(child_sees(self->fd, 0, 11, 12));
}

TEST_F(maps, part_unmapped)
{
	zkzmem_fill(self->mem, FILE_BYTES, 1);
	ASSERT_EQ(0, munmap(self->mem + CHUNK_BYTES + PAGE_BYTES, PAGE_BYTES));
	EXPECT_TRUE(zkzmem_touch_faults(self->mem + CHUNK_BYTES + PAGE_BYTES, false));
	EXPECT_FALSE(zkzmem_touch_faults(self->mem + CHUNK_BYTES, true));
	EXPECT_FALSE(zkzmem_touch_faults(self->mem + CHUNK_BYTES + 2 * PAGE_BYTES, false));
	self->mem = zkzmem_map(self->fd, FILE_BYTES, PROT_READ);
	ASSERT_NE(MAP_FAILED, self->mem);
	EXPECT_EQ(0, zkzmem_check(self->mem, CHUNK_BYTES, 1));
}

TEST_F(maps, protection_changes)
{
	zkzmem_fill(self->mem, FILE_BYTES, 1);
	ASSERT_EQ(0, mprotect(self->mem + PAGE_BYTES, PAGE_BYTES, PROT_READ));
	EXPECT_TRUE(zkzmem_touch_faults(self->mem + PAGE_BYTES, true));
	EXPECT_FALSE(zkzmem_touch_faults(self->mem, false));
	ASSERT_EQ(0, mprotect(self->mem + PAGE_BYTES, PAGE_BYTES, RW));
	zkzmem_fill(self->mem, CHUNK_BYTES, 2);
	EXPECT_EQ(0, zkzmem_check(self->mem, CHUNK_BYTES, 2));
	ASSERT_EQ(0, mprotect(self->mem, FILE_BYTES, PROT_NONE));
	ASSERT_EQ(0, mprotect(self->mem, FILE_BYTES, RW));
	EXPECT_EQ(0, zkzmem_check(self->mem, CHUNK_BYTES, 2));
}

TEST_F(maps, moved)
{
	char *room = mmap(NULL, FILE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *mem;

	zkzmem_fill(self->mem, FILE_BYTES, 1);
	mem = mremap(self->mem, FILE_BYTES, FILE_BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, room);
	ASSERT_EQ(room, mem);
	EXPECT_EQ(0, zkzmem_check(mem, FILE_BYTES, 1));
	zkzmem_fill(mem, FILE_BYTES, 2);
	EXPECT_EQ(0, zkzmem_check(mem, FILE_BYTES, 2));
	self->mem = zkzmem_map(self->fd, FILE_BYTES, PROT_READ);
	EXPECT_EQ(0, zkzmem_check(self->mem, FILE_BYTES, 2));
}

TEST_F(maps, dropped_and_touched_again)
{
	zkzmem_fill(self->mem, FILE_BYTES, 1);
	ASSERT_EQ(0, madvise(self->mem, FILE_BYTES, MADV_DONTNEED));
	EXPECT_EQ(0, zkzmem_smaps(self->mem, "Rss"));
	EXPECT_EQ(0, zkzmem_check(self->mem, FILE_BYTES, 1));
	EXPECT_EQ(variant->huge ? KB(FILE_BYTES) : 0, zkzmem_smaps(self->mem, "FilePmdMapped"));
}

TEST_F(maps, first_touch_by_many_threads_at_once)
{
	int i, status, bad = 0;

	/* Processes: every one maps, so that folios and page tables are raced for. */
	for (i = 0; i < 4; i++) {
		if (!fork()) {
			char *mem = zkzmem_map(self->fd, FILE_BYTES, RW);
			size_t at;

			for (at = 0; at < FILE_BYTES; at += PAGE_BYTES)
				mem[at + i] = i + 1;
			_exit(0);
		}
	}
	while (wait(&status) > 0)
		bad += status != 0;
	EXPECT_EQ(0, bad);
	for (bad = 0, i = 0; i < (int)(FILE_BYTES / PAGE_BYTES); i++)
		bad += memcmp(self->mem + i * PAGE_BYTES, "\1\2\3\4\0\0", 6) != 0;
	EXPECT_EQ(0, bad);
}

TEST_HARNESS_MAIN
