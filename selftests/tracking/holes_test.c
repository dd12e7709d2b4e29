// SPDX-License-Identifier: GPL-2.0
/* Holes and zeroes while writes are tracked: memory that comes, goes, and becomes zero again. */
#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "zkzharness.h"
#include "pair.h"
#include "work.h"

#define CHUNKS		16
#define FILE_BYTES	(CHUNKS * CHUNK_BYTES)
#define PUNCH		(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)
#define PASSES		8

FIXTURE(holes) {
	struct pair p;
	struct crew crew;
};

FIXTURE_VARIANT(holes) {
	const char *options;
	bool zero_detect;
};

FIXTURE_VARIANT_ADD(holes, huge) {
	.options = NULL,
	.zero_detect = true,
};

FIXTURE_VARIANT_ADD(holes, small) {
	.options = "huge=never",
};

FIXTURE_SETUP(holes)
{
	if (geteuid())
		SKIP(return, "mounting needs root");
	self->p.zero_detect = variant->zero_detect;
	ASSERT_TRUE(pair_open(&self->p, variant->options, FILE_BYTES));
}

FIXTURE_TEARDOWN(holes)
{
	pair_close(&self->p);
}

static size_t taken(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? (size_t)-1 : (size_t)st.st_blocks * 512;
}

/* Memory that was never allocated costs nothing, here nor there. */
TEST_F(holes, empty_file)
{
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_passes(&self->p, 2));
	EXPECT_EQ(0, pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_DATA));
	EXPECT_GT(4096, pair_total(&self->p, ZKZ_A_COUNTERS_BYTES_WIRE));
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, taken(self->p.source));
	EXPECT_EQ(0, taken(self->p.target));
	EXPECT_EQ(0, pair_differing(&self->p));
}

TEST_F(holes, zero_pages_do_not_travel)
{
	ASSERT_EQ(0, fallocate(self->p.source, 0, 0, FILE_BYTES));
	self->p.mem[5 * CHUNK_BYTES + 12345] = 1;
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_pass(&self->p));
	EXPECT_EQ(1, self->p.last.counters[ZKZ_A_COUNTERS_PASS_PAGES_DATA]);
	EXPECT_EQ(FILE_BYTES / PAGE_BYTES - 1, self->p.last.counters[ZKZ_A_COUNTERS_PASS_PAGES_ZERO]);
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_GE(CHUNK_BYTES, taken(self->p.target));
	EXPECT_EQ(0, pair_differing(&self->p));
}

TEST_F(holes, pages_become_zero_again)
{
	zkzmem_fill(self->p.mem, FILE_BYTES, 1);
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_passes(&self->p, 2));
	memset(self->p.mem + 3 * CHUNK_BYTES, 0, CHUNK_BYTES);
	memset(self->p.mem + 5 * CHUNK_BYTES + PAGE_BYTES, 0, 3 * PAGE_BYTES);
	ASSERT_TRUE(pair_pass(&self->p));
	if (variant->zero_detect) {
		EXPECT_LE(CHUNK_PAGES + 3, self->p.last.counters[ZKZ_A_COUNTERS_PASS_PAGES_ZERO] +
					   self->p.last.counters[ZKZ_A_COUNTERS_PASS_PAGES_STICKY]);
	}
	memset(self->p.mem + 7 * CHUNK_BYTES, 0, 5 * PAGE_BYTES);
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
	EXPECT_EQ(0, zkzmem_nonzero(self->p.mem + 3 * CHUNK_BYTES, CHUNK_BYTES));
}

TEST_F(holes, punched_between_passes)
{
	zkzmem_fill(self->p.mem, FILE_BYTES, 1);
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_passes(&self->p, 2));
	/* Whole chunks, a part, by either call; punched and written again; written and punched. */
	ASSERT_EQ(0, fallocate(self->p.source, PUNCH, 2 * CHUNK_BYTES, 2 * CHUNK_BYTES));
	ASSERT_EQ(0, madvise(self->p.mem + 5 * CHUNK_BYTES, CHUNK_BYTES, MADV_REMOVE));
	ASSERT_EQ(0, fallocate(self->p.source, PUNCH, 7 * CHUNK_BYTES + PAGE_BYTES, 9 * PAGE_BYTES));
	ASSERT_EQ(0, fallocate(self->p.source, PUNCH, 9 * CHUNK_BYTES, CHUNK_BYTES));
	self->p.mem[9 * CHUNK_BYTES + 99] = 1;
	zkzmem_fill(self->p.mem + 11 * CHUNK_BYTES, CHUNK_BYTES, 2);
	ASSERT_EQ(0, fallocate(self->p.source, PUNCH, 11 * CHUNK_BYTES, CHUNK_BYTES));
	ASSERT_TRUE(pair_pass(&self->p));
	EXPECT_LE(4 * CHUNK_PAGES, self->p.last.counters[ZKZ_A_COUNTERS_PASS_PAGES_HOLE]);
	ASSERT_EQ(0, fallocate(self->p.source, PUNCH, 13 * CHUNK_BYTES, CHUNK_BYTES));
	ASSERT_TRUE(pair_finish(&self->p));
	/* What is a hole here became one there, but for single pages of a chunk that is a huge page there. */
	EXPECT_EQ((off_t)(2 * CHUNK_BYTES), lseek(self->p.target, 0, SEEK_HOLE));
	EXPECT_LE(taken(self->p.source), taken(self->p.target));
	EXPECT_GE(taken(self->p.source) + 9 * PAGE_BYTES, taken(self->p.target));
	/* To compare takes memory for holes, too. */
	EXPECT_EQ(0, pair_differing(&self->p));
}

