// SPDX-License-Identifier: GPL-2.0
/*
 * The source of a replication: one coordinator that harvests, and a thread per stream that sends.
 *
 *   coordinator   | harvest w0 | harvest w1 | harvest w2 |  wait  | harvest w3 | ... | close | wait for all
 *   stream 0                   | send w0    | send w1    | send w2          | ...    PASS_END → PASS_ACK
 *   stream 1                   | send w0       | send w1        | send w2   | ...    PASS_END → PASS_ACK
 *
 * A window of chunks is harvested right before it is sent, a window or two early (see window.c), so that a guest that
 * keeps writing does not dirty pages again which still wait. PASS_ACK tells that the target has read everything; the
 * references that our own socket queues held are gone by then, so they make no page sticky in the next harvest.
 */
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/slab.h>

#include "chunk.h"
#include "event.h"
#include "recv.h"
#include "send.h"
#include "serve.h"
#include "session.h"
#include "source.h"
#include "stream.h"
#include "track.h"
#include "trace.h"
#include "window.h"

/**
 * zkz_source_prepare() - allocate what only a source needs
 * @session: size of the memory is known and frozen
 *
 * Return: 0 or -ENOMEM; zkz_source_release() is called in any case.
 */
int zkz_source_prepare(struct zkz_session *session)
{
	unsigned long nr_chunks = zkz_session_chunks(session);
	unsigned int i;

	session->send = kvcalloc(BITS_TO_LONGS(session->pages), sizeof(long), GFP_KERNEL);
	session->seen = kvzalloc(nr_chunks, GFP_KERNEL);
	session->order = kvcalloc(nr_chunks, sizeof(*session->order), GFP_KERNEL);
	if (!session->send || !session->seen || !session->order)
		return -ENOMEM;
	for (i = 0; i < session->nr_streams; i++) {
		session->streams[i].scratch = zkz_chunk_scratch();
		if (!session->streams[i].scratch)
			return -ENOMEM;
	}
	return 0;
}

/**
 * zkz_source_release() - free what zkz_source_prepare() allocated
 * @session: its threads are gone
 */
void zkz_source_release(struct zkz_session *session)
{
	unsigned int i;

	for (i = 0; i < session->nr_streams; i++)
		kvfree(session->streams[i].scratch);
	kvfree(session->order);
	kvfree(session->seen);
	kvfree(session->send);
}

/* Something came while nothing was expected: HELLO is welcome, everything else fails the session. */
static int take_pending(struct zkz_stream *stream)
{
	struct zkz_hello hello;
	struct zkz_frame frame;
	int ret;

	ret = zkz_recv_frame(stream, &frame, false);
	if (ret)
		return ret;
	/* the grammar lets nothing else through here */
	ret = zkz_recv_hello(stream, &frame, &hello);
	if (ret)
		return ret;
	if (hello.features & ZKZ_WIRE_FEATURE_VIRGIN)
		WRITE_ONCE(stream->session->virgin, true);
	stream->greeted = true;
	return 0;
}

static int look_at_socket(struct zkz_stream *stream)
{
	return zkz_recv_pending(stream) ? take_pending(stream) : 0;
}

/* What the peer has said before it broke the connection. In a fetch that may begin with requests. */
static void hear_reason(struct zkz_stream *stream)
{
	struct zkz_frame frame;

	if (stream->rx.phase != ZKZ_PHASE_FETCH)
		take_pending(stream);
	else
		while (zkz_recv_pending(stream) && !zkz_recv_frame(stream, &frame, false))
			;
}

/* A send failed. Often the peer has told why before it broke the connection: that is the better reason. */
int zkz_source_send_failed(struct zkz_stream *stream, int err)
{
	struct zkz_session *session = stream->session;

	if (!zkz_session_failed(session) && err != -ETIMEDOUT && zkz_recv_pending(stream))
		hear_reason(stream);
	if (err == -ETIMEDOUT)
		zkz_session_fail(session, err, "stream %u, frame %llu: the target took nothing for %u ms",
				 stream->index, stream->tx_seq - stream->torn, session->timeout_ms);
	else if (err == -EKEYEXPIRED)
		zkz_session_fail(session, err, "stream %u: its key has protected %llu bytes, and may protect no more than %llu",
				 stream->index, stream->tx_bytes, session->stream_limit);
	else
		zkz_session_fail(session, err, "stream %u, frame %llu: sending failed: %pe", stream->index,
				 stream->tx_seq - stream->torn, ERR_PTR(err));
	return err;
}

/* Wait until @cond or the end of the session, with an eye on the socket; @idle is done now and then. Nonzero: leave. */
#define wait_watching(stream, cond, idle)							\
({												\
	struct zkz_session *__s = (stream)->session;						\
	int __ret = 0;										\
												\
	while (!__ret && !zkz_session_failed(__s) && !(cond)) {					\
		wait_event_idle_timeout(__s->wait, (cond) || zkz_session_failed(__s), ZKZ_SOURCE_TICK);		\
		__ret = look_at_socket(stream) ?: (idle);					\
	}											\
	__ret ?: zkz_session_failed(__s) ? -ECONNABORTED : 0;					\
})

