// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that are written while a pass is under way. After their harvest: the pass leaves them out, and a later one has
 * them. Before it: their chunks come at the end of the first pass. The target is played by the test, which takes its
 * time, so that they wait for certain.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "zkzharness.h"
#include "zkzmem.h"
#include "zkznl.h"
#include "zkzpeer.h"
#include "zkzstall.h"

/* More than sockets, and the windows that are harvested ahead, take as long as nobody reads. */
#define CHUNKS	28
#define SIZE	(CHUNKS * CHUNK_BYTES)
#define PAGES	(CHUNKS * CHUNK_PAGES)
#define COOKIE	77
#define WAIT	60000
#define AGAIN	5
#define HOLES	3	/* chunks that are given back and taken again */
#define BUFFER	(256 << 10)

FIXTURE(again) {
	struct zkznl *nl;
	struct zkzpeer peer;
	int src, sock, memory;
	char *mem, *copy;
	unsigned char *came;	/* a byte a page: how often */
	unsigned int order[CHUNKS];
};

FIXTURE_VARIANT(again) {
	const char *options;
	bool watched;
};

FIXTURE_VARIANT_ADD(again, huge) {
	.options = "size=64M",
	.watched = true,
};

FIXTURE_VARIANT_ADD(again, small_pages) {
	.options = "size=64M,huge=never",
};

FIXTURE_SETUP(again)
{
	int fd[2];

	if (geteuid())
		SKIP(return, "needs root");
	self->nl = zkznl_open();
	ASSERT_NE(NULL, self->nl);
	ASSERT_EQ(0, zkznl_wait_quiet(self->nl));
	ASSERT_EQ(0, zkzmem_mount(variant->options));
	self->memory = zkzmem_create("m", SIZE);
	self->mem = zkzmem_map(self->memory, SIZE, PROT_READ | PROT_WRITE);
	self->copy = calloc(1, SIZE);
	self->came = calloc(1, PAGES);
	ASSERT_NE(NULL, self->mem);
	ASSERT_NE(NULL, self->copy);
	ASSERT_NE(NULL, self->came);
	zkzmem_fill(self->mem, SIZE, 3);
	ASSERT_EQ(0, zkznl_tcp_pair(fd));
	self->src = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, fd, 1, COOKIE, 30000);
	ASSERT_LT(0, self->src);
	self->sock = fd[0];
	zkzpeer_init(&self->peer, fd[1], COOKIE, PAGES, 0, 1);
	ASSERT_EQ(0, zkzpeer_hello(&self->peer, ZKZ_WIRE_FEATURE_VIRGIN));
}

FIXTURE_TEARDOWN(again)
{
	free(self->copy);
	free(self->came);
	zkznl_close(self->nl);
}

/* Notes a chunk when the first of its pages comes. Returns how many chunks have come. */
static unsigned int note_order(unsigned int *order, unsigned int nr, unsigned int chunk)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (order[i] == chunk)
			return nr;
	order[nr] = chunk;
	return nr + 1;
}

/* Be the target until the pass is over, and acknowledge it. Returns 0 or a negative error. */
static int take_pass(struct zkzpeer *peer, char *copy, unsigned char *came, unsigned int *order)
{
	struct zkz_counts counts = { 0 };
	struct zkz_frame frame;
	static char payload[CHUNK_BYTES];
	unsigned int i, chunks = 0;
	int ret;

	memset(came, 0, PAGES);
	for (;;) {
		ret = zkzpeer_recv(peer, &frame, payload, sizeof(payload));
		if (ret)
			return ret;
		if (frame.type == ZKZ_WIRE_PASS_END)
			break;
		if (frame.type == ZKZ_WIRE_DATA)
			memcpy(copy + frame.first * PAGE_BYTES, payload, frame.length);
		else if (frame.type == ZKZ_WIRE_ZERO || frame.type == ZKZ_WIRE_HOLE)
			memset(copy + frame.first * PAGE_BYTES, 0, frame.pages * PAGE_BYTES);
		else
			continue;
		zkz_counts_extent(&counts, frame.type, frame.pages);
		chunks = note_order(order, chunks, frame.first / CHUNK_PAGES);
		for (i = 0; i < frame.pages; i++)
			came[frame.first + i]++;
	}
	peer->pass = frame.pass;
	return zkzpeer_counts(peer, ZKZ_WIRE_PASS_ACK, &counts);
}

/* Until nothing more is harvested, because nobody reads. What a harvest did is counted when it is over. */
static bool wait_stuck(struct zkznl *nl, int src)
{
	struct zkznl_session s;
	__u64 before = 0;
	int i, same = 0;

	for (i = 0; i < WAIT / 10 && same < 50; i++) {
		if (zkznl_get(nl, src, &s))
			return false;
		same = before && s.counters[ZKZ_A_COUNTERS_WP_CALLS] == before ? same + 1 : 0;
		before = s.counters[ZKZ_A_COUNTERS_WP_CALLS];
		usleep(10000);
	}
	return same == 50;
}