TEST_F(holes, allocated_between_passes)
{
	size_t chunk;

	self->p.mem[0] = 1;
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_pass(&self->p));
	for (chunk = 1; chunk < CHUNKS; chunk++) {
		self->p.mem[chunk * CHUNK_BYTES + chunk * 4099] = chunk;
		if (chunk % 4 == 0) {
			ASSERT_TRUE(pair_pass(&self->p));
		}
	}
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

static bool run(struct pair *p, struct crew *crew)
{
	return crew_busy(crew) && pair_start(p) && pair_passes(p, PASSES) && crew_busy(crew) && pair_pass(p) &&
	       crew_stop(crew) && pair_finish(p);
}

TEST_F(holes, zeroed_during_passes)
{
	ASSERT_TRUE(crew_thread(&self->crew, WORK_ZEROS, self->p.source, self->p.mem, FILE_BYTES));
	ASSERT_TRUE(crew_thread(&self->crew, WORK_ZEROS, self->p.source, self->p.mem, FILE_BYTES));
	ASSERT_TRUE(run(&self->p, &self->crew));
	EXPECT_EQ(0, pair_differing(&self->p));
}

TEST_F(holes, punched_during_passes)
{
	zkzmem_fill(self->p.mem, FILE_BYTES, 1);
	ASSERT_TRUE(crew_thread(&self->crew, WORK_PUNCH, self->p.source, self->p.mem, FILE_BYTES));
	ASSERT_TRUE(crew_thread(&self->crew, WORK_PAGES, self->p.source, self->p.mem, FILE_BYTES));
	ASSERT_TRUE(run(&self->p, &self->crew));
	EXPECT_EQ(0, pair_differing(&self->p));
}

TEST_F(holes, removed_during_passes)
{
	zkzmem_fill(self->p.mem, FILE_BYTES, 1);
	ASSERT_TRUE(crew_thread(&self->crew, WORK_REMOVE, self->p.source, self->p.mem, FILE_BYTES));
	ASSERT_TRUE(crew_process(&self->crew, WORK_REMOVE, self->p.source, FILE_BYTES));
	ASSERT_TRUE(run(&self->p, &self->crew));
	EXPECT_EQ(0, pair_differing(&self->p));
}

TEST_F(holes, allocated_during_passes)
{
	ASSERT_TRUE(crew_thread(&self->crew, WORK_GROW, self->p.source, self->p.mem, FILE_BYTES));
	ASSERT_TRUE(crew_thread(&self->crew, WORK_WORDS, self->p.source, self->p.mem, FILE_BYTES / 4));
	ASSERT_TRUE(run(&self->p, &self->crew));
	EXPECT_EQ(0, pair_differing(&self->p));
}

/*
 * A target that an earlier attempt has filled: what became zero or a hole since then must become so there too, though
 * it has never been sent in the second attempt.
 */
TEST_F(holes, target_with_old_content)
{
	zkzmem_fill(self->p.mem, FILE_BYTES, 1);
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_passes(&self->p, 2));
	ASSERT_TRUE(pair_abort(&self->p));
	memset(self->p.mem + 3 * CHUNK_BYTES, 0, CHUNK_BYTES);
	ASSERT_EQ(0, fallocate(self->p.source, PUNCH, 6 * CHUNK_BYTES, CHUNK_BYTES));
	ASSERT_EQ(0, fallocate(self->p.source, PUNCH, 8 * CHUNK_BYTES + PAGE_BYTES, PAGE_BYTES));
	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_pass(&self->p));
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

TEST_HARNESS_MAIN
