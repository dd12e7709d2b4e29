// SPDX-License-Identifier: GPL-2.0
/*
 * A source that breaks the rules, played by the test, against a target session of the module. Each wrong frame must
 * fail the session with a reason that names the stream, the frame and what is wrong; the source must be told the same.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "zkzharness.h"
#include "zkzmem.h"
#include "zkznl.h"
#include "zkzpeer.h"

#define CHUNKS	4
#define SIZE	(CHUNKS * CHUNK_BYTES)
#define PAGES	(CHUNKS * CHUNK_PAGES)
#define COOKIE	0xabcdef0123456789ULL
#define STREAMS	2
#define WAIT	90000

/* See kmod/target.c. */
#define PASSES	200
#define AT_ONCE	32
#define PASS_MS	20

FIXTURE(frames) {
	struct zkznl *nl;
	int target;
	int dst;
	struct zkzpeer peer[STREAMS];
	char *page;
};

FIXTURE_SETUP(frames)
{
	int a[STREAMS], b[STREAMS], i;

	if (geteuid())
		SKIP(return, "needs root");
	self->nl = zkznl_open();
	ASSERT_NE(NULL, self->nl);
	ASSERT_EQ(0, zkznl_wait_quiet(self->nl));
	ASSERT_EQ(0, zkzmem_mount("size=64M"));
	self->target = zkzmem_create("t", SIZE);
	ASSERT_EQ(0, zkznl_tcp_pairs(a, b, STREAMS));
	self->dst = zkznl_new(self->nl, ZKZ_ROLE_TARGET, self->target, b, STREAMS, COOKIE, 10000);
	ASSERT_LT(0, self->dst);
	for (i = 0; i < STREAMS; i++) {
		zkzpeer_init(&self->peer[i], a[i], COOKIE, PAGES, i, STREAMS);
		close(b[i]);
	}
	self->page = calloc(CHUNK_PAGES, PAGE_BYTES);
	ASSERT_NE(NULL, self->page);
}

FIXTURE_TEARDOWN(frames)
{
	zkznl_close(self->nl);
}

static int greet(struct zkzpeer *peer)
{
	struct zkz_frame frame;
	int ret = zkzpeer_hello(peer, 0);

	return ret ? ret : zkzpeer_recv_type(peer, ZKZ_WIRE_HELLO, &frame, NULL, 0);
}

/* Greet on every stream and begin pass 0. */
static int begin_pass(struct zkzpeer *peer, __u16 flags)
{
	int i, ret = 0;

	for (i = 0; i < STREAMS && !ret; i++) {
		ret = greet(peer + i);
		if (!ret)
			ret = zkzpeer_pass_begin(peer + i, flags);
	}
	return ret;
}

/* The session failed because of frame @seq on stream 0, and said so to everybody. */
#define EXPECT_REFUSED(seq_, err)								\
do {												\
	char where[64], heard[ZKZ_WIRE_REASON_MAX + 1] = "";					\
	struct zkz_frame abort_;								\
	struct zkznl_session s = { 0 };								\
												\
	snprintf(where, sizeof(where), "stream 0, frame %u", (unsigned int)(seq_));		\
	ASSERT_EQ(ZKZ_EVENT_ERROR, zkznl_wait(self->nl, self->dst, ZKZ_EVENT_ERROR, WAIT, &s));	\
	EXPECT_EQ(ZKZ_STATE_FAILED, s.state);							\
	EXPECT_EQ(-EPROTO, s.error);								\
	EXPECT_EQ(0, strncmp(s.reason, where, strlen(where)))					\
		TH_LOG("reason: %s", s.reason);							\
	EXPECT_NE(NULL, strstr(s.reason, zkz_wire_text(err)))					\
		TH_LOG("reason: %s", s.reason);							\
	EXPECT_EQ(0, zkzpeer_recv_type(&self->peer[0], ZKZ_WIRE_ABORT, &abort_, heard,		\
				       ZKZ_WIRE_REASON_MAX));					\
	EXPECT_STREQ(s.reason, heard);								\
	EXPECT_EQ(0, zkzpeer_recv_type(&self->peer[1], ZKZ_WIRE_ABORT, &abort_, heard,		\
				       ZKZ_WIRE_REASON_MAX));					\
	EXPECT_STREQ(s.reason, heard);								\
	EXPECT_EQ(0, zkznl_close_session(self->nl, self->dst));					\
} while (0)

