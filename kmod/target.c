// SPDX-License-Identifier: GPL-2.0
/*
 * The target of a replication: a thread per stream that does what the frames say.
 *
 * Streams meet twice. The session is in pass n when its first stream is, and out of it when its last stream is, and
 * none may enter pass n + 1 before. END is acknowledged when every stream has had it and the totals of the session are
 * what arrived on all streams together: the source takes END_ACK on every stream for "the target has everything".
 */
#include <linux/kthread.h>
#include <linux/ktime.h>

#include "event.h"
#include "fetch.h"
#include "mem.h"
#include "poison.h"
#include "recv.h"
#include "send.h"
#include "session.h"
#include "stream.h"
#include "target.h"
#include "trace.h"

/* A source makes one pass in so much time, when it has made so many at once. */
#define PASS_NS		(20LL * NSEC_PER_MSEC)
#define PASSES_AT_ONCE	32

static int greet(struct zkz_stream *stream)
{
	struct zkz_frame frame;
	struct zkz_hello hello;
	int ret;

	/* userspace on the other side may take its time until its session exists, but not to go on with a fetch */
	ret = zkz_recv_frame(stream, &frame, !stream->rx.resumed);
	if (ret)
		return ret;
	ret = zkz_recv_hello(stream, &frame, &hello);
	if (ret)
		return ret;
	ret = zkz_send_hello(stream, stream->rx.resumed ? ZKZ_WIRE_FEATURE_RESUME : ZKZ_WIRE_FEATURE_VIRGIN);
	if (ret)
		zkz_session_fail(stream->session, ret, "stream %u: greeting the source failed: %pe", stream->index,
				 ERR_PTR(ret));
	return ret ?: stream->rx.resumed ? zkz_fetch_tell(stream) : 0;
}

static int enter_pass(struct zkz_stream *stream, const struct zkz_frame *frame)
{
	struct zkz_session *session = stream->session;
	bool final = frame->flags & ZKZ_WIRE_F_FINAL;
	bool fetch = frame->flags & ZKZ_WIRE_F_FETCH;
	bool first, late;

	/* the pass has begun before the connection broke */
	if (stream->rx.resumed)
		return 0;

	spin_lock(&session->lock);
	first = session->passes_begun == frame->pass && !session->streams_left &&
		session->state == ZKZ_STATE_IDLE;
	if (first) {
		session->passes_begun++;
		WRITE_ONCE(session->pass, frame->pass);
		session->final = final;
		session->fetch = fetch;
		session->streams_left = session->nr_streams;
		WRITE_ONCE(session->state, ZKZ_STATE_PASSING);
		zkz_stats_pass_begin(session, 0);
	}
	/* others have been here before: is it the same pass for them? */
	late = session->pass != frame->pass || session->final != final || session->fetch != fetch ||
	       !session->passes_begun;
	spin_unlock(&session->lock);

	if (late)
		return zkz_recv_refuse(stream, frame, ZKZ_WIRE_BAD_PASS);
	if (first) {
		trace_session_state(session->id, session->role, ZKZ_STATE_IDLE, ZKZ_STATE_PASSING);
		trace_pass_begin(session->id, session->role, frame->pass, 0);
		zkz_event(session, ZKZ_EVENT_PASS_BEGIN);
	}
	trace_first_byte(session->id, session->role, frame->pass, stream->index);
	return 0;
}

/*
 * A pass costs two events, which everybody hears who listens in the network namespace, whatever he is interested in.
 * So a source cannot make as many as it likes: its answers are held back after some passes in a row. That is not for
 * the final pass, for which a guest stands still.
 */
static s64 too_early(struct zkz_session *session)
{
	s64 now = ktime_get_ns(), least = now - PASSES_AT_ONCE * PASS_NS;

	session->pass_due = max(session->pass_due, least) + PASS_NS;
	return session->final || session->pass_due < now ? 0 : session->pass_due - now;
}

static int leave_pass(struct zkz_stream *stream, const struct zkz_frame *frame)
{
	struct zkz_session *session = stream->session;
	struct zkz_counts counts;
	s64 early = 0;
	bool last;
	int ret;

	ret = zkz_recv_counts(stream, frame, &counts);
	if (ret)
		return ret;
	trace_last_byte(session->id, session->role, frame->pass, stream->index);
	if (!zkz_counts_equal(&counts, &stream->rx.in_pass))
		return zkz_recv_refuse(stream, frame, ZKZ_WIRE_BAD_PASS_COUNTS);

	spin_lock(&session->lock);
	last = !--session->streams_left;
	if (last) {
		zkz_stats_pass_end(session);
		early = too_early(session);
		/* after the final pass END is still to come */
		if (session->state == ZKZ_STATE_PASSING && !session->final)
			WRITE_ONCE(session->state, ZKZ_STATE_IDLE);
	}
	spin_unlock(&session->lock);
	if (last) {
		trace_pass_end(session->id, session->role, frame->pass, 0);
		zkz_event(session, ZKZ_EVENT_PASS_END);
	}
	if (early)
		wait_event_idle_timeout(session->wait, zkz_session_failed(session), nsecs_to_jiffies(early) + 1);
	ret = zkz_send_counts(stream, ZKZ_WIRE_PASS_ACK, frame->pass, &counts);
	if (ret)
		zkz_session_fail(session, ret, "stream %u: acknowledging pass %u failed: %pe", stream->index,
				 frame->pass, ERR_PTR(ret));
	return ret;
}

