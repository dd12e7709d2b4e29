// SPDX-License-Identifier: GPL-2.0
/*
 * Both sides are the module's, with a slow link between them that can be cut:
 *
 *   source session -- socket -- relay (threads of the test) -- socket -- target session
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "zkzharness.h"
#include "zkzmem.h"
#include "zkznl.h"

#define CHUNKS	12
#define SIZE	(CHUNKS * CHUNK_BYTES)
#define PAGES	(CHUNKS * CHUNK_PAGES)
#define COOKIE	77
#define WAIT	60000
#define MOST	4
#define READERS	4

struct way {
	pthread_t thread;
	struct link *link;
	int from;
	int to;
};

struct link {
	struct way way[2 * MOST];
	unsigned int ways;
	atomic_int nap_us;	/* before each piece of 64 KiB towards the target */
};

static void *relay(void *data)
{
	char *buf = malloc(65536);
	struct way *w = data;
	ssize_t n;

	while ((n = recv(w->from, buf, 65536, 0)) > 0) {
		if (w->link->nap_us && n > 4096)
			usleep(w->link->nap_us);
		if (send(w->to, buf, n, MSG_NOSIGNAL | MSG_WAITALL) != n)
			break;
	}
	shutdown(w->from, SHUT_RDWR);
	shutdown(w->to, SHUT_RDWR);
	free(buf);
	return NULL;
}

/* @src and @dst are for the sessions. */
static int link_up(struct link *l, int *src, int *dst, unsigned int streams)
{
	unsigned int i;
	int a[2], b[2];

	l->ways = 0;
	for (i = 0; i < streams; i++) {
		if (zkznl_tcp_pair(a) || zkznl_tcp_pair(b))
			return -1;
		src[i] = a[0];
		dst[i] = b[1];
		l->way[l->ways++] = (struct way) { .link = l, .from = a[1], .to = b[0] };
		l->way[l->ways++] = (struct way) { .link = l, .from = b[0], .to = a[1] };
	}
	for (i = 0; i < l->ways; i++) {
		if (pthread_create(&l->way[i].thread, NULL, relay, &l->way[i]))
			return -1;
	}
	return 0;
}

static void link_cut(struct link *l)
{
	unsigned int i;

	for (i = 0; i < l->ways; i++)
		shutdown(l->way[i].from, SHUT_RDWR);
	for (i = 0; i < l->ways; i++)
		pthread_join(l->way[i].thread, NULL);
	for (i = 0; i < l->ways; i += 2) {
		close(l->way[i].from);
		close(l->way[i].to);
	}
}

FIXTURE(link) {
	struct zkznl *nl;
	int memory, target;
	int src, dst;
	int a[MOST], b[MOST];
	char *mem, *copy;
	struct link link;
};

FIXTURE_VARIANT(link) {
	const char *options;
	unsigned int streams;
};

FIXTURE_VARIANT_ADD(link, one) {
	.options = "size=256M", .streams = 1,
};

FIXTURE_VARIANT_ADD(link, four) {
	.options = "size=256M", .streams = 4,
};

FIXTURE_VARIANT_ADD(link, small_pages) {
	.options = "size=256M,huge=never", .streams = 2,
};

static void close_all(const int *fd, unsigned int nr)
{
	while (nr--)
		close(fd[nr]);
}

