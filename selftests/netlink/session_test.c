// SPDX-License-Identifier: GPL-2.0
/* What sessions and memories tell about themselves: get, list, events and their numbers. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "zkzharness.h"
#include "zkzmem.h"
#include "zkznl.h"

#define SIZE	(8 * CHUNK_BYTES)
#define COOKIE	0xfedcba9876543210ULL
#define WAIT	90000

FIXTURE(session) {
	struct zkznl *nl;
	int memory;
	int target;
	int a[2];
	int b[2];
	int src;
	int dst;
};

FIXTURE_SETUP(session)
{
	if (geteuid())
		SKIP(return, "needs root");
	self->nl = zkznl_open();
	ASSERT_NE(NULL, self->nl);
	ASSERT_EQ(0, zkznl_wait_quiet(self->nl));
	ASSERT_EQ(0, zkzmem_mount("size=64M"));
	self->memory = zkzmem_create("m", SIZE);
	self->target = zkzmem_create("t", SIZE);
	ASSERT_EQ(0, zkznl_tcp_pairs(self->a, self->b, 2));
	self->src = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, self->a, 2, COOKIE, 15000);
	ASSERT_LT(0, self->src);
	self->dst = zkznl_new(self->nl, ZKZ_ROLE_TARGET, self->target, self->b, 2, COOKIE, 16000);
	ASSERT_LT(0, self->dst);
}

FIXTURE_TEARDOWN(session)
{
	zkznl_close(self->nl);
}

static uint64_t inode_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : st.st_ino;
}

TEST_F(session, get)
{
	struct zkznl_session s;

	ASSERT_EQ(0, zkznl_get(self->nl, self->src, &s));
	EXPECT_EQ(self->src, s.id);
	EXPECT_EQ(ZKZ_ROLE_SOURCE, s.role);
	EXPECT_EQ(ZKZ_STATE_IDLE, s.state);
	EXPECT_EQ(0, s.pass);
	EXPECT_EQ(COOKIE, s.cookie);
	EXPECT_EQ(2, s.streams);
	EXPECT_EQ(15000, s.timeout_ms);
	EXPECT_EQ(inode_of(self->memory), s.inode);
	EXPECT_EQ(0, s.error);
	EXPECT_STREQ("", s.reason);

	ASSERT_EQ(0, zkznl_get(self->nl, self->dst, &s));
	EXPECT_EQ(self->dst, s.id);
	EXPECT_EQ(ZKZ_ROLE_TARGET, s.role);
	EXPECT_EQ(16000, s.timeout_ms);
	EXPECT_EQ(inode_of(self->target), s.inode);
}

TEST_F(session, list)
{
	struct zkznl_session list[3];
	struct zkznl_memory memory[3];
	int i;

	ASSERT_EQ(2, zkznl_sessions(self->nl, list, 3));
	EXPECT_EQ(self->src, list[0].id);
	EXPECT_EQ(self->dst, list[1].id);

	ASSERT_EQ(2, zkznl_memories(self->nl, memory, 3));
	for (i = 0; i < 2; i++) {
		bool source = !strcmp(memory[i].name, "m");

		EXPECT_STREQ(source ? "m" : "t", memory[i].name);
		EXPECT_EQ(SIZE, memory[i].size);
		EXPECT_EQ(0, memory[i].resident);
		EXPECT_EQ(inode_of(source ? self->memory : self->target), memory[i].inode);
		EXPECT_EQ(source ? self->src : self->dst, (int)memory[i].session);
		EXPECT_EQ(source, memory[i].tracked);
	}
}

/* More sessions than fit into one message of a dump. */
TEST_F(session, long_list)
{
	static struct zkznl_session list[64];
	int fd, a, b, i, id;
	char name[16];

	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		fd = zkzmem_create(name, CHUNK_BYTES);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, zkznl_tcp_pairs(&a, &b, 1));
		id = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, fd, &a, 1, i, 15000);
		ASSERT_LT(0, id);
		close(a);
		close(fd);
	}
	ASSERT_EQ(42, zkznl_sessions(self->nl, list, 64));
	for (i = 1; i < 42; i++)
		EXPECT_LT(list[i - 1].id, list[i].id);
}

