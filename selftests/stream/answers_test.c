// SPDX-License-Identifier: GPL-2.0
/* A target that breaks the rules, played by the test, against a source session of the module. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "zkzharness.h"
#include "zkzmem.h"
#include "zkznl.h"
#include "zkzpeer.h"

#define CHUNKS	2
#define SIZE	(CHUNKS * CHUNK_BYTES)
#define PAGES	(CHUNKS * CHUNK_PAGES)
#define COOKIE	7
#define WAIT	90000

FIXTURE(answers) {
	struct zkznl *nl;
	int memory;
	int src;
	struct zkzpeer peer;
	char *mem;
};

FIXTURE_SETUP(answers)
{
	struct zkz_frame frame;
	int a, b;

	if (geteuid())
		SKIP(return, "needs root");
	self->nl = zkznl_open();
	ASSERT_NE(NULL, self->nl);
	ASSERT_EQ(0, zkznl_wait_quiet(self->nl));
	ASSERT_EQ(0, zkzmem_mount("size=64M"));
	self->memory = zkzmem_create("m", SIZE);
	self->mem = zkzmem_map(self->memory, SIZE, PROT_READ | PROT_WRITE);
	ASSERT_EQ(0, zkznl_tcp_pairs(&a, &b, 1));
	self->src = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, &a, 1, COOKIE, 10000);
	ASSERT_LT(0, self->src);
	close(a);
	zkzpeer_init(&self->peer, b, COOKIE, PAGES, 0, 1);
	ASSERT_EQ(0, zkzpeer_recv(&self->peer, &frame, NULL, 0));
	ASSERT_EQ(ZKZ_WIRE_HELLO, frame.type);
}

FIXTURE_TEARDOWN(answers)
{
	zkznl_close(self->nl);
}

#define EXPECT_REFUSED(seq_, err_)							\
do {											\
	char where[64], heard[ZKZ_WIRE_REASON_MAX + 1] = "";				\
	struct zkz_frame abort_;							\
	struct zkznl_memory memory[1];							\
	struct zkznl_session s = { 0 };							\
											\
	snprintf(where, sizeof(where), "stream 0, frame %u", (unsigned int)(seq_));	\
	ASSERT_EQ(ZKZ_EVENT_ERROR, zkznl_wait(self->nl, self->src, ZKZ_EVENT_ERROR, WAIT, &s)); \
	EXPECT_EQ(-EPROTO, s.error);							\
	EXPECT_EQ(0, strncmp(s.reason, where, strlen(where)))				\
		TH_LOG("reason: %s", s.reason);						\
	EXPECT_NE(NULL, strstr(s.reason, zkz_wire_text(err_)))				\
		TH_LOG("reason: %s", s.reason);						\
	EXPECT_EQ(0, zkzpeer_recv_type(&self->peer, ZKZ_WIRE_ABORT, &abort_, heard,	\
				       ZKZ_WIRE_REASON_MAX));				\
	EXPECT_STREQ(s.reason, heard);							\
	EXPECT_EQ(0, zkznl_close_session(self->nl, self->src));				\
	EXPECT_EQ(1, zkznl_memories(self->nl, memory, 1));				\
	EXPECT_FALSE(memory[0].tracked);						\
} while (0)

TEST_F(answers, unknown_feature)
{
	ASSERT_EQ(0, zkzpeer_hello(&self->peer, 4));
	EXPECT_REFUSED(0, ZKZ_WIRE_BAD_HELLO_FEATURES);
}

/* One of a later release, which the source need not know. */
TEST_F(answers, optional_feature)
{
	struct zkz_frame frame;

	ASSERT_EQ(0, zkzpeer_hello(&self->peer, ZKZ_WIRE_FEATURES_OPTIONAL));
	ASSERT_EQ(0, zkznl_pass(self->nl, self->src, false));
	EXPECT_EQ(0, zkzpeer_recv_type(&self->peer, ZKZ_WIRE_PASS_BEGIN, &frame, NULL, 0));
	EXPECT_EQ(0, zkznl_abort(self->nl, self->src, NULL));
}

TEST_F(answers, resumes_what_did_not_break)
{
	ASSERT_EQ(0, zkzpeer_hello(&self->peer, ZKZ_WIRE_FEATURE_RESUME));
	EXPECT_REFUSED(0, ZKZ_WIRE_BAD_HELLO_RESUME);
}

TEST_F(answers, want_in_a_pass)
{
	struct zkz_frame frame;

	ASSERT_EQ(0, zkzpeer_hello(&self->peer, 0));
	ASSERT_EQ(0, zkznl_pass(self->nl, self->src, false));
	frame = zkzpeer_extent(&self->peer, ZKZ_WIRE_WANT, 0, 1);
	ASSERT_EQ(0, zkzpeer_send(&self->peer, &frame, NULL));
	EXPECT_REFUSED(1, ZKZ_WIRE_BAD_UNASKED);
}

TEST_F(answers, hello_twice)
{
	ASSERT_EQ(0, zkzpeer_hello(&self->peer, 0));
	ASSERT_EQ(0, zkzpeer_hello(&self->peer, 0));
	EXPECT_REFUSED(1, ZKZ_WIRE_BAD_HELLO_TWICE);
}