/* Write a page of each chunk, from the last one on, until it is one that was harvested: its pages wait to be sent. */
static unsigned int write_harvested(struct zkznl *nl, int src, char *mem)
{
	unsigned int chunk = CHUNKS;
	struct zkznl_session s;

	do {
		mem[--chunk * CHUNK_BYTES]++;
		if (zkznl_get(nl, src, &s))
			return 0;
	} while (chunk && !s.counters[ZKZ_A_COUNTERS_FAULTS]);
	return chunk;
}

#define COUNTER(name) ({							\
	struct zkznl_session s_ = { 0 };					\
	ASSERT_EQ(0, zkznl_get(self->nl, self->src, &s_));			\
	s_.counters[ZKZ_A_COUNTERS_##name];					\
})

#define PASS_OVER()								\
do {										\
	ASSERT_EQ(0, take_pass(&self->peer, self->copy, self->came, self->order)); \
	ASSERT_EQ(ZKZ_EVENT_PASS_END, zkznl_wait(self->nl, self->src, ZKZ_EVENT_PASS_END, WAIT, NULL)); \
} while (0)

/* Begin a pass, write AGAIN pages that have been harvested, and only then read. */
#define PASS_WITH_WRITES()							\
do {										\
	unsigned int i_;							\
										\
	ASSERT_EQ(0, zkznl_pass(self->nl, self->src, false));			\
	ASSERT_TRUE(wait_stuck(self->nl, self->src));				\
	late = write_harvested(self->nl, self->src, self->mem);			\
	ASSERT_NE(0, late);							\
	for (i_ = 1; i_ < AGAIN; i_++)						\
		self->mem[late * CHUNK_BYTES + i_ * PAGE_BYTES]++;		\
	PASS_OVER();								\
} while (0)

TEST_F(again, are_skipped)
{
	unsigned int i, first, late;

	PASS_WITH_WRITES();
	first = late * CHUNK_PAGES;
	EXPECT_EQ(AGAIN, COUNTER(PAGES_SKIPPED));
	EXPECT_EQ(AGAIN, COUNTER(PASS_PAGES_SKIPPED));
	EXPECT_EQ(AGAIN, COUNTER(PAGES_DIRTY));
	EXPECT_EQ(PAGES - AGAIN, COUNTER(PAGES_DATA));
	EXPECT_EQ(PAGES, COUNTER(PAGES_DONE));
	for (i = 0; i < PAGES; i++) {
		bool again = i >= first && i < first + AGAIN;

		ASSERT_EQ(!again, self->came[i])
			TH_LOG("page %u", i);
	}
}

TEST_F(again, come_later)
{
	unsigned int late;

	PASS_WITH_WRITES();
	ASSERT_EQ(0, zkznl_pass(self->nl, self->src, false));
	ASSERT_EQ(0, take_pass(&self->peer, self->copy, self->came, self->order));
	ASSERT_EQ(ZKZ_EVENT_PASS_END, zkznl_wait(self->nl, self->src, ZKZ_EVENT_PASS_END, WAIT, NULL));
	EXPECT_EQ(AGAIN, COUNTER(PASS_PAGES_DATA));
	EXPECT_EQ(0, COUNTER(PASS_PAGES_SKIPPED));
	EXPECT_EQ(0, COUNTER(PAGES_DIRTY));
	EXPECT_EQ(0, memcmp(self->mem, self->copy, SIZE));
}

/* A guest that is frozen writes nothing; but whatever does, nothing comes after the final pass, so all is sent. */
TEST_F(again, are_all_in_the_final_pass)
{
	unsigned int late;

	PASS_WITH_WRITES();
	memset(self->mem, 9, (late + 1) * CHUNK_BYTES);
	ASSERT_EQ(0, zkznl_pass(self->nl, self->src, true));
	usleep(200000);
	self->mem[late * CHUNK_BYTES]++;
	ASSERT_EQ(0, take_pass(&self->peer, self->copy, self->came, self->order));
	EXPECT_EQ((late + 1) * CHUNK_PAGES, COUNTER(PASS_PAGES_DATA));
	EXPECT_EQ(0, COUNTER(PASS_PAGES_SKIPPED));
	EXPECT_EQ(0, memcmp(self->mem, self->copy, SIZE));
}

/* Given back while it waited. Nothing was ever sent for it, so the target has a hole there, too. */
TEST_F(again, holes_cost_nothing)
{
	unsigned int late;

	ASSERT_EQ(0, zkznl_pass(self->nl, self->src, false));
	ASSERT_TRUE(wait_stuck(self->nl, self->src));
	late = write_harvested(self->nl, self->src, self->mem);
	ASSERT_EQ(0, madvise(self->mem + late * CHUNK_BYTES, CHUNK_BYTES, MADV_REMOVE));
	ASSERT_EQ(0, take_pass(&self->peer, self->copy, self->came, self->order));
	ASSERT_EQ(ZKZ_EVENT_PASS_END, zkznl_wait(self->nl, self->src, ZKZ_EVENT_PASS_END, WAIT, NULL));
	EXPECT_EQ(CHUNK_PAGES, COUNTER(PASS_PAGES_SKIPPED));
	ASSERT_EQ(0, zkznl_pass(self->nl, self->src, true));
	ASSERT_EQ(0, take_pass(&self->peer, self->copy, self->came, self->order));
	EXPECT_EQ(0, COUNTER(PASS_PAGES_DATA));
	EXPECT_EQ(0, memcmp(self->mem, self->copy, SIZE));
}

