// SPDX-License-Identifier: GPL-2.0
/* Writers can be slowed down, within a budget, and lose nothing by it. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "zkzharness.h"
#include "pair.h"
#include "work.h"
#include "zkzworker.h"

#define FILE_BYTES	(16UL << 20)
#define MS		1000000ULL
#define PASSES		5

/* What a thread may save up, and what one wait is rounded by; see kmod/brake.c. */
#define SLACK		(25 * MS)

FIXTURE(brake) {
	struct pair p;
	struct crew crew;
};

FIXTURE_SETUP(brake)
{
	if (geteuid())
		SKIP(return, "mounting needs root");
	ASSERT_TRUE(pair_open(&self->p, NULL, FILE_BYTES));
	zkzmem_fill(self->p.mem, FILE_BYTES, 1);
	ASSERT_TRUE(pair_start(&self->p));
	/* Only what is tracked is slowed down. */
	ASSERT_TRUE(pair_pass(&self->p));
}

FIXTURE_TEARDOWN(brake)
{
	crew_stop(&self->crew);
	pair_close(&self->p);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 * MS + t.tv_nsec;
}

static void touch_all(char *mem)
{
	unsigned long i;

	for (i = 0; i < FILE_BYTES; i += PAGE_BYTES)
		((volatile char *)mem)[i]++;
}

/* One pass with @percent, then a write to every page. Returns how long writers had to wait, in nanoseconds. */
static int64_t slow_pass(struct pair *p, uint32_t percent, uint64_t *took)
{
	uint64_t before = pair_total(p, ZKZ_A_COUNTERS_NS_SLOWED), start;

	if (zkznl_slow_pass(p->nl, p->source_id, percent) || !pair_pass_end(p))
		return -1;
	start = now();
	touch_all(p->mem);
	*took = now() - start;
	return pair_total(p, ZKZ_A_COUNTERS_NS_SLOWED) - before;
}

TEST_F(brake, keeps_to_its_budget)
{
	uint64_t took;
	int64_t waited;

	/* 4096 first writes, each of which waits for what the time since the last one allows. */
	waited = slow_pass(&self->p, 50, &took);
	TH_LOG("50 %%: waited %lld of %llu ms", (long long)(waited / MS), took / MS);
	EXPECT_LT(0, waited);
	EXPECT_LE(waited, took / 2 + SLACK);
	waited = slow_pass(&self->p, 10, &took);
	TH_LOG("10 %%: waited %lld of %llu ms", (long long)(waited / MS), took / MS);
	EXPECT_LT(0, waited);
	EXPECT_LE(waited, took / 10 + SLACK);
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

TEST_F(brake, is_off_unless_asked_for)
{
	uint64_t took;

	touch_all(self->p.mem);
	EXPECT_EQ(0, pair_total(&self->p, ZKZ_A_COUNTERS_NS_SLOWED));
	EXPECT_LT(0, slow_pass(&self->p, 90, &took));
	/* The next pass does not ask for it. */
	ASSERT_TRUE(pair_pass(&self->p));
	took = pair_total(&self->p, ZKZ_A_COUNTERS_NS_SLOWED);
	touch_all(self->p.mem);
	EXPECT_EQ(took, pair_total(&self->p, ZKZ_A_COUNTERS_NS_SLOWED));
	EXPECT_EQ(0, slow_pass(&self->p, 0, &took));
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

/* Who only reads, or writes what is dirty already, does not wait. */
TEST_F(brake, is_for_first_writes)
{
	uint64_t took, before;
	unsigned long i, sum = 0;

	ASSERT_LT(0, slow_pass(&self->p, 90, &took));
	before = pair_total(&self->p, ZKZ_A_COUNTERS_NS_SLOWED);
	usleep(100000);
	touch_all(self->p.mem);
	for (i = 0; i < FILE_BYTES; i += PAGE_BYTES)
		sum += ((volatile char *)self->p.mem)[i];
	EXPECT_NE(0, sum);
	EXPECT_EQ(before, pair_total(&self->p, ZKZ_A_COUNTERS_NS_SLOWED));
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

/* Those who work for somebody in the kernel, vhost's threads above all, have locks that others wait for. */
TEST_F(brake, spares_workers)
{
	int zero = open("/dev/zero", O_RDONLY);
	uint64_t took, before;

	ASSERT_LT(0, slow_pass(&self->p, 90, &took));
	ASSERT_EQ(0, zkznl_slow_pass(self->p.nl, self->p.source_id, 90));
	ASSERT_TRUE(pair_pass_end(&self->p));
	before = pair_total(&self->p, ZKZ_A_COUNTERS_NS_SLOWED);
	took = pair_total(&self->p, ZKZ_A_COUNTERS_FAULTS);
	ASSERT_EQ((int)FILE_BYTES, zkzworker_read(zero, self->p.mem, FILE_BYTES));
	EXPECT_EQ(before, pair_total(&self->p, ZKZ_A_COUNTERS_NS_SLOWED));
	/* it did come by, for every page that was not dirty yet */
	EXPECT_LE(took + FILE_BYTES / PAGE_BYTES / 2, pair_total(&self->p, ZKZ_A_COUNTERS_FAULTS));
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
	EXPECT_EQ(0, zkzmem_nonzero(self->p.mem, FILE_BYTES));
}

TEST_F(brake, refuses_nonsense)
{
	EXPECT_EQ(-ERANGE, zkznl_slow_pass(self->p.nl, self->p.source_id, 100));
	EXPECT_EQ(ZKZ_A_SESSION_SLOW, self->p.nl->bad_attr);
	ASSERT_TRUE(pair_finish(&self->p));
}

/* Threads and processes that write all the time, with a budget that comes and goes. */
TEST_F(brake, loses_nothing)
{
	static const uint32_t percent[PASSES] = { 80, 20, 0, 99, 50 };
	int i;

	ASSERT_TRUE(crew_thread(&self->crew, WORK_WORDS, self->p.source, self->p.mem, FILE_BYTES));
	ASSERT_TRUE(crew_thread(&self->crew, WORK_SWEEP, self->p.source, self->p.mem, FILE_BYTES));
	ASSERT_TRUE(crew_process(&self->crew, WORK_ATOMICS, self->p.source, FILE_BYTES));
	ASSERT_TRUE(crew_process(&self->crew, WORK_PUNCH, self->p.source, FILE_BYTES));
	for (i = 0; i < PASSES; i++) {
		ASSERT_EQ(0, zkznl_slow_pass(self->p.nl, self->p.source_id, percent[i]));
		ASSERT_TRUE(pair_pass_end(&self->p));
		ASSERT_TRUE(crew_busy(&self->crew));
	}
	EXPECT_LT(0, pair_total(&self->p, ZKZ_A_COUNTERS_NS_SLOWED));
	ASSERT_TRUE(crew_stop(&self->crew));
	ASSERT_TRUE(pair_finish(&self->p));
	EXPECT_EQ(0, pair_differing(&self->p));
}

/* A writer that waits can be killed, and the memory goes away without it. */
TEST_F(brake, can_be_killed)
{
	ASSERT_TRUE(crew_process(&self->crew, WORK_PAGES, self->p.source, FILE_BYTES));
	ASSERT_EQ(0, zkznl_slow_pass(self->p.nl, self->p.source_id, 99));
	ASSERT_TRUE(pair_pass_end(&self->p));
	usleep(50000);
	ASSERT_TRUE(crew_kill(&self->crew, 0));
	ASSERT_TRUE(pair_abort(&self->p));
}

TEST_HARNESS_MAIN
