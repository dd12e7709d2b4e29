// SPDX-License-Identifier: GPL-2.0
/* Who needs a page that has still to come waits, has it asked for, and gets it; nobody else waits. */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zkzharness.h"
#include "played.h"
#include "zkzdisk.h"

#define THREADS	12

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

FIXTURE(demand) {
	struct played p;
};

FIXTURE_VARIANT(demand) {
	const char *options;
};

FIXTURE_VARIANT_ADD(demand, huge) {
	.options = "size=64M",
};

FIXTURE_VARIANT_ADD(demand, small) {
	.options = "size=64M,huge=never",
};

FIXTURE_SETUP(demand)
{
	if (geteuid())
		SKIP(return, "needs root");
	ASSERT_EQ(0, played_open(&self->p, variant->options, 20000));
	ASSERT_EQ(0, played_first_pass(&self->p));
	/* mapped before, and so must be taken away */
	EXPECT_EQ('o', self->p.mem[CHUNK_BYTES]);
	EXPECT_EQ('o', self->p.mem[CHUNK_BYTES + PLAYED_STALE * PAGE_BYTES]);
	ASSERT_EQ(0, played_fetch(&self->p, false));
}

FIXTURE_TEARDOWN(demand)
{
	played_close(&self->p);
}

/* Everything is here: the file is an ordinary one, and its counters add up. */
#define EXPECT_WHOLE()										\
do {												\
	struct zkznl_memory m = { 0 };								\
	struct zkznl_session s;									\
	uint64_t sum = 0;									\
	int i_;											\
												\
	ASSERT_EQ(0, zkznl_get(self->p.nl, self->p.dst, &s));					\
	EXPECT_EQ(ZKZ_STATE_ENDED, s.state);							\
	EXPECT_EQ(0, s.counters[ZKZ_A_COUNTERS_FETCH_MISSING]);					\
	EXPECT_EQ(PLAYED_MISSING, s.counters[ZKZ_A_COUNTERS_FETCH_DEMAND] +			\
		  s.counters[ZKZ_A_COUNTERS_FETCH_PUSHED] + discarded);				\
	for (i_ = 0; i_ < ZKZNL_LATENCY; i_++)							\
		sum += s.latency[i_];								\
	EXPECT_EQ(sum, s.counters[ZKZ_A_COUNTERS_FETCH_WAITS]);					\
	EXPECT_EQ(1, zkznl_memories(self->p.nl, &m, 1));					\
	EXPECT_EQ(0, m.missing);								\
	EXPECT_EQ(0, zkzmem_nonzero(self->p.mem + 2 * CHUNK_BYTES, CHUNK_BYTES - PAGE_BYTES));	\
	EXPECT_EQ(0, zkzmem_nonzero(self->p.mem + 3 * CHUNK_BYTES, CHUNK_BYTES));		\
	EXPECT_EQ('o', self->p.mem[2 * CHUNK_BYTES - 1]);					\
	EXPECT_EQ(0, played_differ(self->p.mem, PLAYED_LAST, 1));				\
} while (0)

struct toucher {
	pthread_t thread;
	char *at;
	unsigned long page;
	bool write;
	bool done;
	char saw;
};

static void *touch(void *data)
{
	struct toucher *t = data;

	if (t->write)
		__atomic_fetch_add(t->at + PAGE_BYTES - 1, 1, __ATOMIC_SEQ_CST);
	t->saw = *(volatile char *)t->at;
	__atomic_store_n(&t->done, true, __ATOMIC_SEQ_CST);
	return NULL;
}

static int begin_touch(struct toucher *t, struct played *p, unsigned long page, bool write)
{
	memset(t, 0, sizeof(*t));
	t->page = page;
	t->at = p->mem + page * PAGE_BYTES;
	t->write = write;
	return pthread_create(&t->thread, NULL, touch, t);
}

static char first_byte(unsigned long page)
{
	char content[PAGE_BYTES];

	played_content(content, page);
	return content[0];
}