FIXTURE_SETUP(link)
{
	unsigned int n = variant->streams;

	if (geteuid())
		SKIP(return, "needs root");
	self->nl = zkznl_open();
	ASSERT_NE(NULL, self->nl);
	ASSERT_EQ(0, zkznl_wait_quiet(self->nl));
	ASSERT_EQ(0, zkzmem_mount(variant->options));
	self->memory = zkzmem_create("m", SIZE);
	self->target = zkzmem_create("t", SIZE);
	self->mem = zkzmem_map(self->memory, SIZE, PROT_READ | PROT_WRITE);
	self->copy = zkzmem_map(self->target, SIZE, PROT_READ | PROT_WRITE);
	ASSERT_NE(NULL, self->mem);
	ASSERT_NE(NULL, self->copy);
	ASSERT_EQ(0, link_up(&self->link, self->a, self->b, n));
	self->src = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, self->a, n, COOKIE, 20000);
	ASSERT_LT(0, self->src);
	self->dst = zkznl_new(self->nl, ZKZ_ROLE_TARGET, self->target, self->b, n, COOKIE, 20000);
	ASSERT_LT(0, self->dst);
	close_all(self->a, n);
	close_all(self->b, n);
	/* all but one chunk, in which there is one page, and one of zeroes */
	zkzmem_fill(self->mem, 4 * CHUNK_BYTES, 21);
	zkzmem_fill(self->mem + 5 * CHUNK_BYTES, 5 * CHUNK_BYTES, 22);
	memset(self->mem + 4 * CHUNK_BYTES + 99 * PAGE_BYTES, 'x', PAGE_BYTES);
	memset(self->mem + 10 * CHUNK_BYTES, 0, CHUNK_BYTES);
}

FIXTURE_TEARDOWN(link)
{
	/* a fetch survives its owner */
	zkznl_abort(self->nl, self->src, NULL);
	zkznl_abort(self->nl, self->dst, NULL);
	zkznl_close(self->nl);
	link_cut(&self->link);
}

static unsigned long differ(const char *a, const char *b)
{
	unsigned long i, n = 0;

	for (i = 0; i < SIZE; i += PAGE_BYTES)
		n += !!memcmp(a + i, b + i, PAGE_BYTES);
	return n;
}

struct reader {
	pthread_t thread;
	const char *mem, *copy;
	unsigned int seed;
	atomic_bool stop;
	atomic_uint reads;
	unsigned int bad;
};

static void *keep_reading(void *data)
{
	struct reader *r = data;

	while (!r->stop) {
		size_t at = rand_r(&r->seed) % PAGES * PAGE_BYTES;

		r->bad += !!memcmp(r->mem + at, r->copy + at, PAGE_BYTES);
		r->reads++;
		usleep(1000);
	}
	return NULL;
}

static int begin_reading(struct reader *r, const char *mem, const char *copy)
{
	unsigned int i;

	memset(r, 0, READERS * sizeof(*r));
	for (i = 0; i < READERS; i++) {
		r[i].mem = mem;
		r[i].copy = copy;
		r[i].seed = i + 1;
		if (pthread_create(&r[i].thread, NULL, keep_reading, &r[i]))
			return -1;
	}
	return 0;
}

/* Returns how many pages were wrong. */
static unsigned int end_reading(struct reader *r)
{
	unsigned int i, bad = 0;

	for (i = 0; i < READERS; i++) {
		r[i].stop = true;
		pthread_join(r[i].thread, NULL);
		bad += r[i].bad;
	}
	return bad;
}

static int switch_to_fetch(struct zkznl *nl, int src, int dst)
{
	return zkznl_fetch(nl, src) ?: zkznl_wait_state(nl, dst, ZKZ_STATE_FETCHING, WAIT, NULL) ?:
	       zkznl_wait_state(nl, src, ZKZ_STATE_FETCHING, WAIT, NULL);
}

#define EXPECT_ENDED()								\
do {										\
	struct zkznl_session s_, t_;						\
	struct zkznl_memory m_[2];						\
										\
	ASSERT_EQ(0, zkznl_wait_state(self->nl, self->src, ZKZ_STATE_ENDED, WAIT, &s_)); \
	ASSERT_EQ(0, zkznl_wait_state(self->nl, self->dst, ZKZ_STATE_ENDED, WAIT, &t_)); \
	EXPECT_EQ(0, s_.counters[ZKZ_A_COUNTERS_FETCH_MISSING]);		\
	EXPECT_EQ(0, t_.counters[ZKZ_A_COUNTERS_FETCH_MISSING]);		\
	EXPECT_EQ(0, differ(self->mem, self->copy));				\
	EXPECT_EQ(0, zkznl_close_session(self->nl, self->src));			\
	EXPECT_EQ(0, zkznl_close_session(self->nl, self->dst));			\
	EXPECT_EQ(2, zkznl_memories(self->nl, m_, 2));				\
	EXPECT_EQ(0, m_[0].missing + m_[1].missing);				\
	EXPECT_EQ(0, m_[0].session + m_[1].session);				\
} while (0)