TEST_F(frames, garbage)
{
	char junk[200];

	memset(junk, 'G', sizeof(junk));
	ASSERT_EQ(0, zkzpeer_send_raw(&self->peer[0], junk, sizeof(junk)));
	EXPECT_REFUSED(0, ZKZ_WIRE_BAD_MAGIC);
}

/* CRC32C bit by bit, so that a header can be wrong in one thing only. */
static void seal(__u8 *header)
{
	__u32 crc = ~0U;
	int i, bit;

	for (i = 0; i < ZKZ_WIRE_HEADER_SIZE - 4; i++) {
		crc ^= header[i];
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	for (i = 0; i < 4; i++)
		header[ZKZ_WIRE_HEADER_SIZE - 4 + i] = ~crc >> 8 * i;
}

TEST_F(frames, checksum)
{
	struct zkz_frame frame = zkzpeer_frame(&self->peer[0], ZKZ_WIRE_HELLO);
	__u8 header[ZKZ_WIRE_HEADER_SIZE];

	frame.length = ZKZ_WIRE_HELLO_SIZE;
	zkz_wire_encode(&frame, header);
	header[20] ^= 1;
	ASSERT_EQ(0, zkzpeer_send_raw(&self->peer[0], header, sizeof(header)));
	EXPECT_REFUSED(0, ZKZ_WIRE_BAD_CRC);
}

TEST_F(frames, version)
{
	struct zkz_frame frame = zkzpeer_frame(&self->peer[0], ZKZ_WIRE_HELLO);
	__u8 header[ZKZ_WIRE_HEADER_SIZE];

	frame.length = ZKZ_WIRE_HELLO_SIZE;
	zkz_wire_encode(&frame, header);
	header[4] = ZKZ_WIRE_VERSION + 1;
	seal(header);
	ASSERT_EQ(0, zkzpeer_send_raw(&self->peer[0], header, sizeof(header)));
	EXPECT_REFUSED(0, ZKZ_WIRE_BAD_VERSION);
}

/* HELLO that does not fit the session. */
static struct zkz_hello hello_of(const struct zkzpeer *peer)
{
	struct zkz_hello hello = {
		.pages = peer->pages,
		.page_size = ZKZ_WIRE_PAGE_SIZE,
		.chunk_pages = ZKZ_WIRE_CHUNK_PAGES,
		.stream = peer->stream,
		.streams = peer->streams,
	};

	return hello;
}

#define HELLO_TEST(name, err, bend)							\
TEST_F(frames, hello_##name)								\
{											\
	struct zkz_frame frame = zkzpeer_frame(&self->peer[0], ZKZ_WIRE_HELLO);		\
	struct zkz_hello hello = hello_of(&self->peer[0]);				\
	__u8 payload[ZKZ_WIRE_HELLO_SIZE];						\
											\
	bend;										\
	frame.length = sizeof(payload);							\
	zkz_wire_put_hello(&hello, payload);						\
	ASSERT_EQ(0, zkzpeer_send(&self->peer[0], &frame, payload));			\
	EXPECT_REFUSED(0, err);								\
}

HELLO_TEST(pages, ZKZ_WIRE_BAD_HELLO_PAGES, hello.pages++)
HELLO_TEST(page_size, ZKZ_WIRE_BAD_HELLO_PAGE_SIZE, hello.page_size = 65536)
HELLO_TEST(chunk, ZKZ_WIRE_BAD_HELLO_CHUNK, hello.chunk_pages = 256)
HELLO_TEST(stream, ZKZ_WIRE_BAD_HELLO_STREAM, hello.stream = 1)
HELLO_TEST(streams, ZKZ_WIRE_BAD_HELLO_STREAMS, hello.streams = 3)
HELLO_TEST(features, ZKZ_WIRE_BAD_HELLO_FEATURES, hello.features = 1)
HELLO_TEST(cookie, ZKZ_WIRE_BAD_COOKIE, frame.cookie++)
HELLO_TEST(sequence, ZKZ_WIRE_BAD_SEQ, frame.seq = 1)
HELLO_TEST(flags, ZKZ_WIRE_BAD_FLAGS, frame.flags = 0x8000)
HELLO_TEST(pass, ZKZ_WIRE_BAD_PASS, frame.pass = 1)
HELLO_TEST(extent, ZKZ_WIRE_BAD_STRAY_EXTENT, frame.first = 1)

/* A frame at the wrong time, first of all. */
#define FIRST_TEST(name, type, err)							\
TEST_F(frames, first_##name)								\
{											\
	struct zkz_frame frame = zkzpeer_frame(&self->peer[0], type);			\
											\
	ASSERT_EQ(0, zkzpeer_send(&self->peer[0], &frame, NULL));			\
	EXPECT_REFUSED(0, err);								\
}

FIRST_TEST(pass_begin, ZKZ_WIRE_PASS_BEGIN, ZKZ_WIRE_BAD_NO_HELLO)
FIRST_TEST(zero, ZKZ_WIRE_ZERO, ZKZ_WIRE_BAD_NO_HELLO)
FIRST_TEST(type_0, 0, ZKZ_WIRE_BAD_TYPE)
FIRST_TEST(type_17, 17, ZKZ_WIRE_BAD_TYPE)
FIRST_TEST(type_255, 255, ZKZ_WIRE_BAD_TYPE)
FIRST_TEST(remaining, ZKZ_WIRE_REMAINING, ZKZ_WIRE_BAD_LENGTH)
FIRST_TEST(want, ZKZ_WIRE_WANT, ZKZ_WIRE_BAD_DIRECTION)
FIRST_TEST(fetch_ack, ZKZ_WIRE_FETCH_ACK, ZKZ_WIRE_BAD_DIRECTION)
FIRST_TEST(pass_ack, ZKZ_WIRE_PASS_ACK, ZKZ_WIRE_BAD_DIRECTION)
FIRST_TEST(end_ack, ZKZ_WIRE_END_ACK, ZKZ_WIRE_BAD_DIRECTION)

/* A frame at the wrong time, after HELLO. */
#define SECOND_TEST(name, err, make)							\
TEST_F(frames, second_##name)								\
{											\
	struct zkz_frame frame;								\
	struct zkzpeer *peer = &self->peer[0];						\
											\
	ASSERT_EQ(0, greet(peer));							\
	frame = make;									\
	ASSERT_EQ(0, zkzpeer_send(peer, &frame, frame.length ? self->page : NULL));	\
	EXPECT_REFUSED(1, err);								\
}

static struct zkz_frame with_length(struct zkz_frame frame, __u32 length)
{
	frame.length = length;
	return frame;
}

static struct zkz_frame with_pass(struct zkz_frame frame, __u32 pass)
{
	frame.pass = pass;
	return frame;
}

SECOND_TEST(hello, ZKZ_WIRE_BAD_HELLO_TWICE,
	    with_length(zkzpeer_frame(peer, ZKZ_WIRE_HELLO), ZKZ_WIRE_HELLO_SIZE))
SECOND_TEST(data, ZKZ_WIRE_BAD_OUTSIDE_PASS, zkzpeer_extent(peer, ZKZ_WIRE_DATA, 0, 1))
SECOND_TEST(alive, ZKZ_WIRE_BAD_OUTSIDE_PASS, zkzpeer_frame(peer, ZKZ_WIRE_ALIVE))
SECOND_TEST(pass_end, ZKZ_WIRE_BAD_OUTSIDE_PASS,
	    with_length(zkzpeer_frame(peer, ZKZ_WIRE_PASS_END), ZKZ_WIRE_COUNTS_SIZE))
SECOND_TEST(end, ZKZ_WIRE_BAD_NO_FINAL, with_length(zkzpeer_frame(peer, ZKZ_WIRE_END), ZKZ_WIRE_TOTALS_SIZE))
SECOND_TEST(pass_7, ZKZ_WIRE_BAD_PASS, with_pass(zkzpeer_frame(peer, ZKZ_WIRE_PASS_BEGIN), 7))
SECOND_TEST(pass_with_length, ZKZ_WIRE_BAD_LENGTH, with_length(zkzpeer_frame(peer, ZKZ_WIRE_PASS_BEGIN), 8))

/* A wrong frame inside pass 0. */
#define PASS_TEST(name, err, make)							\
TEST_F(frames, pass_##name)								\
{											\
	struct zkz_frame frame;								\
	struct zkzpeer *peer = &self->peer[0];						\
											\
	ASSERT_EQ(0, begin_pass(self->peer, 0));					\
	frame = make;									\
	ASSERT_EQ(0, zkzpeer_send(peer, &frame, NULL));					\
	EXPECT_REFUSED(2, err);								\
}

PASS_TEST(empty, ZKZ_WIRE_BAD_EMPTY, zkzpeer_extent(peer, ZKZ_WIRE_DATA, 0, 0))
PASS_TEST(beyond, ZKZ_WIRE_BAD_BEYOND, zkzpeer_extent(peer, ZKZ_WIRE_ZERO, PAGES, 1))
PASS_TEST(beyond_by_one, ZKZ_WIRE_BAD_BEYOND, zkzpeer_extent(peer, ZKZ_WIRE_HOLE, PAGES - 1, 2))
PASS_TEST(wraps_round, ZKZ_WIRE_BAD_BEYOND, zkzpeer_extent(peer, ZKZ_WIRE_ZERO, ~0ULL, 2))
PASS_TEST(half_of_64_bits, ZKZ_WIRE_BAD_BEYOND, zkzpeer_extent(peer, ZKZ_WIRE_DATA, 1ULL << 63, 1))
PASS_TEST(two_chunks, ZKZ_WIRE_BAD_CHUNK, zkzpeer_extent(peer, ZKZ_WIRE_DATA, CHUNK_PAGES - 1, 2))
PASS_TEST(more_than_a_chunk, ZKZ_WIRE_BAD_CHUNK, zkzpeer_extent(peer, ZKZ_WIRE_ZERO, 0, CHUNK_PAGES + 1))
PASS_TEST(all_ones, ZKZ_WIRE_BAD_BEYOND, zkzpeer_extent(peer, ZKZ_WIRE_ZERO, 0, ~0U))
PASS_TEST(other_stream, ZKZ_WIRE_BAD_STREAM, zkzpeer_extent(peer, ZKZ_WIRE_DATA, CHUNK_PAGES, 1))
PASS_TEST(data_short, ZKZ_WIRE_BAD_LENGTH, with_length(zkzpeer_extent(peer, ZKZ_WIRE_DATA, 0, 2), PAGE_BYTES))
PASS_TEST(data_long, ZKZ_WIRE_BAD_LENGTH, with_length(zkzpeer_extent(peer, ZKZ_WIRE_DATA, 0, 1), ~0U))
PASS_TEST(zero_with_payload, ZKZ_WIRE_BAD_LENGTH,
	  with_length(zkzpeer_extent(peer, ZKZ_WIRE_ZERO, 0, 1), PAGE_BYTES))
PASS_TEST(other_pass, ZKZ_WIRE_BAD_PASS, with_pass(zkzpeer_extent(peer, ZKZ_WIRE_ZERO, 0, 1), 1))
PASS_TEST(begin_again, ZKZ_WIRE_BAD_INSIDE_PASS, zkzpeer_frame(peer, ZKZ_WIRE_PASS_BEGIN))
PASS_TEST(end, ZKZ_WIRE_BAD_INSIDE_PASS, with_length(zkzpeer_frame(peer, ZKZ_WIRE_END), ZKZ_WIRE_TOTALS_SIZE))
PASS_TEST(counts_length, ZKZ_WIRE_BAD_LENGTH, with_length(zkzpeer_frame(peer, ZKZ_WIRE_PASS_END), 8))
PASS_TEST(reason_length, ZKZ_WIRE_BAD_LENGTH, with_length(zkzpeer_frame(peer, ZKZ_WIRE_ABORT), 256))

/* More pages than there are: the same extent again and again. */
TEST_F(frames, quota)
{
	struct zkzpeer *peer = &self->peer[0];
	unsigned int i;

	ASSERT_EQ(0, begin_pass(self->peer, 0));
	for (i = 0; i <= PAGES / CHUNK_PAGES; i++) {
		struct zkz_frame frame = zkzpeer_extent(peer, ZKZ_WIRE_ZERO, 0, CHUNK_PAGES);

		ASSERT_EQ(0, zkzpeer_send(peer, &frame, NULL));
	}
	EXPECT_REFUSED(2 + PAGES / CHUNK_PAGES, ZKZ_WIRE_BAD_QUOTA);
}

TEST_F(frames, pass_counts)
{
	struct zkz_counts counts = { .frames = 1, .data = 1 };
	struct zkzpeer *peer = &self->peer[0];
	struct zkz_frame frame;

	ASSERT_EQ(0, begin_pass(self->peer, 0));
	frame = zkzpeer_extent(peer, ZKZ_WIRE_DATA, 3, 1);
	ASSERT_EQ(0, zkzpeer_send(peer, &frame, self->page));
	counts.data++;
	ASSERT_EQ(0, zkzpeer_counts(peer, ZKZ_WIRE_PASS_END, &counts));
	EXPECT_REFUSED(3, ZKZ_WIRE_BAD_PASS_COUNTS);
}

/* Run an empty final pass to its acknowledgement on both streams. */
static int empty_final_pass(struct zkzpeer *peer)
{
	struct zkz_counts none = { 0 };
	struct zkz_frame frame;
	int i, ret = begin_pass(peer, ZKZ_WIRE_F_FINAL);

	for (i = 0; i < STREAMS && !ret; i++)
		ret = zkzpeer_counts(peer + i, ZKZ_WIRE_PASS_END, &none);
	for (i = 0; i < STREAMS && !ret; i++)
		ret = zkzpeer_recv_type(peer + i, ZKZ_WIRE_PASS_ACK, &frame, NULL, 0);
	return ret;
}

TEST_F(frames, stream_totals)
{
	struct zkz_counts none = { 0 }, some = { .hole = 1 };

	ASSERT_EQ(0, empty_final_pass(self->peer));
	ASSERT_EQ(0, zkzpeer_totals(&self->peer[0], ZKZ_WIRE_END, &some, &none));
	EXPECT_REFUSED(3, ZKZ_WIRE_BAD_STREAM_TOTALS);
}

TEST_F(frames, session_totals)
{
	struct zkz_counts none = { 0 }, some = { .data = 1 };

	ASSERT_EQ(0, empty_final_pass(self->peer));
	ASSERT_EQ(0, zkzpeer_totals(&self->peer[0], ZKZ_WIRE_END, &none, &some));
	usleep(100000);
	ASSERT_EQ(0, zkzpeer_totals(&self->peer[1], ZKZ_WIRE_END, &none, &none));
	EXPECT_REFUSED(3, ZKZ_WIRE_BAD_SESSION_TOTALS);
}

TEST_F(frames, after_final)
{
	struct zkz_frame frame;

	ASSERT_EQ(0, empty_final_pass(self->peer));
	frame = zkzpeer_frame(&self->peer[0], ZKZ_WIRE_PASS_BEGIN);
	ASSERT_EQ(0, zkzpeer_send(&self->peer[0], &frame, NULL));
	EXPECT_REFUSED(3, ZKZ_WIRE_BAD_AFTER_FINAL);
}

/* One stream must not run ahead of the other. */
TEST_F(frames, pass_ahead)
{
	struct zkz_counts none = { 0 };
	struct zkzpeer *peer = &self->peer[0];
	struct zkz_frame frame;

	ASSERT_EQ(0, begin_pass(self->peer, 0));
	ASSERT_EQ(0, zkzpeer_counts(peer, ZKZ_WIRE_PASS_END, &none));
	ASSERT_EQ(0, zkzpeer_recv_type(peer, ZKZ_WIRE_PASS_ACK, &frame, NULL, 0));
	peer->pass = 1;
	ASSERT_EQ(0, zkzpeer_pass_begin(peer, 0));
	EXPECT_REFUSED(3, ZKZ_WIRE_BAD_PASS);
}

TEST_F(frames, reason_with_control_characters)
{
	ASSERT_EQ(0, greet(&self->peer[0]));
	ASSERT_EQ(0, zkzpeer_abort(&self->peer[0], "\033[2Jgone"));
	EXPECT_REFUSED(1, ZKZ_WIRE_BAD_REASON);
}

/* The whole dance as it should be: what arrives is where it belongs, and only that. */
TEST_F(frames, well_behaved)
{
	struct zkz_counts counts[STREAMS] = { { .frames = 1, .data = 2 }, { .frames = 1, .zero = 7 } };
	struct zkz_counts all = { .frames = 2, .data = 2, .zero = 7 }, got;
	__u8 payload[ZKZ_WIRE_TOTALS_SIZE];
	struct zkznl_session s;
	struct zkz_frame frame;
	char *mem;
	int i;

	ASSERT_EQ(0, begin_pass(self->peer, ZKZ_WIRE_F_FINAL));
	memset(self->page, 'x', 2 * PAGE_BYTES);
	frame = zkzpeer_extent(&self->peer[0], ZKZ_WIRE_DATA, CHUNK_PAGES - 2, 2);
	ASSERT_EQ(0, zkzpeer_send(&self->peer[0], &frame, self->page));
	frame = zkzpeer_extent(&self->peer[1], ZKZ_WIRE_ZERO, CHUNK_PAGES, 7);
	ASSERT_EQ(0, zkzpeer_send(&self->peer[1], &frame, NULL));
	for (i = 0; i < STREAMS; i++) {
		ASSERT_EQ(0, zkzpeer_counts(&self->peer[i], ZKZ_WIRE_PASS_END, &counts[i]));
		ASSERT_EQ(0, zkzpeer_recv_type(&self->peer[i], ZKZ_WIRE_PASS_ACK, &frame, payload, sizeof(payload)));
		zkz_wire_get_counts(payload, &got);
		EXPECT_TRUE(zkz_counts_equal(&got, &counts[i]));
	}
	for (i = 0; i < STREAMS; i++)
		ASSERT_EQ(0, zkzpeer_totals(&self->peer[i], ZKZ_WIRE_END, &counts[i], &all));
	for (i = 0; i < STREAMS; i++) {
		ASSERT_EQ(0, zkzpeer_recv_type(&self->peer[i], ZKZ_WIRE_END_ACK, &frame, payload, sizeof(payload)));
		zkz_wire_get_counts(payload + ZKZ_WIRE_COUNTS_SIZE, &got);
		EXPECT_TRUE(zkz_counts_equal(&got, &all));
	}
	ASSERT_EQ(0, zkznl_wait_state(self->nl, self->dst, ZKZ_STATE_ENDED, WAIT, &s));
	mem = zkzmem_map(self->target, SIZE, PROT_READ);
	EXPECT_EQ(0, memcmp(mem + CHUNK_BYTES - 2 * PAGE_BYTES, self->page, 2 * PAGE_BYTES));
	EXPECT_EQ(0, zkzmem_nonzero(mem, CHUNK_BYTES - 2 * PAGE_BYTES));
	EXPECT_EQ(0, zkzmem_nonzero(mem + CHUNK_BYTES, SIZE - CHUNK_BYTES));
}

static __u64 now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Of empty passes a source could make thousands a second. It has to take its time, and each of them is told of. */
TEST_F(frames, passes_without_end)
{
	struct zkz_counts none = { 0 };
	struct zkz_frame frame;
	unsigned int pass;
	__u64 start;
	int i;

	ASSERT_EQ(0, begin_pass(self->peer, 0));
	start = now_ms();
	for (pass = 1; pass <= PASSES; pass++) {
		for (i = 0; i < STREAMS; i++)
			ASSERT_EQ(0, zkzpeer_counts(&self->peer[i], ZKZ_WIRE_PASS_END, &none));
		for (i = 0; i < STREAMS; i++)
			ASSERT_EQ(0, zkzpeer_recv_type(&self->peer[i], ZKZ_WIRE_PASS_ACK, &frame, NULL, 0));
		ASSERT_EQ(ZKZ_EVENT_PASS_END, zkznl_wait(self->nl, self->dst, ZKZ_EVENT_PASS_END, WAIT, NULL));
		for (i = 0; i < STREAMS; i++) {
			self->peer[i].pass = pass;
			ASSERT_EQ(0, zkzpeer_pass_begin(&self->peer[i], pass == PASSES ? ZKZ_WIRE_F_FINAL : 0));
		}
	}
	EXPECT_LE((PASSES - AT_ONCE) * PASS_MS, now_ms() - start);
	for (i = 0; i < STREAMS; i++)
		ASSERT_EQ(0, zkzpeer_counts(&self->peer[i], ZKZ_WIRE_PASS_END, &none));
	for (i = 0; i < STREAMS; i++)
		ASSERT_EQ(0, zkzpeer_recv_type(&self->peer[i], ZKZ_WIRE_PASS_ACK, &frame, NULL, 0));
}

TEST_HARNESS_MAIN
