// SPDX-License-Identifier: GPL-2.0
/* Whole replications over loopback: the target's memory ends equal to the source's, however it was made. */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "zkzharness.h"
#include "zkzmem.h"
#include "zkznl.h"

#define CHUNKS	12
#define SIZE	(CHUNKS * CHUNK_BYTES)
#define COOKIE	99
#define WAIT	60000

FIXTURE(replicate) {
	struct zkznl *nl;
	int memory, target;
	int src, dst;
	int a[ZKZ_MAX_STREAMS], b[ZKZ_MAX_STREAMS];
	char *mem, *copy;
};

FIXTURE_VARIANT(replicate) {
	const char *options;
	unsigned int streams;
	bool zero_detect;
};

FIXTURE_VARIANT_ADD(replicate, one) {
	.options = "size=256M", .streams = 1,
};

FIXTURE_VARIANT_ADD(replicate, two) {
	.options = "size=256M", .streams = 2,
};

FIXTURE_VARIANT_ADD(replicate, four) {
	.options = "size=256M", .streams = 4, .zero_detect = true,
};

FIXTURE_VARIANT_ADD(replicate, sixteen) {
	.options = "size=256M", .streams = 16,
};

FIXTURE_VARIANT_ADD(replicate, small_pages) {
	.options = "size=256M,huge=never", .streams = 2,
};

FIXTURE_SETUP(replicate)
{
	struct nl_msg *msg;

	if (geteuid())
		SKIP(return, "needs root");
	self->nl = zkznl_open();
	ASSERT_NE(NULL, self->nl);
	ASSERT_EQ(0, zkznl_wait_quiet(self->nl));
	ASSERT_EQ(0, zkzmem_mount(variant->options));
	self->memory = zkzmem_create("m", SIZE);
	self->target = zkzmem_create("t", SIZE);
	self->mem = zkzmem_map(self->memory, SIZE, PROT_READ | PROT_WRITE);
	self->copy = zkzmem_map(self->target, SIZE, PROT_READ);
	ASSERT_NE(NULL, self->mem);
	ASSERT_NE(NULL, self->copy);
	ASSERT_EQ(0, zkznl_tcp_pairs(self->a, self->b, variant->streams));
	msg = zkznl_begin_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, self->a, variant->streams, COOKIE);
	if (variant->zero_detect)
		nla_put_flag(msg, ZKZ_A_SESSION_ZERO_DETECT);
	self->src = zkznl_call_new(self->nl);
	ASSERT_LT(0, self->src);
	self->dst = zkznl_new(self->nl, ZKZ_ROLE_TARGET, self->target, self->b, variant->streams, COOKIE, 30000);
	ASSERT_LT(0, self->dst);
}

FIXTURE_TEARDOWN(replicate)
{
	zkznl_close(self->nl);
}

/* How many pages differ. */
static unsigned long differ(const char *a, const char *b)
{
	unsigned long i, n = 0;

	for (i = 0; i < SIZE; i += PAGE_BYTES)
		n += !!memcmp(a + i, b + i, PAGE_BYTES);
	return n;
}

static unsigned long present(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : st.st_blocks * 512 / PAGE_BYTES;
}

#define FINISH()								\
do {										\
	struct zkznl_session s = { 0 };						\
	int ret = zkznl_run_pass(self->nl, self->src, true, WAIT, &s);		\
										\
	ASSERT_EQ(0, ret)							\
		TH_LOG("reason: %s", s.reason);					\
	ASSERT_EQ(0, zkznl_wait_state(self->nl, self->dst, ZKZ_STATE_ENDED, WAIT, NULL)); \
	EXPECT_EQ(0, differ(self->mem, self->copy));				\
} while (0)

TEST_F(replicate, nothing)
{
	ASSERT_EQ(0, zkznl_run_pass(self->nl, self->src, false, WAIT, NULL));
	EXPECT_EQ(0, present(self->target));
	FINISH();
}

TEST_F(replicate, everything)
{
	zkzmem_fill(self->mem, SIZE, 5);
	ASSERT_EQ(0, zkznl_run_pass(self->nl, self->src, false, WAIT, NULL));
	EXPECT_EQ(0, differ(self->mem, self->copy));
	FINISH();
	EXPECT_EQ(0, zkzmem_check(self->copy, SIZE, 5));
}

/* Every page has a turn at the borders of extents and chunks. */
TEST_F(replicate, mixture)
{
	unsigned long i;

	for (i = 0; i < SIZE / PAGE_BYTES; i++) {
		if (i / CHUNK_PAGES % 3 == 2)
			continue;
		if (i % 7 < 3 || i % 11 == 0)
			memset(self->mem + i * PAGE_BYTES, i % 255 + 1, PAGE_BYTES);
		else if (i % 5 == 0)
			self->mem[i * PAGE_BYTES + PAGE_BYTES - 1] = 1;
	}
	ASSERT_EQ(0, zkznl_run_pass(self->nl, self->src, false, WAIT, NULL));
	/* chunks that nobody touched stay holes over there; reading them, as comparing does, fills them */
	EXPECT_GE(CHUNKS / 3 * 2 * CHUNK_PAGES, present(self->target));
	EXPECT_EQ(0, differ(self->mem, self->copy));
	FINISH();
}

