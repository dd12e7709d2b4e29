/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames from a stream, for the stream's own thread. A function that fails has already failed the session, with a
 * reason that names the stream and the frame.
 */
#ifndef _ZKZ_RECV_H
#define _ZKZ_RECV_H

#include "wire.h"

struct zkz_stream;

bool zkz_recv_pending(struct zkz_stream *stream);
bool zkz_recv_broken(struct zkz_stream *stream);
int zkz_recv_frame(struct zkz_stream *stream, struct zkz_frame *frame, bool idle);
int zkz_recv_hello(struct zkz_stream *stream, const struct zkz_frame *frame, struct zkz_hello *hello);
int zkz_recv_counts(struct zkz_stream *stream, const struct zkz_frame *frame, struct zkz_counts *counts);
int zkz_recv_totals(struct zkz_stream *stream, const struct zkz_frame *frame, struct zkz_counts *mine,
		    struct zkz_counts *all);
int zkz_recv_remaining(struct zkz_stream *stream, const struct zkz_frame *frame, u64 *bits);
int zkz_recv_fetch(struct zkz_stream *stream, const struct zkz_frame *frame, u64 *pages);
int zkz_recv_pages(struct zkz_stream *stream, const struct zkz_frame *frame, void *buf, u32 pages);
int zkz_recv_data(struct zkz_stream *stream, const struct zkz_frame *frame);
int zkz_recv_refuse(struct zkz_stream *stream, const struct zkz_frame *frame, enum zkz_wire_error err);

#endif /* _ZKZ_RECV_H */
