/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_SOURCE_H
#define _ZKZ_SOURCE_H

#include <linux/wait.h>

#include "session.h"

/* How often a waiting thread looks about: a stream's at its socket. */
#define ZKZ_SOURCE_TICK		(HZ / 5)

/*
 * For the coordinator: wait for the streams of a session. Each of their waits has the session's deadline and fails the
 * session when it passes, so this one needs none of its own. False: the session failed.
 */
#define zkz_wait_streams(session, cond)								\
({												\
	while (!(cond) && !zkz_session_failed(session))						\
		wait_event_idle_timeout((session)->wait, (cond) || zkz_session_failed(session),	\
					ZKZ_SOURCE_TICK);					\
	!zkz_session_failed(session);								\
})

struct zkz_frame;

int zkz_source_prepare(struct zkz_session *session);
void zkz_source_release(struct zkz_session *session);
int zkz_source_coordinate(void *data);
int zkz_source_stream(void *data);

/* For serve.c: a send failed; wait for an acknowledgement, or in a fetch a request. */
int zkz_source_send_failed(struct zkz_stream *stream, int err);
int zkz_source_wait_ack(struct zkz_stream *stream, u8 type, u32 pass, struct zkz_frame *frame);

#endif /* _ZKZ_SOURCE_H */
