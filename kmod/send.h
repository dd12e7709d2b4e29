/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames onto a stream. Every function is for the stream's own thread, but for zkz_send_want() and the last; all take
 * stream->tx for one frame at a time. They do not fail the session: the caller does, or finds that somebody else did.
 */
#ifndef _ZKZ_SEND_H
#define _ZKZ_SEND_H

#include <linux/types.h>

struct zkz_absent;
struct zkz_stream;
struct zkz_counts;

int zkz_send_hello(struct zkz_stream *stream, u32 features);
int zkz_send_pass_begin(struct zkz_stream *stream, u32 pass, u16 flags);
int zkz_send_remaining(struct zkz_stream *stream, u32 pass, unsigned long chunk, const unsigned long *bits);
int zkz_send_fetch(struct zkz_stream *stream, u8 type, u32 pass, u64 pages);
int zkz_send_want(struct zkz_stream *stream, u32 pass, struct zkz_absent *absent, u64 page);
int zkz_send_alive(struct zkz_stream *stream, u32 pass);
int zkz_send_counts(struct zkz_stream *stream, u8 type, u32 pass, const struct zkz_counts *counts);
int zkz_send_totals(struct zkz_stream *stream, u8 type, u32 pass, const struct zkz_counts *mine,
		    const struct zkz_counts *all);
int zkz_send_extent(struct zkz_stream *stream, u8 type, u32 pass, u64 first, u32 pages, struct page **page,
		    bool urgent);

void zkz_send_abort(struct zkz_stream *stream, const char *reason);

#endif /* _ZKZ_SEND_H */