/* Events of one session come in the order of their numbers, and say what happens. */
TEST_F(session, events)
{
	static const int order[] = { ZKZ_EVENT_PASS_BEGIN, ZKZ_EVENT_PASS_END, ZKZ_EVENT_PASS_BEGIN,
				     ZKZ_EVENT_PASS_END, ZKZ_EVENT_END };
	struct zkznl_session s = { 0 };
	unsigned int i, seq = 0;
	char *mem;
	int event;

	mem = zkzmem_map(self->memory, SIZE, PROT_READ | PROT_WRITE);
	ASSERT_NE(NULL, mem);
	zkzmem_fill(mem, SIZE, 1);
	ASSERT_EQ(0, zkznl_pass(self->nl, self->src, false));
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		do {
			event = zkznl_wait(self->nl, self->src, 0, WAIT, &s);
			EXPECT_EQ(++seq, s.seq);
			EXPECT_EQ(ZKZ_ROLE_SOURCE, s.role);
		} while (event == ZKZ_EVENT_PROGRESS);
		ASSERT_EQ(order[i], event);
		EXPECT_EQ(i < 2 ? 0 : 1, s.pass);
		if (i == 1) {
			EXPECT_EQ(ZKZ_STATE_IDLE, s.state);
			EXPECT_EQ(SIZE / PAGE_BYTES, s.counters[ZKZ_A_COUNTERS_PASS_PAGES_DATA]);
			ASSERT_EQ(0, zkznl_pass(self->nl, self->src, true));
		}
	}
	EXPECT_EQ(ZKZ_STATE_ENDED, s.state);
}

TEST_F(session, events_of_target)
{
	struct zkznl_session s;

	ASSERT_EQ(0, zkznl_pass(self->nl, self->src, true));
	EXPECT_EQ(ZKZ_EVENT_PASS_BEGIN, zkznl_wait(self->nl, self->dst, 0, WAIT, &s));
	EXPECT_EQ(1, s.seq);
	EXPECT_EQ(ZKZ_ROLE_TARGET, s.role);
	EXPECT_EQ(ZKZ_EVENT_PASS_END, zkznl_wait(self->nl, self->dst, 0, WAIT, &s));
	EXPECT_EQ(2, s.seq);
	EXPECT_EQ(ZKZ_EVENT_END, zkznl_wait(self->nl, self->dst, 0, WAIT, &s));
	EXPECT_EQ(3, s.seq);
	EXPECT_EQ(ZKZ_STATE_ENDED, s.state);
}