TEST_F(demand, pages_that_are_here)
{
	unsigned long discarded = 0;
	char c;

	/* in a chunk with missing pages, in one without, and in one never sent */
	EXPECT_EQ('o', self->p.mem[CHUNK_BYTES + PLAYED_STALE * PAGE_BYTES]);
	self->p.mem[CHUNK_BYTES + 100 * PAGE_BYTES] = 'w';
	EXPECT_EQ(0, self->p.mem[2 * CHUNK_BYTES]);
	EXPECT_EQ(0, self->p.mem[3 * CHUNK_BYTES]);
	EXPECT_EQ(1, pread(self->p.target, &c, 1, 2 * CHUNK_BYTES - 1));
	EXPECT_EQ('o', c);
	EXPECT_TRUE(played_silent(&self->p, 100));
	ASSERT_EQ(0, played_rest(&self->p));
	ASSERT_EQ(0, played_end(&self->p));
	EXPECT_WHOLE();
	EXPECT_EQ('w', self->p.mem[CHUNK_BYTES + 100 * PAGE_BYTES]);
}

#define TOUCH_TEST(name, page_, write_)								\
TEST_F(demand, name)										\
{												\
	unsigned long discarded = 0;								\
	struct zkznl_session s;									\
	struct toucher t;									\
												\
	ASSERT_EQ(0, begin_touch(&t, &self->p, page_, write_));					\
	EXPECT_EQ(page_, played_want(&self->p));						\
	EXPECT_TRUE(played_silent(&self->p, 100));						\
	EXPECT_FALSE(__atomic_load_n(&t.done, __ATOMIC_SEQ_CST));				\
	ASSERT_EQ(0, played_data(&self->p, page_, 1));						\
	pthread_join(t.thread, NULL);								\
	EXPECT_EQ(first_byte(page_), t.saw);							\
	ASSERT_EQ(0, zkznl_get(self->p.nl, self->p.dst, &s));					\
	EXPECT_EQ(1, s.counters[ZKZ_A_COUNTERS_FETCH_REQUESTS]);				\
	EXPECT_EQ(1, s.counters[ZKZ_A_COUNTERS_FETCH_WAITS]);					\
	EXPECT_EQ(PLAYED_MISSING - 1, s.counters[ZKZ_A_COUNTERS_FETCH_MISSING]);		\
	EXPECT_LE(100000000, s.counters[ZKZ_A_COUNTERS_NS_BLOCKED]);				\
	/* the page comes again, and must not undo what was written */				\
	ASSERT_EQ(0, played_rest(&self->p));							\
	ASSERT_EQ(0, played_end(&self->p));							\
	if (write_)										\
		t.at[PAGE_BYTES - 1]--;								\
	EXPECT_WHOLE();										\
	ASSERT_EQ(0, zkznl_get(self->p.nl, self->p.dst, &s));					\
	/* counted after the waiter was woken */						\
	EXPECT_EQ(1, s.counters[ZKZ_A_COUNTERS_FETCH_DEMAND]);					\
	EXPECT_EQ(1, s.counters[ZKZ_A_COUNTERS_FETCH_DUPLICATES]);				\
	EXPECT_EQ(0, played_differ(self->p.mem, 0, CHUNK_PAGES));				\
	EXPECT_EQ(0, played_differ(self->p.mem, CHUNK_PAGES, PLAYED_STALE));			\
}

TOUCH_TEST(read_fault, 17, false)
TOUCH_TEST(write_fault, 18, true)
TOUCH_TEST(read_fault_on_stale_page, CHUNK_PAGES + 3, false)
TOUCH_TEST(write_fault_on_stale_page, CHUNK_PAGES + 4, true)
TOUCH_TEST(read_fault_in_hole, PLAYED_LAST, false)
TOUCH_TEST(write_fault_in_hole, PLAYED_LAST, true)

static void read_it(char *at)
{
	(void)*(volatile char *)at;
}

static void write_it(char *at)
{
	*(volatile char *)at = *at;
}

