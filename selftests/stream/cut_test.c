// SPDX-License-Identifier: GPL-2.0
/* Connections that break, peers that stall or give up: at every point, on either side. The end is never success. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "zkzharness.h"
#include "zkzmem.h"
#include "zkznl.h"
#include "zkzpeer.h"

#define CHUNKS	8		/* more than two sockets queue */
#define SIZE	(CHUNKS * CHUNK_BYTES)
#define PAGES	(CHUNKS * CHUNK_PAGES)
#define COOKIE	31
#define WAIT	90000
#define SHORT	1000		/* the deadline of sessions that are to miss it */

FIXTURE(cut) {
	struct zkznl *nl;
	int memory;
	int session;
	struct zkzpeer peer;
	char *mem;
};

FIXTURE_SETUP(cut)
{
	if (geteuid())
		SKIP(return, "needs root");
	self->nl = zkznl_open();
	ASSERT_NE(NULL, self->nl);
	ASSERT_EQ(0, zkznl_wait_quiet(self->nl));
	ASSERT_EQ(0, zkzmem_mount("size=64M"));
	self->memory = zkzmem_create("m", SIZE);
	self->mem = zkzmem_map(self->memory, SIZE, PROT_READ | PROT_WRITE);
}

FIXTURE_TEARDOWN(cut)
{
	struct zkznl_memory memory[1] = { 0 };

	/* what failed can be closed, and then the memory is free and works */
	EXPECT_EQ(0, zkznl_close_session(self->nl, self->session));
	EXPECT_EQ(1, zkznl_memories(self->nl, memory, 1));
	EXPECT_EQ(0, memory[0].session);
	EXPECT_FALSE(memory[0].tracked);
	zkzmem_fill(self->mem, SIZE, 77);
	EXPECT_EQ(0, zkzmem_check(self->mem, SIZE, 77));
	zkznl_close(self->nl);
}

static int make(struct zkznl *nl, struct zkzpeer *peer, int role, int memory, unsigned int timeout_ms)
{
	int fd[2], id;

	if (zkznl_tcp_pair(fd))
		return -1;
	id = zkznl_new(nl, role, memory, &fd[0], 1, COOKIE, timeout_ms);
	close(fd[0]);
	zkzpeer_init(peer, fd[1], COOKIE, PAGES, 0, 1);
	return id;
}

#define EXPECT_FAILED(error_, text)							\
do {											\
	struct zkznl_session s = { 0 };							\
											\
	ASSERT_EQ(0, zkznl_wait_state(self->nl, self->session, ZKZ_STATE_FAILED, WAIT, &s)); \
	if (error_) {									\
		EXPECT_EQ(error_, s.error);						\
	}										\
	EXPECT_NE(NULL, strstr(s.reason, text))						\
		TH_LOG("reason: %s", s.reason);						\
} while (0)

static int greet(struct zkzpeer *peer)
{
	struct zkz_frame frame;
	int ret = zkzpeer_hello(peer, 0);

	return ret ? ret : zkzpeer_recv_type(peer, ZKZ_WIRE_HELLO, &frame, NULL, 0);
}

/* How far a source played by the test gets before it goes. */
enum { AT_ONCE, HALF_HELLO, GREETED, IN_PASS, HALF_HEADER, HALF_PAGES, AFTER_PAGES, AFTER_PASS, AFTER_FINAL, POINTS };