TEST_F(session, counters)
{
	struct zkznl_session s, t;
	uint64_t *c = s.counters, *d = t.counters;
	unsigned int i;
	char *mem;

	/* chunk 0 full of data, chunk 1 zero but present, the others holes */
	mem = zkzmem_map(self->memory, SIZE, PROT_READ | PROT_WRITE);
	zkzmem_fill(mem, CHUNK_BYTES, 2);
	for (i = 0; i < CHUNK_PAGES; i++)
		*(volatile char *)(mem + CHUNK_BYTES + i * PAGE_BYTES) = 0;
	ASSERT_EQ(0, zkznl_get(self->nl, self->src, &s));
	EXPECT_EQ(2 * CHUNK_PAGES, c[ZKZ_A_COUNTERS_PAGES_PRESENT]);
	EXPECT_EQ(2 * CHUNK_PAGES, c[ZKZ_A_COUNTERS_PAGES_DIRTY]);

	ASSERT_EQ(0, zkznl_run_pass(self->nl, self->src, false, WAIT, &s));
	EXPECT_EQ(CHUNK_PAGES, c[ZKZ_A_COUNTERS_PAGES_DATA]);
	EXPECT_EQ(CHUNK_PAGES, c[ZKZ_A_COUNTERS_PAGES_ZERO]);
	EXPECT_EQ(0, c[ZKZ_A_COUNTERS_PAGES_HOLE]);
	EXPECT_EQ(2 * CHUNK_PAGES, c[ZKZ_A_COUNTERS_PAGES_TOTAL]);
	EXPECT_EQ(2 * CHUNK_PAGES, c[ZKZ_A_COUNTERS_PAGES_DONE]);
	EXPECT_EQ(0, c[ZKZ_A_COUNTERS_PAGES_DIRTY]);
	EXPECT_EQ(1, c[ZKZ_A_COUNTERS_PASSES]);
	EXPECT_LT(0, c[ZKZ_A_COUNTERS_WP_CALLS] + 1);
	EXPECT_LT(0, c[ZKZ_A_COUNTERS_NS_PASS]);
	EXPECT_LT(0, c[ZKZ_A_COUNTERS_NS_HARVEST]);
	EXPECT_LT(0, c[ZKZ_A_COUNTERS_NS_SEND]);
	EXPECT_LE(c[ZKZ_A_COUNTERS_NS_PASS], c[ZKZ_A_COUNTERS_NS_TOTAL]);
	/* pages that are zero or holes cost nothing: only some headers besides the data */
	EXPECT_LT(CHUNK_BYTES, c[ZKZ_A_COUNTERS_BYTES_WIRE]);
	EXPECT_GT(CHUNK_BYTES + 2048, c[ZKZ_A_COUNTERS_BYTES_WIRE]);

	mem[0]++;
	mem[PAGE_BYTES]++;
	ASSERT_EQ(0, zkznl_get(self->nl, self->src, &s));
	EXPECT_EQ(2, c[ZKZ_A_COUNTERS_PAGES_DIRTY]);
	EXPECT_EQ(2, c[ZKZ_A_COUNTERS_FAULTS]);
	ASSERT_EQ(0, zkznl_run_pass(self->nl, self->src, true, WAIT, &s));
	EXPECT_EQ(2, c[ZKZ_A_COUNTERS_PASS_PAGES_DATA]);
	EXPECT_EQ(2, c[ZKZ_A_COUNTERS_PAGES_DONE]);
	EXPECT_EQ(CHUNK_PAGES + 2, c[ZKZ_A_COUNTERS_PAGES_DATA]);
	EXPECT_EQ(2, c[ZKZ_A_COUNTERS_PASSES]);
	EXPECT_EQ(1, s.pass);

	/* the target saw the same bytes, and only the data */
	ASSERT_EQ(0, zkznl_wait_state(self->nl, self->dst, ZKZ_STATE_ENDED, WAIT, &t));
	EXPECT_EQ(CHUNK_PAGES + 2, d[ZKZ_A_COUNTERS_PAGES_DATA]);
	EXPECT_EQ(0, d[ZKZ_A_COUNTERS_PAGES_ZERO]);
	EXPECT_EQ(c[ZKZ_A_COUNTERS_BYTES_WIRE], d[ZKZ_A_COUNTERS_BYTES_WIRE]);
	EXPECT_EQ(CHUNK_PAGES, d[ZKZ_A_COUNTERS_PAGES_PRESENT]);
}

/* The numbers of sessions are not used again at once: a late request must not hit another session. */
TEST_F(session, numbers_are_not_reused)
{
	int id;

	ASSERT_EQ(0, zkznl_abort(self->nl, self->src, NULL));
	ASSERT_EQ(0, zkznl_abort(self->nl, self->dst, NULL));
	ASSERT_EQ(0, zkznl_tcp_pairs(self->a, self->b, 1));
	id = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, self->a, 1, COOKIE, 15000);
	EXPECT_LT(self->dst, id);
}

TEST_HARNESS_MAIN
