// SPDX-License-Identifier: GPL-2.0
/* Who maps the file, how, and when, while writes are tracked. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zkzharness.h"
#include "pair.h"
#include "work.h"

#define CHUNKS		16
#define FILE_BYTES	(CHUNKS * CHUNK_BYTES)
#define RW		(PROT_READ | PROT_WRITE)

FIXTURE(mappers) {
	struct pair p;
	struct crew crew;
};

FIXTURE_VARIANT(mappers) {
	const char *options;
};

FIXTURE_VARIANT_ADD(mappers, huge) {
	.options = NULL,
};

FIXTURE_VARIANT_ADD(mappers, small) {
	.options = "huge=never",
};

FIXTURE_SETUP(mappers)
{
	if (geteuid())
		SKIP(return, "mounting needs root");
	ASSERT_TRUE(pair_open(&self->p, variant->options, FILE_BYTES));
	zkzmem_fill(self->p.mem, FILE_BYTES, 1);
}

FIXTURE_TEARDOWN(mappers)
{
	pair_close(&self->p);
}

TEST_F(mappers, nobody)
{
	munmap(self->p.mem, FILE_BYTES);
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_passes(&self->p, 2));
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

TEST_F(mappers, first_mapper_comes_during_tracking)
{
	munmap(self->p.mem, FILE_BYTES);
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_passes(&self->p, 2));
	self->p.mem = zkzmem_map(self->p.source, FILE_BYTES, RW);
	ASSERT_NE(MAP_FAILED, self->p.mem);
	self->p.mem[5 * CHUNK_BYTES + 5] = 1;
	ASSERT_TRUE(pair_pass(&self->p));
	EXPECT_LE(1, pair_found(&self->p));
	self->p.mem[5 * CHUNK_BYTES + 6] = 1;
	self->p.mem[7 * CHUNK_BYTES] = 1;
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

/* Every mapper has page tables of its own, and each must be protected. */
TEST_F(mappers, several_mappings_of_one_page)
{
	char *other = zkzmem_map(self->p.source, FILE_BYTES, RW);
	char *part = zkzmem_map_at(self->p.source, CHUNK_BYTES + PAGE_BYTES, CHUNK_BYTES, RW, MAP_SHARED);
	size_t at = 2 * CHUNK_BYTES;
	int round;

	ASSERT_NE(MAP_FAILED, other);
	ASSERT_NE(MAP_FAILED, part);
	ASSERT_TRUE(pair_start(&self->p));
	for (round = 1; round < 6; round++) {
		self->p.mem[at] = round;
		other[at + 1] = round;
		part[at - CHUNK_BYTES - PAGE_BYTES + 2] = round;
		ASSERT_TRUE(pair_pass(&self->p));
	}
	/* Each alone. */
	ASSERT_TRUE(pair_pass(&self->p));
	other[at] = 101;
	ASSERT_TRUE(pair_pass(&self->p));
	EXPECT_LE(1, pair_found(&self->p));
	part[at - CHUNK_BYTES - PAGE_BYTES] = 102;
	ASSERT_TRUE(pair_pass(&self->p));
	EXPECT_LE(1, pair_found(&self->p));
	self->p.mem[at] = 103;
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
	EXPECT_EQ(103, other[at]);
}

TEST_F(mappers, readers_do_no_harm)
{
	char *ro = zkzmem_map(self->p.source, FILE_BYTES, PROT_READ);
	uint64_t pages;
	int round;

	ASSERT_NE(MAP_FAILED, ro);
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_passes(&self->p, 3));
	pages = pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_DATA);
	for (round = 0; round < 3; round++) {
		EXPECT_EQ(0, zkzmem_check(ro, FILE_BYTES, 1));
		EXPECT_EQ(0, zkzmem_check(self->p.mem, FILE_BYTES, 1));
		ASSERT_TRUE(pair_pass(&self->p));
	}
	/* Reading makes nothing dirty. */
	EXPECT_EQ(pages, pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_DATA));
	self->p.mem[0] ^= 1;
	EXPECT_EQ(self->p.mem[0], ro[0]);
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

/*
 * The walks over page tables visit mappings in the order of what they map and, where that is equal, of their age; and
 * core ends a walk at the first mapping that can never be written to. So there must be no such one.
 */
TEST_F(mappers, reader_came_first)
{
	int fd = open(zkzmem_path("source"), O_RDONLY), round;
	char *ro;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, munmap(self->p.mem, FILE_BYTES));
	EXPECT_EQ(MAP_FAILED, zkzmem_map(fd, FILE_BYTES, PROT_READ));
	EXPECT_EQ(EACCES, errno);
	ro = zkzmem_map(self->p.source, FILE_BYTES, PROT_READ);
	ASSERT_NE(MAP_FAILED, ro);
	self->p.mem = zkzmem_map(self->p.source, FILE_BYTES, RW);
	ASSERT_NE(MAP_FAILED, self->p.mem);
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_passes(&self->p, 2));
	for (round = 1; round < 4; round++) {
		self->p.mem[CHUNK_BYTES] = round;
		ASSERT_TRUE(pair_pass(&self->p));
		EXPECT_EQ(round, ro[CHUNK_BYTES]);
	}
	self->p.mem[CHUNK_BYTES] = round;
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

