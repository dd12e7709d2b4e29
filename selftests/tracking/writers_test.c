// SPDX-License-Identifier: GPL-2.0
/* Nothing that was written is lost, however it was written and however often. */
#include <unistd.h>

#include "zkzharness.h"
#include "pair.h"
#include "work.h"

#define FILE_BYTES	(16UL << 20)
#define PASSES		6

FIXTURE(writers) {
	struct pair p;
	struct crew crew;
};

FIXTURE_VARIANT(writers) {
	const char *options;
	unsigned int streams;
	bool zero_detect;
	bool mixed;
};

FIXTURE_VARIANT_ADD(writers, huge) {
	.options = NULL,
};

FIXTURE_VARIANT_ADD(writers, small) {
	.options = "huge=never",
};

FIXTURE_VARIANT_ADD(writers, streams) {
	.options = NULL,
	.streams = 4,
	.zero_detect = true,
};

FIXTURE_VARIANT_ADD(writers, mixed) {
	.options = "size=63M",
	.mixed = true,
};

FIXTURE_SETUP(writers)
{
	if (geteuid())
		SKIP(return, "mounting needs root");
	self->p.streams = variant->streams;
	self->p.zero_detect = variant->zero_detect;
	ASSERT_TRUE(pair_open(&self->p, variant->options, FILE_BYTES));
	if (variant->mixed) {
		ASSERT_TRUE(pair_mix(&self->p));
	}
	/* Some of it was written long before, some never. */
	zkzmem_fill(self->p.mem, FILE_BYTES / 2, 1);
}

FIXTURE_TEARDOWN(writers)
{
	pair_close(&self->p);
}

TEST_F(writers, nobody)
{
	int i;

	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_pass(&self->p));
	EXPECT_LE(FILE_BYTES / 2 / PAGE_BYTES, self->p.last.counters[ZKZ_A_COUNTERS_PASS_PAGES_DATA]);
	/* What the first pass itself still held may be left for the second, but then it is over. */
	for (i = 0; i < 5; i++) {
		ASSERT_TRUE(pair_pass(&self->p));
		if (!self->p.last.counters[ZKZ_A_COUNTERS_PASS_PAGES_DATA])
			break;
	}
	EXPECT_GT(5, i);
	EXPECT_EQ(0, pair_total(&self->p, ZKZ_A_COUNTERS_PAGES_DIRTY));
	EXPECT_TRUE(pair_tracked(&self->p));
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_FALSE(pair_tracked(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

/* Every page written between two passes is in the next one, and little else. */
TEST_F(writers, between_passes)
{
	unsigned int round, i;

	ASSERT_TRUE(pair_start(&self->p));
	ASSERT_TRUE(pair_passes(&self->p, 3));
	for (round = 0; round < 4; round++) {
		for (i = 0; i < 100; i++)
			self->p.mem[(i * 37 % 4096) * PAGE_BYTES + round] += round + 1;
		ASSERT_TRUE(pair_pass(&self->p));
		EXPECT_LE(100, pair_found(&self->p));
		ASSERT_TRUE(pair_pass(&self->p));
	}
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

static bool threads(struct crew *crew, struct pair *p, enum work what, unsigned int nr)
{
	while (nr--) {
		if (!crew_thread(crew, what, p->source, p->mem, p->size))
			return false;
	}
	return true;
}

/* Passes while the crew works, with and without time between them; then the crew stops, and the last pass. */
static bool run(struct pair *p, struct crew *crew)
{
	unsigned int i;

	if (!crew_busy(crew) || !pair_start(p))
		return false;
	for (i = 0; i < PASSES; i++) {
		if (!pair_pass(p))
			return false;
		if (i % 2 && !crew_busy(crew))
			return false;
	}
	return crew_stop(crew) && pair_finish(p);
}

TEST_F(writers, random_words)
{
	ASSERT_TRUE(threads(&self->crew, &self->p, WORK_WORDS, 3));
	ASSERT_TRUE(run(&self->p, &self->crew));
	EXPECT_EQ(0, pair_differing(&self->p));
}

TEST_F(writers, every_page)
{
	ASSERT_TRUE(threads(&self->crew, &self->p, WORK_PAGES, 2));
	ASSERT_TRUE(run(&self->p, &self->crew));
	EXPECT_EQ(0, pair_differing(&self->p));
}

TEST_F(writers, every_word)
{
	ASSERT_TRUE(threads(&self->crew, &self->p, WORK_SWEEP, 2));
	ASSERT_TRUE(run(&self->p, &self->crew));
	EXPECT_EQ(0, pair_differing(&self->p));
}

TEST_F(writers, atomics)
{
	ASSERT_TRUE(threads(&self->crew, &self->p, WORK_ATOMICS, 3));
	ASSERT_TRUE(run(&self->p, &self->crew));
	EXPECT_EQ(0, pair_differing(&self->p));
}

TEST_F(writers, processes)
{
	ASSERT_TRUE(crew_process(&self->crew, WORK_WORDS, self->p.source, FILE_BYTES));
	ASSERT_TRUE(crew_process(&self->crew, WORK_ATOMICS, self->p.source, FILE_BYTES));
	ASSERT_TRUE(crew_process(&self->crew, WORK_PAGES, self->p.source, FILE_BYTES));
	ASSERT_TRUE(run(&self->p, &self->crew));
	EXPECT_EQ(0, pair_differing(&self->p));
}

/* An empty page table may be taken away between the fault that puts it there and the page that it is for. */
TEST_F(writers, tables_that_go)
{
	ASSERT_TRUE(threads(&self->crew, &self->p, WORK_WORDS, 2));
	ASSERT_TRUE(threads(&self->crew, &self->p, WORK_DROP, 2));
	ASSERT_TRUE(run(&self->p, &self->crew));
	EXPECT_EQ(0, pair_differing(&self->p));
}

TEST_F(writers, huge_mappings_asked_for)
{
	ASSERT_TRUE(threads(&self->crew, &self->p, WORK_WORDS, 2));
	ASSERT_TRUE(threads(&self->crew, &self->p, WORK_COLLAPSE, 2));
	ASSERT_TRUE(run(&self->p, &self->crew));
	EXPECT_EQ(0, pair_differing(&self->p));
}

TEST_F(writers, everybody_at_once)
{
	ASSERT_TRUE(threads(&self->crew, &self->p, WORK_WORDS, 1));
	ASSERT_TRUE(threads(&self->crew, &self->p, WORK_SWEEP, 1));
	ASSERT_TRUE(threads(&self->crew, &self->p, WORK_ZEROS, 1));
	ASSERT_TRUE(threads(&self->crew, &self->p, WORK_PUNCH, 1));
	ASSERT_TRUE(crew_process(&self->crew, WORK_ATOMICS, self->p.source, FILE_BYTES));
	ASSERT_TRUE(crew_process(&self->crew, WORK_REMAP, self->p.source, FILE_BYTES));
	ASSERT_TRUE(run(&self->p, &self->crew));
	EXPECT_EQ(0, pair_differing(&self->p));
}

TEST_HARNESS_MAIN