/* Nothing but the push. */
TEST_F(link, after_a_pass)
{
	struct zkznl_session s;
	unsigned long i;

	ASSERT_EQ(0, zkznl_run_pass(self->nl, self->src, false, WAIT, NULL));
	for (i = 5; i < SIZE; i += 3 * PAGE_BYTES)
		self->mem[i]++;
	memset(self->mem + 3 * CHUNK_BYTES, 0, PAGE_BYTES);
	ASSERT_EQ(0, madvise(self->mem + 6 * CHUNK_BYTES, CHUNK_BYTES, MADV_REMOVE));
	ASSERT_EQ(0, zkznl_fetch(self->nl, self->src));
	ASSERT_EQ(0, zkznl_wait_state(self->nl, self->dst, ZKZ_STATE_ENDED, WAIT, &s));
	EXPECT_LE(PAGES / 4, s.counters[ZKZ_A_COUNTERS_FETCH_PUSHED]);
	EXPECT_EQ(0, s.counters[ZKZ_A_COUNTERS_FETCH_DUPLICATES]);
	EXPECT_ENDED();
}

TEST_F(link, with_readers)
{
	struct reader readers[READERS];
	struct zkznl_session s, t;
	unsigned long i;

	ASSERT_EQ(0, zkznl_run_pass(self->nl, self->src, false, WAIT, NULL));
	for (i = 5; i < SIZE; i += PAGE_BYTES)
		self->mem[i]++;
	self->link.nap_us = 5000;
	ASSERT_EQ(0, switch_to_fetch(self->nl, self->src, self->dst));
	EXPECT_EQ(-EBUSY, zkznl_pass(self->nl, self->src, true));
	ASSERT_EQ(0, begin_reading(readers, self->mem, self->copy));
	ASSERT_EQ(0, zkznl_wait_state(self->nl, self->dst, ZKZ_STATE_ENDED, WAIT, &t));
	EXPECT_EQ(0, end_reading(readers));
	ASSERT_EQ(0, zkznl_wait_state(self->nl, self->src, ZKZ_STATE_ENDED, WAIT, &s));
	EXPECT_LT(0, t.counters[ZKZ_A_COUNTERS_FETCH_REQUESTS]);
	EXPECT_LE(s.counters[ZKZ_A_COUNTERS_FETCH_DEMAND], s.counters[ZKZ_A_COUNTERS_FETCH_REQUESTS]);
	EXPECT_EQ(s.counters[ZKZ_A_COUNTERS_FETCH_DEMAND] + s.counters[ZKZ_A_COUNTERS_FETCH_PUSHED],
		  t.counters[ZKZ_A_COUNTERS_FETCH_DEMAND] + t.counters[ZKZ_A_COUNTERS_FETCH_PUSHED]);
	EXPECT_EQ(0, t.counters[ZKZ_A_COUNTERS_FETCH_DUPLICATES]);
	TH_LOG("%lu asked for, %lu pushed, blocked %lu ms", t.counters[ZKZ_A_COUNTERS_FETCH_DEMAND],
	       t.counters[ZKZ_A_COUNTERS_FETCH_PUSHED], t.counters[ZKZ_A_COUNTERS_NS_BLOCKED] / 1000000);
	EXPECT_ENDED();
}

/* No pass at all before: everything that there is has still to come. */
TEST_F(link, from_the_beginning)
{
	struct reader readers[READERS];

	self->link.nap_us = 3000;
	ASSERT_EQ(0, switch_to_fetch(self->nl, self->src, self->dst));
	ASSERT_EQ(0, begin_reading(readers, self->mem, self->copy));
	ASSERT_EQ(0, zkznl_wait_state(self->nl, self->dst, ZKZ_STATE_ENDED, WAIT, NULL));
	EXPECT_EQ(0, end_reading(readers));
	EXPECT_ENDED();
}