TEST_F(answers, source_frames)
{
	struct zkz_frame frame;

	ASSERT_EQ(0, zkzpeer_hello(&self->peer, 0));
	frame = zkzpeer_extent(&self->peer, ZKZ_WIRE_ZERO, 0, 1);
	ASSERT_EQ(0, zkzpeer_send(&self->peer, &frame, NULL));
	EXPECT_REFUSED(1, ZKZ_WIRE_BAD_DIRECTION);
}

TEST_F(answers, unasked)
{
	struct zkz_counts none = { 0 };

	ASSERT_EQ(0, zkzpeer_hello(&self->peer, 0));
	ASSERT_EQ(0, zkzpeer_counts(&self->peer, ZKZ_WIRE_PASS_ACK, &none));
	EXPECT_REFUSED(1, ZKZ_WIRE_BAD_UNASKED);
}

TEST_F(answers, wrong_counts)
{
	struct zkz_counts counts = { .frames = 1, .data = 2 };
	struct zkz_frame frame;

	self->mem[0] = 1;
	ASSERT_EQ(0, zkzpeer_hello(&self->peer, ZKZ_WIRE_FEATURE_VIRGIN));
	ASSERT_EQ(0, zkznl_pass(self->nl, self->src, false));
	ASSERT_EQ(0, zkzpeer_recv_type(&self->peer, ZKZ_WIRE_PASS_END, &frame, NULL, 0));
	ASSERT_EQ(0, zkzpeer_counts(&self->peer, ZKZ_WIRE_PASS_ACK, &counts));
	EXPECT_REFUSED(1, ZKZ_WIRE_BAD_PASS_COUNTS);
}

/* Take part until the source waits for END_ACK. */
static int until_end(struct zkznl *nl, int src, struct zkzpeer *peer, struct zkz_counts *counts)
{
	__u8 payload[ZKZ_WIRE_TOTALS_SIZE];
	struct zkz_frame frame;

	if (zkzpeer_hello(peer, ZKZ_WIRE_FEATURE_VIRGIN) || zkznl_pass(nl, src, true) ||
	    zkzpeer_recv_type(peer, ZKZ_WIRE_PASS_END, &frame, payload, sizeof(payload)))
		return -1;
	zkz_wire_get_counts(payload, counts);
	if (zkzpeer_counts(peer, ZKZ_WIRE_PASS_ACK, counts))
		return -1;
	return zkzpeer_recv_type(peer, ZKZ_WIRE_END, &frame, payload, sizeof(payload));
}

TEST_F(answers, wrong_totals)
{
	struct zkz_counts counts, wrong;

	self->mem[0] = 1;
	ASSERT_EQ(0, until_end(self->nl, self->src, &self->peer, &counts));
	EXPECT_EQ(1, counts.data);
	wrong = counts;
	wrong.zero++;
	ASSERT_EQ(0, zkzpeer_totals(&self->peer, ZKZ_WIRE_END_ACK, &counts, &wrong));
	EXPECT_REFUSED(2, ZKZ_WIRE_BAD_SESSION_TOTALS);
}

TEST_F(answers, wrong_ack)
{
	struct zkz_counts counts;

	ASSERT_EQ(0, until_end(self->nl, self->src, &self->peer, &counts));
	ASSERT_EQ(0, zkzpeer_counts(&self->peer, ZKZ_WIRE_PASS_ACK, &counts));
	EXPECT_REFUSED(2, ZKZ_WIRE_BAD_UNASKED);
}

/* A target that does not say that it began empty gets every zero, so that nothing old stays there. */
TEST_F(answers, not_virgin)
{
	__u8 payload[ZKZ_WIRE_TOTALS_SIZE];
	struct zkz_counts counts;
	struct zkz_frame frame;
	unsigned int i;

	for (i = 0; i < CHUNK_PAGES; i++)
		*(volatile char *)(self->mem + i * PAGE_BYTES) = 0;
	ASSERT_EQ(0, zkzpeer_hello(&self->peer, 0));
	ASSERT_EQ(0, zkznl_pass(self->nl, self->src, false));
	ASSERT_EQ(0, zkzpeer_recv_type(&self->peer, ZKZ_WIRE_PASS_END, &frame, payload, sizeof(payload)));
	zkz_wire_get_counts(payload, &counts);
	EXPECT_EQ(CHUNK_PAGES, counts.zero);
	EXPECT_EQ(1, counts.frames);
	EXPECT_EQ(0, counts.data);
}

TEST_F(answers, well_behaved)
{
	struct zkz_counts counts;

	self->mem[0] = 1;
	ASSERT_EQ(0, until_end(self->nl, self->src, &self->peer, &counts));
	ASSERT_EQ(0, zkzpeer_totals(&self->peer, ZKZ_WIRE_END_ACK, &counts, &counts));
	EXPECT_EQ(0, zkznl_wait_state(self->nl, self->src, ZKZ_STATE_ENDED, WAIT, NULL));
}

TEST_HARNESS_MAIN