/* Wait until END has come on every stream. */
static int wait_others(struct zkz_stream *stream)
{
	struct zkz_session *session = stream->session;

	spin_lock(&session->lock);
	zkz_counts_add(&session->totals, &stream->rx.total);
	zkz_publish(&session->streams_ended, session->streams_ended + 1);
	spin_unlock(&session->lock);
	wake_up_all(&session->wait);
	if (!wait_event_idle_timeout(session->wait,
				     zkz_see(&session->streams_ended) == session->nr_streams ||
				     zkz_session_failed(session), session->timeout))
		zkz_session_fail(session, -ETIMEDOUT, "stream %u ended, but others did not for %u ms", stream->index,
				 session->timeout_ms);
	return zkz_session_failed(session) ? -ECONNABORTED : 0;
}

static int finish(struct zkz_stream *stream, const struct zkz_frame *frame)
{
	struct zkz_session *session = stream->session;
	struct zkz_counts mine, all;
	bool last;
	int ret;

	ret = zkz_recv_totals(stream, frame, &mine, &all);
	if (ret)
		return ret;
	if (!zkz_counts_equal(&mine, &stream->rx.total))
		return zkz_recv_refuse(stream, frame, ZKZ_WIRE_BAD_STREAM_TOTALS);
	ret = wait_others(stream);
	if (ret)
		return ret;
	if (!zkz_counts_equal(&all, &session->totals))
		return zkz_recv_refuse(stream, frame, ZKZ_WIRE_BAD_SESSION_TOTALS);
	if (!zkz_fetch_complete(stream))
		return zkz_recv_refuse(stream, frame, ZKZ_WIRE_BAD_FETCH_MISSING);
	ret = zkz_send_totals(stream, ZKZ_WIRE_END_ACK, frame->pass, &mine, &all);
	if (ret) {
		zkz_session_fail(session, ret, "stream %u: acknowledging the end failed: %pe", stream->index,
				 ERR_PTR(ret));
		return ret;
	}
	spin_lock(&session->lock);
	last = ++session->streams_acked == session->nr_streams;
	spin_unlock(&session->lock);
	if (!last)
		return 0;
	if (session->fetch)
		zkz_absent_disarm(session->mem);
	else
		zkz_absent_relax(session->absent);
	if (zkz_session_set_state(session, session->fetch ? ZKZ_STATE_FETCHING : ZKZ_STATE_PASSING, ZKZ_STATE_ENDED))
		zkz_event(session, ZKZ_EVENT_END);
	return 0;
}

static int clear(struct zkz_stream *stream, const struct zkz_frame *frame)
{
	struct zkz_mem *mem = stream->session->mem;
	bool hole = frame->type == ZKZ_WIRE_HOLE;
	int ret;

	ret = hole ? zkz_mem_punch(mem, frame->first, frame->pages) :
		     zkz_mem_zero(mem, frame->first, frame->pages);
	if (ret)
		zkz_session_fail(stream->session, ret, "stream %u, frame %llu: clearing pages failed: %pe",
				 stream->index, frame->seq, ERR_PTR(ret));
	else
		zkz_count(hole ? &stream->flow.hole : &stream->flow.zero, frame->pages);
	return ret;
}

static int poison(struct zkz_stream *stream, const struct zkz_frame *frame)
{
	int ret = zkz_poison_add(stream->session->mem, frame->first, frame->pages);

	if (ret)
		zkz_session_fail(stream->session, ret, "stream %u, frame %llu: noting damaged pages failed: %pe",
				 stream->index, frame->seq, ERR_PTR(ret));
	else
		zkz_count(&stream->flow.poison, frame->pages);
	return ret;
}

/* Frames come in an order that the grammar in wire.c has checked. */
static int follow(struct zkz_stream *stream, const struct zkz_frame *frame)
{
	bool fetch = stream->rx.phase == ZKZ_PHASE_FETCH;

	switch (frame->type) {
	case ZKZ_WIRE_DATA:
		return fetch ? zkz_fetch_data(stream, frame) : zkz_recv_data(stream, frame);
	case ZKZ_WIRE_ZERO:
	case ZKZ_WIRE_HOLE:
		return fetch ? zkz_fetch_clear(stream, frame) : clear(stream, frame);
	case ZKZ_WIRE_POISON:
		return fetch ? zkz_fetch_poison(stream, frame) : poison(stream, frame);
	case ZKZ_WIRE_REMAINING:
		return zkz_fetch_remaining(stream, frame);
	case ZKZ_WIRE_FETCH:
		return zkz_fetch_begin(stream, frame);
	case ZKZ_WIRE_PASS_BEGIN:
		return enter_pass(stream, frame);
	case ZKZ_WIRE_PASS_END:
		return leave_pass(stream, frame);
	case ZKZ_WIRE_END:
		return finish(stream, frame);
	default:
		return 0;
	}
}

/* Between passes userspace on the other side decides, and before END other streams may be busy. */
static bool may_be_silent(const struct zkz_stream *stream)
{
	return stream->rx.phase == ZKZ_PHASE_END || (stream->rx.phase == ZKZ_PHASE_BETWEEN && !stream->rx.resumed);
}

/**
 * zkz_target_stream() - thread of one stream of a target
 * @data: the stream
 *
 * Return: 0; what went wrong is in the session.
 */
int zkz_target_stream(void *data)
{
	struct zkz_stream *stream = data;
	struct zkz_frame frame;
	int ret;

	ret = greet(stream);
	while (!ret && stream->rx.phase != ZKZ_PHASE_OVER) {
		ret = zkz_recv_frame(stream, &frame, may_be_silent(stream));
		if (!ret)
			ret = follow(stream, &frame);
		cond_resched();
	}
	/* Another stream may have failed while this one was sending its last frame, and have left the rest to us. */
	if (ret || zkz_session_failed(stream->session))
		zkz_stream_shut(stream);
	return 0;
}
