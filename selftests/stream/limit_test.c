// SPDX-License-Identifier: GPL-2.0
/*
 * A key protects a limited number of bytes: before there would be more on a connection, the session stops. In a fetch
 * it goes on over new connections, which have new keys.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "zkzharness.h"
#include "zkzmem.h"
#include "zkznl.h"

#define SIZE	(4 * CHUNK_BYTES)
#define COOKIE	77
#define WAIT	90000

FIXTURE(limit) {
	struct zkznl *nl;
	int memory, target;
	int src, dst;
	char *mem;
};

FIXTURE_SETUP(limit)
{
	if (geteuid())
		SKIP(return, "needs root");
	self->nl = zkznl_open();
	ASSERT_NE(NULL, self->nl);
	ASSERT_EQ(0, zkznl_wait_quiet(self->nl));
	ASSERT_EQ(0, zkzmem_mount("size=64M"));
	self->memory = zkzmem_create("s", SIZE);
	self->target = zkzmem_create("t", SIZE);
	self->mem = zkzmem_map(self->memory, SIZE, PROT_READ | PROT_WRITE);
	ASSERT_NE(MAP_FAILED, self->mem);
	zkzmem_fill(self->mem, SIZE, 1);
}

FIXTURE_TEARDOWN(limit)
{
	zkznl_abort(self->nl, self->src, NULL);
	zkznl_abort(self->nl, self->dst, NULL);
	zkznl_close(self->nl);
}

/* Returns 0 or a negative error; @bytes is the limit of the source. */
static int begin(struct zkznl *nl, int memory, int target, uint64_t bytes, int *src, int *dst)
{
	struct nl_msg *msg;
	int fd[2], ret;

	ret = zkznl_tcp_pair(fd);
	if (ret)
		return ret;
	*dst = zkznl_new(nl, ZKZ_ROLE_TARGET, target, &fd[1], 1, COOKIE, WAIT);
	msg = zkznl_begin_new(nl, ZKZ_ROLE_SOURCE, memory, &fd[0], 1, COOKIE);
	nla_put_u32(msg, ZKZ_A_SESSION_TIMEOUT_MS, WAIT);
	nla_put_u64(msg, ZKZ_A_SESSION_STREAM_LIMIT, bytes);
	*src = zkznl_call_new(nl);
	close(fd[0]);
	close(fd[1]);
	return *src < 0 ? *src : *dst < 0 ? *dst : 0;
}

#define BEGIN(bytes)	ASSERT_EQ(0, begin(self->nl, self->memory, self->target, bytes, &self->src, &self->dst))

TEST_F(limit, stops_in_time)
{
	struct zkznl_session s, t;

	BEGIN(SIZE / 2);
	ASSERT_EQ(0, zkznl_pass(self->nl, self->src, false));
	ASSERT_EQ(ZKZ_EVENT_ERROR, zkznl_wait(self->nl, self->src, ZKZ_EVENT_ERROR, WAIT, &s));
	EXPECT_EQ(-EKEYEXPIRED, s.error);
	EXPECT_NE(NULL, strstr(s.reason, "key"));
	ASSERT_EQ(0, zkznl_wait_state(self->nl, self->dst, ZKZ_STATE_FAILED, WAIT, &t));
	/* the target hears why */
	EXPECT_NE(NULL, strstr(t.reason, "key"));
	EXPECT_GE(SIZE / 2 + 1024, t.counters[ZKZ_A_COUNTERS_BYTES_WIRE]);
	EXPECT_LT(0, t.counters[ZKZ_A_COUNTERS_PAGES_DATA]);
}

TEST_F(limit, counts_all_passes)
{
	struct zkznl_session s;

	BEGIN(SIZE + SIZE / 2);
	ASSERT_EQ(0, zkznl_run_pass(self->nl, self->src, false, WAIT, &s));
	zkzmem_fill(self->mem, SIZE, 2);
	ASSERT_EQ(0, zkznl_pass(self->nl, self->src, false));
	ASSERT_EQ(ZKZ_EVENT_ERROR, zkznl_wait(self->nl, self->src, ZKZ_EVENT_ERROR, WAIT, &s));
	EXPECT_EQ(-EKEYEXPIRED, s.error);
}

TEST_F(limit, is_not_reached)
{
	struct zkznl_session s;

	/* pages, and a header for each frame */
	BEGIN(SIZE + 64 * 1024);
	ASSERT_EQ(0, zkznl_run_pass(self->nl, self->src, true, WAIT, &s));
	ASSERT_EQ(0, zkznl_wait_state(self->nl, self->dst, ZKZ_STATE_ENDED, WAIT, NULL));
}

TEST_F(limit, fetch_goes_on_with_new_keys)
{
	struct zkznl_session s;
	int fd[2], event, resumes = 0;
	char *copy;

	BEGIN(SIZE / 2);
	ASSERT_EQ(0, zkznl_fetch(self->nl, self->src));
	do {
		event = zkznl_wait(self->nl, self->src, 0, WAIT, &s);
		ASSERT_LT(0, event);
		if (event != ZKZ_EVENT_LOST)
			continue;
		EXPECT_EQ(-EKEYEXPIRED, s.error);
		ASSERT_EQ(0, zkznl_wait_state(self->nl, self->dst, ZKZ_STATE_LOST, WAIT, NULL));
		ASSERT_GT(4, ++resumes);
		ASSERT_EQ(0, zkznl_tcp_pair(fd));
		ASSERT_EQ(0, zkznl_resume(self->nl, self->dst, &fd[1], 1));
		ASSERT_EQ(0, zkznl_resume(self->nl, self->src, &fd[0], 1));
		close(fd[0]);
		close(fd[1]);
	} while (event != ZKZ_EVENT_END);
	EXPECT_EQ(ZKZ_STATE_ENDED, s.state);
	EXPECT_LT(0, resumes);
	ASSERT_EQ(0, zkznl_wait_state(self->nl, self->dst, ZKZ_STATE_ENDED, WAIT, NULL));
	copy = zkzmem_map(self->target, SIZE, PROT_READ);
	ASSERT_NE(MAP_FAILED, copy);
	EXPECT_EQ(0, memcmp(self->mem, copy, SIZE));
}

TEST_HARNESS_MAIN