/* Whoever asks for huge mappings gets none where a page is missing. */
static void read_and_collapse(char *at)
{
	read_it(at);
	madvise((char *)((uintptr_t)at & ~(CHUNK_BYTES - 1)), CHUNK_BYTES, MADV_COLLAPSE);
}

/* What is done to a page that is here must not map those beside it that are not: they still have the old content. */
#define BESIDE_TEST(name, do_it, write_)							\
TEST_F(demand, name)										\
{												\
	unsigned long page = CHUNK_PAGES + 3, discarded = 0;					\
	struct toucher t;									\
												\
	do_it(self->p.mem + CHUNK_BYTES + PLAYED_STALE * PAGE_BYTES);				\
	do_it(self->p.mem + CHUNK_BYTES + (PLAYED_STALE + 1) * PAGE_BYTES);			\
	ASSERT_EQ(0, begin_touch(&t, &self->p, page, write_));					\
	EXPECT_EQ(page, played_want(&self->p));							\
	ASSERT_EQ(0, played_data(&self->p, page, 1));						\
	pthread_join(t.thread, NULL);								\
	EXPECT_EQ(first_byte(page), t.saw);							\
	ASSERT_EQ(0, played_rest(&self->p));							\
	ASSERT_EQ(0, played_end(&self->p));							\
	if (write_)										\
		t.at[PAGE_BYTES - 1]--;								\
	EXPECT_WHOLE();										\
	EXPECT_EQ(0, played_differ(self->p.mem, CHUNK_PAGES, PLAYED_STALE));			\
}

BESIDE_TEST(read_beside_one_that_was_read, read_it, false)
BESIDE_TEST(write_beside_one_that_was_read, read_it, true)
BESIDE_TEST(read_beside_one_that_was_written, write_it, false)
BESIDE_TEST(write_beside_one_that_was_written, write_it, true)
BESIDE_TEST(read_beside_one_that_was_collapsed, read_and_collapse, false)
BESIDE_TEST(write_beside_one_that_was_collapsed, read_and_collapse, true)

struct reading {
	int fd;
	char buf[3 * PAGE_BYTES];
	ssize_t got;
};

static void *read_file(void *data)
{
	struct reading *r = data;

	r->got = pread(r->fd, r->buf, sizeof(r->buf), (CHUNK_PAGES + PLAYED_STALE - 2) * PAGE_BYTES);
	return NULL;
}

TEST_F(demand, read_of_the_file)
{
	unsigned long first = CHUNK_PAGES + PLAYED_STALE - 2, discarded = 0;
	struct reading r = { .fd = self->p.target };
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, read_file, &r));
	EXPECT_EQ(first, played_want(&self->p));
	ASSERT_EQ(0, played_data(&self->p, first, 1));
	EXPECT_EQ(first + 1, played_want(&self->p));
	ASSERT_EQ(0, played_data(&self->p, first + 1, 1));
	pthread_join(thread, NULL);
	EXPECT_EQ(sizeof(r.buf), r.got);
	EXPECT_EQ(0, zkzmem_check(r.buf, PAGE_BYTES, first + 1000));
	EXPECT_EQ(0, zkzmem_check(r.buf + PAGE_BYTES, PAGE_BYTES, first + 1001));
	EXPECT_EQ('o', r.buf[2 * PAGE_BYTES]);
	/* what has still to come is no hole */
	EXPECT_EQ(0, lseek(self->p.target, 0, SEEK_DATA));
	EXPECT_EQ(PLAYED_LAST * PAGE_BYTES, lseek(self->p.target, PLAYED_LAST * PAGE_BYTES, SEEK_DATA));
	ASSERT_EQ(0, played_rest(&self->p));
	ASSERT_EQ(0, played_end(&self->p));
	EXPECT_WHOLE();
}

struct direct {
	struct zkzdisk disk;
	char *at;
	ssize_t got;
};

static void *read_disk(void *data)
{
	struct direct *d = data;

	d->got = pread(d->disk.fd, d->at, 512, 0);
	return NULL;
}