static int play_source(struct zkzpeer *peer, int point, char *pages)
{
	struct zkz_counts counts = { .frames = 1, .data = 8 };
	__u8 header[ZKZ_WIRE_HEADER_SIZE];
	struct zkz_frame frame;

	if (point == AT_ONCE)
		return 0;
	if (point == HALF_HELLO) {
		frame = zkzpeer_frame(peer, ZKZ_WIRE_HELLO);
		frame.length = ZKZ_WIRE_HELLO_SIZE;
		zkz_wire_encode(&frame, header);
		return zkzpeer_send_raw(peer, header, sizeof(header));
	}
	if (greet(peer))
		return -1;
	if (point == GREETED)
		return 0;
	if (zkzpeer_pass_begin(peer, point == AFTER_FINAL ? ZKZ_WIRE_F_FINAL : 0))
		return -1;
	if (point == IN_PASS)
		return 0;
	frame = zkzpeer_extent(peer, ZKZ_WIRE_DATA, 8, 8);
	zkz_wire_encode(&frame, header);
	if (point == HALF_HEADER)
		return zkzpeer_send_raw(peer, header, 20);
	if (point == HALF_PAGES)
		return zkzpeer_send_raw(peer, header, sizeof(header)) ?:
		       zkzpeer_send_raw(peer, pages, 3 * PAGE_BYTES + 100);
	if (zkzpeer_send(peer, &frame, pages))
		return -1;
	if (point == AFTER_PAGES)
		return 0;
	return zkzpeer_counts(peer, ZKZ_WIRE_PASS_END, &counts) ?:
	       zkzpeer_recv_type(peer, ZKZ_WIRE_PASS_ACK, &frame, NULL, 0);
}

