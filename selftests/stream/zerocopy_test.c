// SPDX-License-Identifier: GPL-2.0
/*
 * Pages are sent by reference: one that is written after it was queued, and before the peer reads it, arrives changed.
 * A kernel on which sending copies after all would deliver the old content.
 */
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "zkzharness.h"
#include "zkzmem.h"
#include "zkznl.h"
#include "zkzpeer.h"

#define SIZE	(2 * CHUNK_BYTES)
#define COOKIE	12
#define PAGES	8		/* few enough to be queued while nobody reads */
#define WAIT	90000

FIXTURE(zerocopy) {
	struct zkznl *nl;
	int memory;
	int src;
	struct zkzpeer peer;
	char *mem;
};

FIXTURE_VARIANT(zerocopy) {
	const char *options;
};

FIXTURE_VARIANT_ADD(zerocopy, huge) {
	.options = "size=64M",
};

FIXTURE_VARIANT_ADD(zerocopy, small) {
	.options = "size=64M,huge=never",
};

FIXTURE_SETUP(zerocopy)
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
	ASSERT_EQ(0, zkznl_tcp_pair(fd));
	self->src = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, &fd[0], 1, COOKIE, 20000);
	ASSERT_LT(0, self->src);
	zkzpeer_init(&self->peer, fd[1], COOKIE, SIZE / PAGE_BYTES, 0, 1);
}

FIXTURE_TEARDOWN(zerocopy)
{
	zkznl_close(self->nl);
}

static int wait_queued(struct zkznl *nl, int src)
{
	struct zkznl_session s;
	int i;

	for (i = 0; i < WAIT / 20; i++) {
		if (zkznl_get(nl, src, &s))
			return -1;
		/* PASS_END is behind the pages when the only stream waits for its answer */
		if (s.counters[ZKZ_A_COUNTERS_BYTES_WIRE] >= PAGES * PAGE_BYTES + 4 * ZKZ_WIRE_HEADER_SIZE)
			return 0;
		usleep(20000);
	}
	return -1;
}

TEST_F(zerocopy, page_changed_in_the_queue)
{
	char got[PAGES * PAGE_BYTES];
	struct zkz_frame frame;
	unsigned int i;

	memset(self->mem, 'A', PAGES * PAGE_BYTES);
	ASSERT_EQ(0, zkzpeer_hello(&self->peer, ZKZ_WIRE_FEATURE_VIRGIN));
	ASSERT_EQ(0, zkznl_pass(self->nl, self->src, false));
	ASSERT_EQ(0, wait_queued(self->nl, self->src));
	memset(self->mem, 'B', PAGES * PAGE_BYTES);

	ASSERT_EQ(0, zkzpeer_recv_type(&self->peer, ZKZ_WIRE_DATA, &frame, got, sizeof(got)));
	EXPECT_EQ(0, frame.first);
	ASSERT_EQ(PAGES, frame.pages);
	for (i = 0; i < PAGES; i++)
		EXPECT_EQ('B', got[i * PAGE_BYTES])
			TH_LOG("page %u was copied", i);
}

/* That is harmless, because the page is dirty again: the next pass sends it. */
TEST_F(zerocopy, changed_page_is_sent_again)
{
	__u8 payload[ZKZ_WIRE_COUNTS_SIZE];
	char got[PAGES * PAGE_BYTES];
	struct zkz_counts counts;
	struct zkz_frame frame;

	memset(self->mem, 'A', PAGES * PAGE_BYTES);
	ASSERT_EQ(0, zkzpeer_hello(&self->peer, ZKZ_WIRE_FEATURE_VIRGIN));
	ASSERT_EQ(0, zkznl_pass(self->nl, self->src, false));
	ASSERT_EQ(0, wait_queued(self->nl, self->src));
	memset(self->mem, 'B', PAGES * PAGE_BYTES);
	ASSERT_EQ(0, zkzpeer_recv_type(&self->peer, ZKZ_WIRE_PASS_END, &frame, payload, sizeof(payload)));
	zkz_wire_get_counts(payload, &counts);
	ASSERT_EQ(0, zkzpeer_counts(&self->peer, ZKZ_WIRE_PASS_ACK, &counts));
	ASSERT_EQ(0, zkznl_wait_state(self->nl, self->src, ZKZ_STATE_IDLE, WAIT, NULL));
	/* final: over loopback the reader's queue may hold references for a while, which makes pages sticky */
	ASSERT_EQ(0, zkznl_pass(self->nl, self->src, true));
	ASSERT_EQ(0, zkzpeer_recv_type(&self->peer, ZKZ_WIRE_DATA, &frame, got, sizeof(got)));
	EXPECT_EQ(PAGES, frame.pages);
	EXPECT_EQ('B', got[0]);
	EXPECT_EQ(1, frame.pass);
}

TEST_HARNESS_MAIN