/* A device writes a part of the page; the rest is what comes. */
TEST_F(demand, direct_io_into_the_page)
{
	struct direct d = { .at = self->p.mem + 5 * PAGE_BYTES + 1024 };
	unsigned long discarded = 0;
	char want[PAGE_BYTES];
	pthread_t thread;

	ASSERT_EQ(0, zkzdisk_open(&d.disk, 1 << 20, 0));
	memset(d.disk.mem, 'd', 512);
	ASSERT_EQ(0, pthread_create(&thread, NULL, read_disk, &d));
	EXPECT_EQ(5, played_want(&self->p));
	ASSERT_EQ(0, played_data(&self->p, 4, 3));
	pthread_join(thread, NULL);
	EXPECT_EQ(512, d.got);
	ASSERT_EQ(0, played_rest(&self->p));
	ASSERT_EQ(0, played_end(&self->p));
	EXPECT_WHOLE();
	played_content(want, 5);
	memset(want + 1024, 'd', 512);
	EXPECT_EQ(0, memcmp(want, self->p.mem + 5 * PAGE_BYTES, PAGE_BYTES));
	zkzdisk_close(&d.disk);
}

TEST_F(demand, many_threads_one_page)
{
	unsigned long discarded = 0;
	struct toucher t[THREADS];
	int i;

	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, begin_touch(&t[i], &self->p, 300, i % 2));
	EXPECT_EQ(300, played_want(&self->p));
	/* once */
	EXPECT_TRUE(played_silent(&self->p, 300));
	ASSERT_EQ(0, played_data(&self->p, 300, 1));
	for (i = 0; i < THREADS; i++) {
		pthread_join(t[i].thread, NULL);
		EXPECT_EQ(first_byte(300), t[i].saw);
	}
	self->p.mem[301 * PAGE_BYTES - 1] -= THREADS / 2;
	EXPECT_EQ(0, played_differ(self->p.mem, 300, 1));
	ASSERT_EQ(0, played_rest(&self->p));
	ASSERT_EQ(0, played_end(&self->p));
	EXPECT_WHOLE();
}

TEST_F(demand, many_threads_many_pages)
{
	unsigned long discarded = 0;
	struct toucher t[THREADS];
	long page;
	int i;

	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, begin_touch(&t[i], &self->p, i < 6 ? 40 + i : CHUNK_PAGES + i - 6, i % 2));
	for (i = 0; i < THREADS; i++) {
		page = played_want(&self->p);
		ASSERT_LE(0, page);
		ASSERT_EQ(0, played_data(&self->p, page, 1));
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(t[i].thread, NULL);
		EXPECT_EQ(first_byte(t[i].page), t[i].saw);
	}
	ASSERT_EQ(0, played_rest(&self->p));
	ASSERT_EQ(0, played_end(&self->p));
	EXPECT_WHOLE();
}

/* What was not asked for completes a wait as well, and zero and hole do. */
#define CLEAR_TEST(name, type, page_, write_)							\
TEST_F(demand, name)										\
{												\
	unsigned long discarded = 0;								\
	struct toucher t;									\
												\
	ASSERT_EQ(0, begin_touch(&t, &self->p, page_, write_));					\
	EXPECT_EQ(page_, played_want(&self->p));						\
	ASSERT_EQ(0, played_clear(&self->p, type, (page_) - 1, 2));				\
	pthread_join(t.thread, NULL);								\
	EXPECT_EQ(0, t.saw);									\
	EXPECT_EQ(write_, zkzmem_nonzero(t.at - PAGE_BYTES, 2 * PAGE_BYTES));			\
	ASSERT_EQ(0, played_data(&self->p, PLAYED_LAST, 1));					\
	ASSERT_EQ(0, played_rest(&self->p));							\
	ASSERT_EQ(0, played_end(&self->p));							\
	EXPECT_WHOLE();										\
	EXPECT_EQ(write_, zkzmem_nonzero(t.at - PAGE_BYTES, 2 * PAGE_BYTES));			\
}

