/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The connection under a stream: setting it up and breaking it.
 */
#ifndef _ZKZ_STREAM_H
#define _ZKZ_STREAM_H

#include <linux/types.h>

struct socket;
struct zkz_session;
struct zkz_stream;

int zkz_stream_claim(struct zkz_session *session, struct socket *const *socks, u16 nr, const char **why);
void zkz_stream_init(struct zkz_session *session, unsigned int index, struct socket *sock);
void zkz_stream_release(struct zkz_stream *stream);
void zkz_stream_replace(struct zkz_stream *stream, struct socket *sock);
u64 zkz_stream_push_gently(struct zkz_stream *stream);
void zkz_stream_shut(struct zkz_stream *stream);
bool zkz_stream_try_shut(struct zkz_stream *stream);
void zkz_stream_break(struct zkz_stream *stream);

#endif /* _ZKZ_STREAM_H */
