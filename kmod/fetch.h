/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_FETCH_H
#define _ZKZ_FETCH_H

#include <linux/types.h>

struct zkz_frame;
struct zkz_stream;

int zkz_fetch_remaining(struct zkz_stream *stream, const struct zkz_frame *frame);
int zkz_fetch_begin(struct zkz_stream *stream, const struct zkz_frame *frame);
int zkz_fetch_data(struct zkz_stream *stream, const struct zkz_frame *frame);
int zkz_fetch_clear(struct zkz_stream *stream, const struct zkz_frame *frame);
int zkz_fetch_poison(struct zkz_stream *stream, const struct zkz_frame *frame);
int zkz_fetch_tell(struct zkz_stream *stream);
bool zkz_fetch_complete(struct zkz_stream *stream);
int zkz_fetch_ask(void *data);

#endif /* _ZKZ_FETCH_H */