CLEAR_TEST(zero_where_nothing_is, ZKZ_WIRE_ZERO, 7, 0)
CLEAR_TEST(hole_where_nothing_is, ZKZ_WIRE_HOLE, 7, 1)
CLEAR_TEST(zero_over_stale, ZKZ_WIRE_ZERO, CHUNK_PAGES + 1, 1)
CLEAR_TEST(hole_over_stale, ZKZ_WIRE_HOLE, CHUNK_PAGES + 1, 0)

/* A guest that discards pages does not need them any more, and must not get them back. */
TEST_F(demand, discarded_pages)
{
	unsigned long discarded = 3 + PLAYED_STALE;
	struct toucher t;

	ASSERT_EQ(0, begin_touch(&t, &self->p, 9, false));
	EXPECT_EQ(9, played_want(&self->p));
	ASSERT_EQ(0, fallocate(self->p.target, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 8 * PAGE_BYTES,
			       3 * PAGE_BYTES));
	pthread_join(t.thread, NULL);
	EXPECT_EQ(0, t.saw);
	ASSERT_EQ(0, madvise(self->p.mem + CHUNK_BYTES, CHUNK_BYTES, MADV_REMOVE));
	self->p.mem[CHUNK_BYTES] = 'n';
	ASSERT_EQ(0, played_rest(&self->p));
	self->p.mem[2 * CHUNK_BYTES - 1] = 'o';
	ASSERT_EQ(0, played_end(&self->p));
	EXPECT_WHOLE();
	EXPECT_EQ(0, played_differ(self->p.mem, 0, 8));
	EXPECT_EQ(0, zkzmem_nonzero(self->p.mem + 8 * PAGE_BYTES, 3 * PAGE_BYTES));
	EXPECT_EQ(0, played_differ(self->p.mem, 11, CHUNK_PAGES - 11));
	EXPECT_EQ('n', self->p.mem[CHUNK_BYTES]);
	EXPECT_EQ(0, zkzmem_nonzero(self->p.mem + CHUNK_BYTES + 8, CHUNK_BYTES - 16));
}

/* Huge mappings come back where they were. */
TEST_F(demand, huge_mappings_afterwards)
{
	unsigned long discarded = 0;
	long kb;

	ASSERT_EQ(0, played_rest(&self->p));
	EXPECT_EQ(0, played_differ(self->p.mem, 0, CHUNK_PAGES));
	ASSERT_EQ(0, played_end(&self->p));
	EXPECT_WHOLE();
	EXPECT_EQ(0, played_differ(self->p.mem, 0, CHUNK_PAGES));
	kb = zkzmem_smaps(self->p.mem, "FilePmdMapped");
	if (strstr(variant->options, "never")) {
		EXPECT_EQ(0, kb);
	} else {
		EXPECT_LE(2048, kb);
	}
}

/* One who waits can be killed, and the others get the page all the same. */
TEST_F(demand, kill_of_one_who_waits)
{
	unsigned long discarded = 0;
	struct zkznl_session s;
	struct toucher t;
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		char *mem = zkzmem_map(self->p.target, PLAYED_SIZE, PROT_READ | PROT_WRITE);

		mem[33 * PAGE_BYTES]++;
		_exit(0);
	}
	EXPECT_EQ(33, played_want(&self->p));
	ASSERT_EQ(0, begin_touch(&t, &self->p, 33, false));
	usleep(100000);
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_TRUE(played_silent(&self->p, 100));
	ASSERT_EQ(0, played_data(&self->p, 33, 1));
	pthread_join(t.thread, NULL);
	EXPECT_EQ(first_byte(33), t.saw);
	ASSERT_EQ(0, zkznl_get(self->p.nl, self->p.dst, &s));
	EXPECT_EQ(1, s.counters[ZKZ_A_COUNTERS_FETCH_WAITS]);
	ASSERT_EQ(0, played_rest(&self->p));
	ASSERT_EQ(0, played_end(&self->p));
	EXPECT_WHOLE();
}

TEST_HARNESS_MAIN