/* What is written before its turn comes at the end, and of it first what was written last. */
TEST_F(again, or_before_come_at_the_end)
{
	static const unsigned int written[] = { 18, 25, 20 };
	const unsigned int nr = ARRAY_SIZE(written);
	unsigned int i, at;

	ASSERT_EQ(0, zkznl_pass(self->nl, self->src, false));
	ASSERT_TRUE(wait_stuck(self->nl, self->src));
	for (i = 0; i < 2 * nr; i++)
		self->mem[written[i % nr] * CHUNK_BYTES + i * PAGE_BYTES]++;
	/* to be seen costs no huge mapping */
	if (variant->watched)
		EXPECT_EQ((long)(nr * CHUNK_BYTES / 1024), zkzmem_smaps(self->mem, "FilePmdMapped"));
	ASSERT_EQ(0, take_pass(&self->peer, self->copy, self->came, self->order));
	ASSERT_EQ(ZKZ_EVENT_PASS_END, zkznl_wait(self->nl, self->src, ZKZ_EVENT_PASS_END, WAIT, NULL));
	for (i = 0, at = 0; i < CHUNKS; i++) {
		/* small pages are not watched: it would cost a fault for each */
		if (variant->watched && (i == 18 || i == 20 || i == 25))
			continue;
		EXPECT_EQ(i, self->order[at++]);
	}
	for (i = nr; at < CHUNKS; at++)
		EXPECT_EQ(written[--i], self->order[at]);
	for (i = 0; i < PAGES; i++)
		ASSERT_EQ(1, self->came[i])
			TH_LOG("page %u", i);
	EXPECT_EQ(0, COUNTER(PAGES_DIRTY));
	EXPECT_EQ(0, memcmp(self->mem, self->copy, SIZE));
}

/* Do pages come from the allocator as they were left by whoever had them before? */
static bool allocator_clears(void)
{
	char line[4096] = "";
	FILE *f = fopen("/proc/cmdline", "r");

	if (f) {
		line[fread(line, 1, sizeof(line) - 1, f)] = 0;
		fclose(f);
	}
	return !strstr(line, "init_on_alloc=0");
}

/* Is there one of the holes that has got its memory, which nobody may see yet? */
static bool being_cleared(int memory, char *mem)
{
	unsigned char in_core;
	off_t at;

	for (at = CHUNK_BYTES; at <= (off_t)(HOLES * CHUNK_BYTES); at += CHUNK_BYTES) {
		if (lseek(memory, at, SEEK_DATA) == at && !mincore(mem + at, PAGE_BYTES, &in_core) && !(in_core & 1))
			return true;
	}
	return false;
}

/*
 * Chunks that were given back, harvested as holes, and are needed again before they are sent: what is in a fresh page
 * before it is cleared is no business of the target's. To find one in that state may take several passes.
 */
TEST_F(again, never_before_they_are_cleared)
{
	const int buffer = BUFFER;
	struct zkzstall stall;
	bool found = false;
	int i;

	if (!variant->watched || allocator_clears() || !zkzstall_possible())
		SKIP(return, "needs huge pages, init_on_alloc=0 and two processors");
	/* Less than a chunk: the first one with data is as far as the stream comes. */
	setsockopt(self->sock, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	setsockopt(self->peer.fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	for (i = 0; i < 20 && !found; i++) {
		zkzmem_fill(self->mem, (1 + HOLES) * CHUNK_BYTES, i);
		ASSERT_EQ(0, zkznl_pass(self->nl, self->src, false));
		PASS_OVER();
		zkzmem_fill(self->mem, CHUNK_BYTES, ~i);
		ASSERT_EQ(0, madvise(self->mem + CHUNK_BYTES, HOLES * CHUNK_BYTES, MADV_REMOVE));
		ASSERT_EQ(0, zkznl_pass(self->nl, self->src, false));
		ASSERT_TRUE(wait_stuck(self->nl, self->src));
		EXPECT_EQ(0, COUNTER(PAGES_DIRTY));
		found = zkzstall_begin(&stall, self->memory, CHUNK_BYTES, HOLES * CHUNK_BYTES) &&
			being_cleared(self->memory, self->mem);
		PASS_OVER();
		found = found && zkzstall_stands(&stall);
		ASSERT_EQ(0, zkzstall_end(&stall));
	}
	ASSERT_TRUE(found);
	/* Clearing is no write, so nothing will be sent again. */
	EXPECT_EQ(0, COUNTER(PAGES_DIRTY));
	EXPECT_EQ(0, memcmp(self->mem, self->copy, SIZE));
}

TEST_HARNESS_MAIN