/* One mapping becomes several, and they more, of which most begin behind where a reader's begins. */
TEST_F(mappers, mapping_in_parts)
{
	char *ro = zkzmem_map(self->p.source, FILE_BYTES, PROT_READ), *part = self->p.mem + 4 * CHUNK_BYTES;
	static const size_t places[] = { 0, 2, 4, 6, 9, CHUNKS - 1 };
	size_t i;
	int round;

	ASSERT_NE(MAP_FAILED, ro);
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_pass(&self->p));
	ASSERT_EQ(0, mprotect(part, 2 * CHUNK_BYTES, PROT_READ));
	ASSERT_EQ(0, madvise(part + 3 * CHUNK_BYTES + PAGE_BYTES, CHUNK_BYTES, MADV_DONTDUMP));
	for (round = 1; round < 6; round++) {
		/* given back page by page, so the part that may not be written moves */
		ASSERT_EQ(0, mprotect(part, round * PAGE_BYTES, RW));
		for (i = 0; i < ARRAY_SIZE(places); i++)
			self->p.mem[places[i] * CHUNK_BYTES] = round;
		ASSERT_TRUE(pair_pass(&self->p));
		EXPECT_LE(ARRAY_SIZE(places), pair_found(&self->p));
	}
	ASSERT_EQ(0, mprotect(part, 2 * CHUNK_BYTES, RW));
	for (i = 0; i < ARRAY_SIZE(places); i++)
		self->p.mem[places[i] * CHUNK_BYTES] = round;
	part[CHUNK_BYTES] = round;
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

TEST_F(mappers, protection_given_and_taken)
{
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_passes(&self->p, 2));
	self->p.mem[CHUNK_BYTES] = 1;
	ASSERT_EQ(0, mprotect(self->p.mem, FILE_BYTES, PROT_READ));
	ASSERT_TRUE(pair_pass(&self->p));
	/* Making it writable again must not make clean pages writable without a fault. */
	ASSERT_EQ(0, mprotect(self->p.mem, FILE_BYTES, RW));
	self->p.mem[CHUNK_BYTES] = 2;
	self->p.mem[3 * CHUNK_BYTES + 7 * PAGE_BYTES] = 2;
	ASSERT_TRUE(pair_pass(&self->p));
	EXPECT_LE(2, pair_found(&self->p));
	self->p.mem[CHUNK_BYTES] = 3;
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

TEST_F(mappers, moved_during_tracking)
{
	char *room = mmap(NULL, FILE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, room);
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_passes(&self->p, 2));
	self->p.mem[CHUNK_BYTES] = 1;
	self->p.mem = mremap(self->p.mem, FILE_BYTES, FILE_BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, room);
	ASSERT_EQ(room, self->p.mem);
	ASSERT_TRUE(pair_pass(&self->p));
	self->p.mem[CHUNK_BYTES] = 2;
	self->p.mem[2 * CHUNK_BYTES] = 2;
	ASSERT_TRUE(pair_pass(&self->p));
	EXPECT_LE(2, pair_found(&self->p));
	self->p.mem[2 * CHUNK_BYTES] = 3;
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

TEST_F(mappers, mapping_comes_and_goes)
{
	ASSERT_TRUE(crew_thread(&self->crew, WORK_REMAP, self->p.source, self->p.mem, FILE_BYTES));
	ASSERT_TRUE(crew_thread(&self->crew, WORK_WORDS, self->p.source, self->p.mem, FILE_BYTES));
	ASSERT_TRUE(crew_process(&self->crew, WORK_REMAP, self->p.source, FILE_BYTES));
	ASSERT_TRUE(crew_busy(&self->crew));
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_passes(&self->p, 8));
	ASSERT_TRUE(crew_busy(&self->crew));
	ASSERT_TRUE(pair_pass(&self->p));
	ASSERT_TRUE(crew_stop(&self->crew));
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

TEST_F(mappers, mappers_die_during_passes)
{
	int i;

	ASSERT_TRUE(crew_thread(&self->crew, WORK_WORDS, self->p.source, self->p.mem, FILE_BYTES));
	ASSERT_TRUE(pair_start(&self->p));
	for (i = 0; i < 5; i++) {
		ASSERT_TRUE(crew_process(&self->crew, i % 2 ? WORK_SWEEP : WORK_WORDS, self->p.source, FILE_BYTES));
		ASSERT_TRUE(crew_busy(&self->crew));
		ASSERT_TRUE(pair_pass_begin(&self->p));
		ASSERT_TRUE(crew_kill(&self->crew, 1));
		ASSERT_TRUE(pair_pass_end(&self->p));
	}
	/* What they wrote last before they died is not lost either. */
	ASSERT_TRUE(crew_stop(&self->crew));
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

/* The only mapper writes and is killed; nobody faults, nobody maps any more. */
TEST_F(mappers, last_mapper_dies)
{
	munmap(self->p.mem, FILE_BYTES);
	ASSERT_TRUE(crew_process(&self->crew, WORK_WORDS, self->p.source, FILE_BYTES));
	ASSERT_TRUE(crew_busy(&self->crew));
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_passes(&self->p, 2));
	ASSERT_TRUE(crew_busy(&self->crew));
	ASSERT_TRUE(crew_kill(&self->crew, 0));
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

TEST_F(mappers, fork_during_tracking)
{
	int status, i, bad = 0;
	pid_t pid;

	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_pass(&self->p));
	for (i = 0; i < 5; i++) {
		self->p.mem[i * CHUNK_BYTES] = 50 + i;
		pid = fork();
		if (!pid) {
			char *mem = zkzmem_map(self->p.source, FILE_BYTES, RW);

			if (mem == MAP_FAILED)
				_exit(1);
			mem[(i + 5) * CHUNK_BYTES] = 60 + i;
			_exit(mem[i * CHUNK_BYTES] != 50 + i);
		}
		ASSERT_TRUE(pair_pass(&self->p));
		self->p.mem[i * CHUNK_BYTES + 1] = 70 + i;
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		bad += status != 0;
	}
	EXPECT_EQ(0, bad);
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
	EXPECT_EQ(64, self->p.mem[9 * CHUNK_BYTES]);
}

TEST_HARNESS_MAIN