static int stay_alive(struct zkz_stream *stream, u32 pass)
{
	int ret = zkz_send_alive(stream, pass);

	return ret ? zkz_source_send_failed(stream, ret) : 0;
}

/* Send every window of the pass as soon as it is harvested. */
static int send_windows(struct zkz_stream *stream, u32 pass, bool final)
{
	struct zkz_session *session = stream->session;
	const struct zkz_window *window;
	unsigned int n = 0;
	unsigned long i;
	int ret;

	for (;;) {
		ret = wait_watching(stream,
				    zkz_see(&session->windows_out) != n || zkz_see(&session->windows_closed),
				    stay_alive(stream, pass));
		if (ret)
			return ret;
		if (zkz_see(&session->windows_out) == n)
			return 0;
		window = &session->window[n % ZKZ_WINDOWS];
		for (i = window->first; i < window->first + window->nr; i++) {
			unsigned long chunk = session->order[i];
			u64 began = ktime_get_ns();

			if (chunk % session->nr_streams != stream->index)
				continue;
			ret = zkz_chunk_send(stream, chunk, pass, final);
			zkz_count(&stream->flow.ns_send, ktime_get_ns() - began);
			if (ret)
				return zkz_source_send_failed(stream, ret);
			ret = look_at_socket(stream) ?: stay_alive(stream, pass);
			if (ret)
				return ret;
			cond_resched();
		}
		zkz_publish(&stream->windows_done, ++n);
		wake_up_all(&session->wait);
	}
}

/* Wait for the frame that acknowledges what we have just sent. */
int zkz_source_wait_ack(struct zkz_stream *stream, u8 type, u32 pass, struct zkz_frame *frame)
{
	u64 began = ktime_get_ns();
	int ret;

	stream->rx.want = type;
	stream->rx.pass = pass;
	ret = zkz_recv_frame(stream, frame, false);
	zkz_count(&stream->flow.ns_wait, ktime_get_ns() - began);
	return ret;
}

static int stream_pass(struct zkz_stream *stream, u32 pass, bool final)
{
	struct zkz_session *session = stream->session;
	struct zkz_counts counts;
	struct zkz_frame frame;
	int ret;

	while (!stream->greeted) {
		ret = take_pending(stream);
		if (ret)
			return ret;
	}
	if (session->fetch) {
		ret = wait_watching(stream, zkz_see(&session->windows_closed), 0) ?: zkz_serve(stream, pass);
	} else {
		ret = zkz_send_pass_begin(stream, pass, final ? ZKZ_WIRE_F_FINAL : 0);
		if (ret)
			return zkz_source_send_failed(stream, ret);
		trace_first_byte(session->id, session->role, pass, stream->index);
		ret = send_windows(stream, pass, final);
	}
	if (ret)
		return ret;
	ret = zkz_send_counts(stream, ZKZ_WIRE_PASS_END, pass, &stream->tx_pass);
	if (ret)
		return zkz_source_send_failed(stream, ret);
	trace_last_byte(session->id, session->role, pass, stream->index);
	do {
		/* requests for pages that have left cross the last of them */
		ret = zkz_source_wait_ack(stream, ZKZ_WIRE_PASS_ACK, pass, &frame);
	} while (!ret && frame.type == ZKZ_WIRE_WANT);
	ret = ret ?: zkz_recv_counts(stream, &frame, &counts);
	if (ret)
		return ret;
	if (!zkz_counts_equal(&counts, &stream->tx_pass))
		return zkz_recv_refuse(stream, &frame, ZKZ_WIRE_BAD_PASS_COUNTS);
	zkz_publish(&stream->pass_done, pass + 1);
	wake_up_all(&session->wait);
	return 0;
}

/* After the final pass: tell the totals, and hear that they are what arrived. */
static int stream_end(struct zkz_stream *stream, u32 pass)
{
	struct zkz_session *session = stream->session;
	struct zkz_counts mine, all;
	struct zkz_frame frame;
	int ret;

	ret = wait_watching(stream, zkz_see(&session->ends_asked), 0);
	if (ret)
		return ret;
	ret = zkz_send_totals(stream, ZKZ_WIRE_END, pass, &stream->tx_total, &session->totals);
	if (ret)
		return zkz_source_send_failed(stream, ret);
	ret = zkz_source_wait_ack(stream, ZKZ_WIRE_END_ACK, pass, &frame);
	ret = ret ?: zkz_recv_totals(stream, &frame, &mine, &all);
	if (ret)
		return ret;
	if (!zkz_counts_equal(&mine, &stream->tx_total))
		return zkz_recv_refuse(stream, &frame, ZKZ_WIRE_BAD_STREAM_TOTALS);
	if (!zkz_counts_equal(&all, &session->totals))
		return zkz_recv_refuse(stream, &frame, ZKZ_WIRE_BAD_SESSION_TOTALS);
	zkz_publish(&stream->end_done, true);
	wake_up_all(&session->wait);
	return 0;
}