#define SOURCE_GOES(point)								\
TEST_F(cut, source_goes_##point)							\
{											\
	char pages[8 * PAGE_BYTES];							\
											\
	memset(pages, 'p', sizeof(pages));						\
	self->session = make(self->nl, &self->peer, ZKZ_ROLE_TARGET, self->memory, 20000); \
	ASSERT_LT(0, self->session);							\
	ASSERT_EQ(0, play_source(&self->peer, point, pages));				\
	close(self->peer.fd);								\
	EXPECT_FAILED(0, point == HALF_PAGES || point == HALF_HEADER ? "frame 2" : "stream 0"); \
	/* nothing that did not come whole is seen */					\
	if (point < AFTER_PAGES) {							\
		EXPECT_EQ(0, zkzmem_nonzero(self->mem, SIZE));				\
	} else {									\
		EXPECT_EQ(0, memcmp(self->mem + 8 * PAGE_BYTES, pages, sizeof(pages)));	\
	}										\
}

SOURCE_GOES(AT_ONCE)
SOURCE_GOES(HALF_HELLO)
SOURCE_GOES(GREETED)
SOURCE_GOES(IN_PASS)
SOURCE_GOES(HALF_HEADER)
SOURCE_GOES(HALF_PAGES)
SOURCE_GOES(AFTER_PAGES)
SOURCE_GOES(AFTER_PASS)
SOURCE_GOES(AFTER_FINAL)

/* A source that stays, but is silent when it should not be. */
#define SOURCE_STALLS(point)								\
TEST_F(cut, source_stalls_##point)							\
{											\
	char heard[ZKZ_WIRE_REASON_MAX + 1] = "", pages[8 * PAGE_BYTES] = { 1 };	\
	struct zkz_frame frame;								\
											\
	self->session = make(self->nl, &self->peer, ZKZ_ROLE_TARGET, self->memory, SHORT); \
	ASSERT_LT(0, self->session);							\
	ASSERT_EQ(0, play_source(&self->peer, point, pages));				\
	EXPECT_FAILED(-ETIMEDOUT, "nothing came from the peer for 1000 ms");		\
	EXPECT_EQ(0, zkzpeer_recv_type(&self->peer, ZKZ_WIRE_ABORT, &frame, heard, ZKZ_WIRE_REASON_MAX)); \
	EXPECT_NE(NULL, strstr(heard, "1000 ms"));					\
}

SOURCE_STALLS(HALF_HELLO)
SOURCE_STALLS(IN_PASS)
SOURCE_STALLS(HALF_HEADER)
SOURCE_STALLS(HALF_PAGES)
SOURCE_STALLS(AFTER_PAGES)

/* Between passes userspace decides, and that takes as long as it takes. In a pass a source says that it is alive. */
TEST_F(cut, silence_that_is_allowed)
{
	struct zkz_counts none = { 0 };
	struct zkz_frame frame;
	struct zkznl_session s;
	int i;

	self->session = make(self->nl, &self->peer, ZKZ_ROLE_TARGET, self->memory, SHORT);
	ASSERT_LT(0, self->session);
	usleep(1500000);
	ASSERT_EQ(0, greet(&self->peer));
	usleep(1500000);
	ASSERT_EQ(0, zkzpeer_pass_begin(&self->peer, 0));
	for (i = 0; i < 4; i++) {
		usleep(500000);
		frame = zkzpeer_frame(&self->peer, ZKZ_WIRE_ALIVE);
		ASSERT_EQ(0, zkzpeer_send(&self->peer, &frame, NULL));
	}
	ASSERT_EQ(0, zkzpeer_counts(&self->peer, ZKZ_WIRE_PASS_END, &none));
	ASSERT_EQ(0, zkzpeer_recv_type(&self->peer, ZKZ_WIRE_PASS_ACK, &frame, NULL, 0));
	ASSERT_EQ(0, zkznl_get(self->nl, self->session, &s));
	EXPECT_EQ(ZKZ_STATE_IDLE, s.state);
	ASSERT_EQ(0, zkzpeer_abort(&self->peer, "enough"));
	EXPECT_FAILED(-ECONNABORTED, "the source aborted: enough");
}

/* How far a target played by the test gets before it goes. */
enum { BEFORE_HELLO, BETWEEN, READING, NOT_READING, BEFORE_ACK, BEFORE_END_ACK };

static int play_target(struct zkznl *nl, int src, struct zkzpeer *peer, int point)
{
	__u8 payload[ZKZ_WIRE_TOTALS_SIZE];
	struct zkz_counts counts;
	struct zkz_frame frame;
	int i;

	if (point != BEFORE_HELLO && zkzpeer_hello(peer, ZKZ_WIRE_FEATURE_VIRGIN))
		return -1;
	if (point == BETWEEN)
		return 0;
	if (zkznl_pass(nl, src, true))
		return -1;
	switch (point) {
	case READING:
		for (i = 0; i < 4; i++) {
			if (zkzpeer_recv(peer, &frame, payload, sizeof(payload)))
				return -1;
		}
		return 0;
	case BEFORE_ACK:
	case BEFORE_END_ACK:
		if (zkzpeer_recv_type(peer, ZKZ_WIRE_PASS_END, &frame, payload, sizeof(payload)))
			return -1;
		if (point == BEFORE_ACK)
			return 0;
		zkz_wire_get_counts(payload, &counts);
		return zkzpeer_counts(peer, ZKZ_WIRE_PASS_ACK, &counts) ?:
		       zkzpeer_recv_type(peer, ZKZ_WIRE_END, &frame, payload, sizeof(payload));
	default:
		return 0;
	}
}

#define TARGET_GOES(point)								\
TEST_F(cut, target_goes_##point)							\
{											\
	self->session = make(self->nl, &self->peer, ZKZ_ROLE_SOURCE, self->memory, 20000); \
	ASSERT_LT(0, self->session);							\
	zkzmem_fill(self->mem, SIZE, 78);						\
	ASSERT_EQ(0, play_target(self->nl, self->session, &self->peer, point));		\
	close(self->peer.fd);								\
	EXPECT_FAILED(0, "stream 0, frame");						\
	EXPECT_EQ(0, zkzmem_check(self->mem, SIZE, 78));				\
}

TARGET_GOES(BEFORE_HELLO)
TARGET_GOES(BETWEEN)
TARGET_GOES(READING)
TARGET_GOES(NOT_READING)
TARGET_GOES(BEFORE_ACK)
TARGET_GOES(BEFORE_END_ACK)

#define TARGET_STALLS(point, text)							\
TEST_F(cut, target_stalls_##point)							\
{											\
	self->session = make(self->nl, &self->peer, ZKZ_ROLE_SOURCE, self->memory, SHORT); \
	ASSERT_LT(0, self->session);							\
	zkzmem_fill(self->mem, SIZE, 79);						\
	ASSERT_EQ(0, play_target(self->nl, self->session, &self->peer, point));		\
	EXPECT_FAILED(-ETIMEDOUT, text);						\
}

TARGET_STALLS(BEFORE_HELLO, "nothing came from the peer for 1000 ms")
TARGET_STALLS(NOT_READING, "the target took nothing for 1000 ms")
TARGET_STALLS(BEFORE_ACK, "nothing came from the peer for 1000 ms")
TARGET_STALLS(BEFORE_END_ACK, "nothing came from the peer for 1000 ms")

/* The target's reason is the better one, even if the source is sending when the connection breaks. */
TEST_F(cut, target_aborts_while_source_sends)
{
	struct zkz_frame frame;

	self->session = make(self->nl, &self->peer, ZKZ_ROLE_SOURCE, self->memory, 20000);
	ASSERT_LT(0, self->session);
	zkzmem_fill(self->mem, SIZE, 80);
	ASSERT_EQ(0, zkzpeer_hello(&self->peer, 0));
	ASSERT_EQ(0, zkznl_pass(self->nl, self->session, false));
	ASSERT_EQ(0, zkzpeer_recv_type(&self->peer, ZKZ_WIRE_DATA, &frame, NULL, 0));
	ASSERT_EQ(0, zkzpeer_abort(&self->peer, "no space left"));
	shutdown(self->peer.fd, SHUT_RDWR);
	EXPECT_FAILED(-ECONNABORTED, "the target aborted: no space left");
}

/* session-abort does not wait for a peer that does not read. */
TEST_F(cut, abort_of_a_stuck_source)
{
	struct zkznl_session s;
	int id;

	id = make(self->nl, &self->peer, ZKZ_ROLE_SOURCE, self->memory, 600000);
	ASSERT_LT(0, id);
	zkzmem_fill(self->mem, SIZE, 81);
	ASSERT_EQ(0, zkzpeer_hello(&self->peer, 0));
	ASSERT_EQ(0, zkznl_pass(self->nl, id, false));
	usleep(500000);
	ASSERT_EQ(0, zkznl_abort(self->nl, id, "changed my mind"));
	ASSERT_EQ(ZKZ_EVENT_ERROR, zkznl_wait(self->nl, id, ZKZ_EVENT_ERROR, WAIT, &s));
	EXPECT_STREQ("changed my mind", s.reason);
	EXPECT_EQ(-ECANCELED, s.error);
	EXPECT_EQ(-ENOENT, zkznl_get(self->nl, id, &s));

	self->session = make(self->nl, &self->peer, ZKZ_ROLE_SOURCE, self->memory, 20000);
	ASSERT_LT(0, self->session);
	close(self->peer.fd);
	EXPECT_FAILED(0, "stream 0");
}

/* Both ways: what one side's owner says, the other side's owner reads. */
TEST_F(cut, reason_travels)
{
	static const int aborting[] = { ZKZ_ROLE_SOURCE, ZKZ_ROLE_TARGET };
	int other = zkzmem_create("other", SIZE), fd[2], id[2], i;
	struct zkznl_session s;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, zkznl_tcp_pair(fd));
		id[0] = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, &fd[0], 1, COOKIE, 20000);
		id[1] = zkznl_new(self->nl, ZKZ_ROLE_TARGET, other, &fd[1], 1, COOKIE, 20000);
		ASSERT_LT(0, id[0]);
		ASSERT_LT(0, id[1]);
		close(fd[0]);
		close(fd[1]);
		zkzmem_fill(self->mem, SIZE, 82);
		ASSERT_EQ(0, zkznl_run_pass(self->nl, id[0], false, WAIT, NULL));
		ASSERT_EQ(0, zkznl_abort(self->nl, id[aborting[i] == ZKZ_ROLE_TARGET], "operator pressed Ctrl-C"));
		self->session = id[aborting[i] == ZKZ_ROLE_SOURCE];
		ASSERT_EQ(0, zkznl_wait_state(self->nl, self->session, ZKZ_STATE_FAILED, WAIT, &s));
		EXPECT_STREQ(aborting[i] == ZKZ_ROLE_SOURCE ? "the source aborted: operator pressed Ctrl-C" :
			     "the target aborted: operator pressed Ctrl-C", s.reason);
		if (!i) {
			EXPECT_EQ(0, zkznl_close_session(self->nl, self->session));
		}
	}
	unlink(zkzmem_path("other"));
	EXPECT_EQ(0, zkznl_close_session(self->nl, self->session));
	close(other);
	self->session = make(self->nl, &self->peer, ZKZ_ROLE_SOURCE, self->memory, 20000);
	close(self->peer.fd);
	EXPECT_FAILED(0, "stream 0");
}

TEST_HARNESS_MAIN
