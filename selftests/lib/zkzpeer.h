/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One end of a stream, played by a test that may break any rule. Frames are made and read by the module's own wire.c.
 */
#ifndef _ZKZ_SELFTESTS_ZKZPEER_H
#define _ZKZ_SELFTESTS_ZKZPEER_H

#include "../../kmod/wire.h"

struct zkzpeer {
	int fd;
	__u64 cookie;
	__u64 pages;
	__u16 stream;
	__u16 streams;
	__u64 seq;		/* of the next frame sent */
	__u32 pass;
};

void zkzpeer_init(struct zkzpeer *peer, int fd, __u64 cookie, __u64 pages, __u16 stream, __u16 streams);

/* A frame as it should be now; tests bend it before they send it. */
struct zkz_frame zkzpeer_frame(struct zkzpeer *peer, __u8 type);
struct zkz_frame zkzpeer_extent(struct zkzpeer *peer, __u8 type, __u64 first, __u32 pages);

/* All return 0 or a negative error. Waits have a deadline of 20 s: -EAGAIN. */
int zkzpeer_send(struct zkzpeer *peer, const struct zkz_frame *frame, const void *payload);
int zkzpeer_send_raw(struct zkzpeer *peer, const void *bytes, unsigned int len);
int zkzpeer_hello(struct zkzpeer *peer, __u32 features);
int zkzpeer_pass_begin(struct zkzpeer *peer, __u16 flags);
int zkzpeer_counts(struct zkzpeer *peer, __u8 type, const struct zkz_counts *counts);
int zkzpeer_totals(struct zkzpeer *peer, __u8 type, const struct zkz_counts *mine, const struct zkz_counts *all);
int zkzpeer_remaining(struct zkzpeer *peer, __u64 chunk, const __u64 *bits);
int zkzpeer_fetch(struct zkzpeer *peer, __u8 type, __u64 pages);
int zkzpeer_abort(struct zkzpeer *peer, const char *reason);

/* Receive one frame and at most @max bytes of its payload, the rest is dropped. -EPIPE at the end of the stream. */
int zkzpeer_recv(struct zkzpeer *peer, struct zkz_frame *frame, void *payload, unsigned int max);
/* Receive until a frame of that type comes. */
int zkzpeer_recv_type(struct zkzpeer *peer, __u8 type, struct zkz_frame *frame, void *payload, unsigned int max);

#endif