/**
 * zkz_source_stream() - thread of one stream of a source
 * @data: the stream
 *
 * Return: 0; what went wrong is in the session.
 */
int zkz_source_stream(void *data)
{
	struct zkz_stream *stream = data;
	struct zkz_session *session = stream->session;
	u32 pass = session->resumes ? session->pass : 0;
	bool final = false;
	int ret;

	ret = zkz_send_hello(stream, session->resumes ? ZKZ_WIRE_FEATURE_RESUME : 0);
	if (ret)
		zkz_source_send_failed(stream, ret);
	for (; !ret && !final; pass++) {
		ret = wait_watching(stream, zkz_see(&session->passes_begun) > pass, 0);
		if (ret)
			break;
		final = session->final;
		ret = stream_pass(stream, pass, final);
		if (!ret && final)
			ret = stream_end(stream, pass);
	}
	/* as in zkz_target_stream() */
	if (ret || zkz_session_failed(session))
		zkz_stream_shut(stream);
	return 0;
}

static bool all_acknowledged(struct zkz_session *session, u32 pass)
{
	unsigned int i;

	for (i = 0; i < session->nr_streams; i++) {
		if (zkz_see(&session->streams[i].pass_done) <= pass)
			return false;
	}
	return true;
}

static bool all_fetching(struct zkz_session *session)
{
	unsigned int i;

	for (i = 0; i < session->nr_streams; i++) {
		if (!zkz_see(&session->streams[i].fetch_done))
			return false;
	}
	return true;
}

static bool all_ended(struct zkz_session *session)
{
	unsigned int i;

	for (i = 0; i < session->nr_streams; i++) {
		if (!zkz_see(&session->streams[i].end_done))
			return false;
	}
	return true;
}

/* Until the target waits for the pages that the streams then send. */
static bool begin_fetch(struct zkz_session *session)
{
	enum zkz_state from = session->resumes ? ZKZ_STATE_LOST : ZKZ_STATE_PASSING;

	if (!session->resumes && !zkz_windows_rest(session))
		return false;
	if (!zkz_wait_streams(session, all_fetching(session)) ||
	    !zkz_session_set_state(session, from, ZKZ_STATE_FETCHING))
		return false;
	zkz_event(session, ZKZ_EVENT_FETCH);
	return true;
}

static bool run_pass(struct zkz_session *session, u32 pass, bool final)
{
	enum zkz_state next = final ? ZKZ_STATE_ENDED : ZKZ_STATE_IDLE;
	bool fetch = session->fetch;
	unsigned int i;

	/* a fetch that goes on has begun before */
	if (!session->resumes) {
		zkz_stats_pass_begin(session, zkz_track_dirty(session->mem));
		zkz_track_pass(session->mem, session->slow, zkz_windows_around(session));
		trace_pass_begin(session->id, session->role, pass, session->tally.pass_total);
		zkz_event(session, ZKZ_EVENT_PASS_BEGIN);
	}
	if (!(fetch ? begin_fetch(session) : zkz_windows_make(session, final)))
		return false;
	if (!zkz_wait_streams(session, all_acknowledged(session, pass)))
		return false;
	zkz_stats_pass_end(session);
	trace_pass_end(session->id, session->role, pass, session->tally.pass_total);
	if (final) {
		for (i = 0; i < session->nr_streams; i++)
			zkz_counts_add(&session->totals, &session->streams[i].tx_total);
		zkz_publish(&session->ends_asked, 1);
		wake_up_all(&session->wait);
		if (!zkz_wait_streams(session, all_ended(session)))
			return false;
	}
	/* the next pass may be asked for as soon as the state says so */
	for (i = 0; i < session->nr_streams; i++)
		session->streams[i].windows_done = 0;
	if (!zkz_session_set_state(session, fetch ? ZKZ_STATE_FETCHING : ZKZ_STATE_PASSING, next))
		return false;
	zkz_event(session, ZKZ_EVENT_PASS_END);
	if (final)
		zkz_event(session, ZKZ_EVENT_END);
	return true;
}

/* A failed session stays visible, but the guest gets its full speed back at once. */
static void stop_tracking(struct zkz_session *session)
{
	mutex_lock(&session->mem_lock);
	if (session->tracking)
		zkz_track_stop(session->mem);
	session->tracking = false;
	mutex_unlock(&session->mem_lock);
}

/**
 * zkz_source_coordinate() - thread that runs the passes of a source
 * @data: the session
 *
 * Return: 0; what went wrong is in the session.
 */
int zkz_source_coordinate(void *data)
{
	struct zkz_session *session = data;
	u32 pass = session->resumes ? session->pass : 0;

	for (; zkz_wait_streams(session, zkz_see(&session->passes_begun) > pass); pass++) {
		/* Read before the pass is over: from then on the next one may be asked for. */
		bool final = session->final;

		if (!run_pass(session, pass, final))
			break;
		if (final)
			return 0;
	}
	stop_tracking(session);
	return 0;
}