static unsigned int reads(const struct reader *r)
{
	unsigned int i, n = 0;

	for (i = 0; i < READERS; i++)
		n += r[i].reads;
	return n;
}

TEST_F(link, cut_and_resumed)
{
	unsigned int n = variant->streams, cuts, before;
	struct reader readers[READERS];
	struct zkznl_session t;

	self->link.nap_us = 20000;
	ASSERT_EQ(0, switch_to_fetch(self->nl, self->src, self->dst));
	ASSERT_EQ(0, begin_reading(readers, self->mem, self->copy));
	for (cuts = 0; cuts < 2; cuts++) {
		usleep(200000);
		link_cut(&self->link);
		ASSERT_EQ(0, zkznl_wait_state(self->nl, self->dst, ZKZ_STATE_LOST, WAIT, &t));
		ASSERT_EQ(0, zkznl_wait_state(self->nl, self->src, ZKZ_STATE_LOST, WAIT, NULL));
		EXPECT_LT(0, t.counters[ZKZ_A_COUNTERS_FETCH_MISSING]);
		/* soon everybody waits, and goes on waiting */
		usleep(500000);
		before = reads(readers);
		usleep(200000);
		EXPECT_GE(before + 20, reads(readers));
		ASSERT_EQ(0, link_up(&self->link, self->a, self->b, n));
		ASSERT_EQ(0, zkznl_resume(self->nl, self->dst, self->b, n));
		ASSERT_EQ(0, zkznl_resume(self->nl, self->src, self->a, n));
		close_all(self->a, n);
		close_all(self->b, n);
		ASSERT_EQ(0, zkznl_wait_state(self->nl, self->dst, ZKZ_STATE_FETCHING, WAIT, NULL));
		ASSERT_EQ(0, zkznl_wait_state(self->nl, self->src, ZKZ_STATE_FETCHING, WAIT, NULL));
	}
	self->link.nap_us = 0;
	ASSERT_EQ(0, zkznl_wait_state(self->nl, self->dst, ZKZ_STATE_ENDED, WAIT, NULL));
	EXPECT_EQ(0, end_reading(readers));
	EXPECT_ENDED();
}

/* The owners die: the fetch goes on, and the sessions remove themselves. */
TEST_F(link, owners_die)
{
	struct zkznl *nl = zkznl_open();
	struct zkznl_session list[2];
	int i, left = -1;

	self->link.nap_us = 10000;
	ASSERT_EQ(0, switch_to_fetch(self->nl, self->src, self->dst));
	zkznl_close(self->nl);
	self->nl = nl;
	usleep(100000);
	EXPECT_EQ(2, zkznl_sessions(nl, list, 2));
	self->link.nap_us = 0;
	for (i = 0; i < WAIT / 20 && left; i++) {
		left = zkznl_sessions(nl, list, 2);
		usleep(20000);
	}
	EXPECT_EQ(0, left);
	EXPECT_EQ(0, differ(self->mem, self->copy));
}

/* The source's owner gives up. Told so, or, if the source was in the middle of a frame, given up here as well. */
TEST_F(link, source_aborts)
{
	struct zkznl_session t = { 0 };
	int i;

	self->link.nap_us = 20000;
	ASSERT_EQ(0, switch_to_fetch(self->nl, self->src, self->dst));
	ASSERT_EQ(0, zkznl_abort(self->nl, self->src, "the host goes down"));
	for (i = 0; i < 1000 && t.state != ZKZ_STATE_FAILED && t.state != ZKZ_STATE_LOST; i++) {
		ASSERT_EQ(0, zkznl_get(self->nl, self->dst, &t));
		usleep(20000);
	}
	if (t.state == ZKZ_STATE_FAILED) {
		EXPECT_STREQ("the source aborted: the host goes down", t.reason);
	} else {
		EXPECT_EQ(ZKZ_STATE_LOST, t.state);
		EXPECT_EQ(0, zkznl_abort(self->nl, self->dst, "no hope"));
	}
	EXPECT_TRUE(zkzmem_touch_faults(self->copy + 9 * CHUNK_BYTES, false));
}

TEST_HARNESS_MAIN
