/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_SOURCE_H
#define _ZKZ_SOURCE_H

struct zkz_frame;
struct zkz_session;
struct zkz_stream;

int zkz_source_prepare(struct zkz_session *session);
void zkz_source_release(struct zkz_session *session);
int zkz_source_coordinate(void *data);
int zkz_source_stream(void *data);

/* For serve.c: a send failed; wait for an acknowledgement, or in a fetch a request. */
int zkz_source_send_failed(struct zkz_stream *stream, int err);
int zkz_source_wait_ack(struct zkz_stream *stream, u8 type, u32 pass, struct zkz_frame *frame);

#endif /* _ZKZ_SOURCE_H */