TEST_F(replicate, later_passes)
{
	struct zkznl_session s;
	unsigned long i, pass;

	zkzmem_fill(self->mem, SIZE / 2, 6);
	for (pass = 0; pass < 4; pass++) {
		ASSERT_EQ(0, zkznl_run_pass(self->nl, self->src, false, WAIT, &s));
		for (i = pass; i < SIZE; i += 37 * PAGE_BYTES)
			self->mem[i]++;
	}
	FINISH();
	ASSERT_EQ(0, zkznl_get(self->nl, self->src, &s));
	EXPECT_EQ(5, s.counters[ZKZ_A_COUNTERS_PASSES]);
}

/* What was sent, and then zeroed or given back, must not stay at the target. */
TEST_F(replicate, zeroed_and_punched)
{
	struct zkznl_session s;

	zkzmem_fill(self->mem, SIZE, 7);
	ASSERT_EQ(0, zkznl_run_pass(self->nl, self->src, false, WAIT, NULL));
	memset(self->mem + CHUNK_BYTES, 0, CHUNK_BYTES);
	ASSERT_EQ(0, fallocate(self->memory, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 3 * CHUNK_BYTES,
			       2 * CHUNK_BYTES));
	ASSERT_EQ(0, madvise(self->mem + 7 * CHUNK_BYTES, CHUNK_BYTES, MADV_REMOVE));
	ASSERT_EQ(0, fallocate(self->memory, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			       10 * CHUNK_BYTES + 3 * PAGE_BYTES, 5 * PAGE_BYTES));
	ASSERT_EQ(0, zkznl_run_pass(self->nl, self->src, false, WAIT, &s));
	EXPECT_LE(3 * CHUNK_PAGES, s.counters[ZKZ_A_COUNTERS_PASS_PAGES_HOLE]);
	/*
	 * Source and target are one host here, and share the pages of what is on its way. The kernel may free a buffer
	 * long after it was read (skb_attempt_defer_free()); until then its pages count as pinned, and come in a later
	 * pass. That this is why zero pages were missing now and then follows from the code, and was not traced.
	 */
	if (variant->zero_detect) {
		EXPECT_LE(CHUNK_PAGES, s.counters[ZKZ_A_COUNTERS_PASS_PAGES_ZERO] +
			  s.counters[ZKZ_A_COUNTERS_PASS_PAGES_STICKY]);
	}
	/* written once more after it was a hole */
	memset(self->mem + 4 * CHUNK_BYTES, 9, 3 * PAGE_BYTES);
	FINISH();
}

struct writer {
	char *mem;
	atomic_bool stop;
	unsigned int seed;
};

static void *keep_writing(void *data)
{
	struct writer *w = data;

	while (!atomic_load(&w->stop)) {
		unsigned long page = rand_r(&w->seed) % (SIZE / PAGE_BYTES);

		w->mem[page * PAGE_BYTES + rand_r(&w->seed) % PAGE_BYTES]++;
		if (page % 64 == 0)
			usleep(100);
	}
	return NULL;
}

/* A writer that never rests until the final pass. */
TEST_F(replicate, written_all_the_time)
{
	struct writer w = { .mem = self->mem, .seed = 8 };
	pthread_t thread;
	int i;

	zkzmem_fill(self->mem, SIZE, 8);
	ASSERT_EQ(0, pthread_create(&thread, NULL, keep_writing, &w));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, zkznl_run_pass(self->nl, self->src, false, WAIT, NULL));
	atomic_store(&w.stop, true);
	pthread_join(thread, NULL);
	FINISH();
}

/* The target begins empty, whatever was in the file before. */
TEST_F(replicate, target_was_used_before)
{
	char *old;

	ASSERT_EQ(0, zkznl_abort(self->nl, self->dst, NULL));
	ASSERT_EQ(0, zkznl_abort(self->nl, self->src, NULL));
	old = zkzmem_map(self->target, SIZE, PROT_READ | PROT_WRITE);
	zkzmem_fill(old, SIZE, 10);
	zkzmem_fill(self->mem, SIZE / 4, 11);
	ASSERT_EQ(0, zkznl_tcp_pairs(self->a, self->b, variant->streams));
	self->src = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, self->a, variant->streams, COOKIE, 30000);
	ASSERT_LT(0, self->src);
	self->dst = zkznl_new(self->nl, ZKZ_ROLE_TARGET, self->target, self->b, variant->streams, COOKIE, 30000);
	ASSERT_LT(0, self->dst);
	FINISH();
}

TEST_HARNESS_MAIN
