// SPDX-License-Identifier: GPL-2.0
/*
 * The source of a fetch: what one stream sends. The guest is frozen, and session->send has every page that the target
 * lacks; its bits of the chunks of a stream belong to the thread of that stream.
 *
 *   name what is left --> FETCH_ACK --> { send what is asked for, push what lies next to it } until nothing is left
 *                                         (at first there are pauses instead of the rest)
 *
 * A page leaves once, when its bit is taken. A request for one that has left is already answered.
 */
#include <linux/bitmap.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/math.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "chunk.h"
#include "recv.h"
#include "send.h"
#include "serve.h"
#include "session.h"
#include "source.h"
#include "stream.h"

/* At first little is pushed, see may_push(). */
#define START_MS	250		/* for so long at most, */
#define START_PART	8		/* and for such a part of the time that the rest takes */
#define START_PIECES	2		/* for each request */

/* Pages pushed at a time, aligned. Who asks for another page meanwhile waits for them: they are few. */
#define PIECE	16

#define LOOK	(HZ / 10)	/* how often we look what the connection carries */

static unsigned long *marks(const struct zkz_session *session, unsigned long chunk)
{
	return session->send + chunk * (ZKZ_WIRE_CHUNK_PAGES / BITS_PER_LONG);
}

/* A target that goes on says what it lacks, and that is what there is to send. */
static int hear_what_is_lacking(struct zkz_stream *stream)
{
	struct zkz_session *session = stream->session;
	u64 bits[ZKZ_WIRE_CHUNK_PAGES / 64], pages;
	struct zkz_frame frame;
	unsigned long chunk;
	int ret;

	for (chunk = stream->index; chunk < zkz_session_chunks(session); chunk += session->nr_streams)
		bitmap_zero(marks(session, chunk), ZKZ_WIRE_CHUNK_PAGES);
	for (;;) {
		ret = zkz_recv_frame(stream, &frame, false);
		if (ret)
			return ret;
		if (frame.type == ZKZ_WIRE_FETCH)
			return zkz_recv_fetch(stream, &frame, &pages);
		ret = zkz_recv_remaining(stream, &frame, bits);
		if (ret)
			return ret;
		bitmap_copy(marks(session, frame.first / ZKZ_WIRE_CHUNK_PAGES), (unsigned long *)bits,
			    ZKZ_WIRE_CHUNK_PAGES);
	}
}

/* Tell the target what is still to come on this stream. */
static int name_remaining(struct zkz_stream *stream, u32 pass)
{
	struct zkz_session *session = stream->session;
	unsigned long chunk;
	unsigned int nr;
	u64 left = 0;
	int ret;

	ret = zkz_send_pass_begin(stream, pass, ZKZ_WIRE_F_FINAL | ZKZ_WIRE_F_FETCH);
	for (chunk = stream->index; !ret && chunk < zkz_session_chunks(session); chunk += session->nr_streams) {
		nr = bitmap_weight(marks(session, chunk), ZKZ_WIRE_CHUNK_PAGES);
		left += nr;
		if (nr)
			ret = zkz_send_remaining(stream, pass, chunk, marks(session, chunk));
		cond_resched();
	}
	WRITE_ONCE(stream->left, left);
	ret = ret ?: zkz_send_fetch(stream, ZKZ_WIRE_FETCH, pass, left);
	return ret ? zkz_source_send_failed(stream, ret) : 0;
}

static int wait_until_armed(struct zkz_stream *stream, u32 pass)
{
	struct zkz_frame frame;
	u64 pages;
	int ret;

	ret = zkz_source_wait_ack(stream, ZKZ_WIRE_FETCH_ACK, pass, &frame) ?: zkz_recv_fetch(stream, &frame, &pages);
	if (ret)
		return ret;
	if (pages != stream->left)
		return zkz_recv_refuse(stream, &frame, ZKZ_WIRE_BAD_FETCH_COUNT);
	zkz_publish(&stream->fetch_done, true);
	wake_up_all(&stream->session->wait);
	return 0;
}

/* Returns how many pages left, or a negative error. */
static int send_some(struct zkz_stream *stream, pgoff_t first, unsigned int nr, u32 pass, bool urgent)
{
	int sent = zkz_chunk_send_part(stream, first, nr, pass, urgent);

	if (sent < 0)
		return zkz_source_send_failed(stream, sent);
	WRITE_ONCE(stream->left, stream->left - sent);
	zkz_count(urgent ? &stream->flow.demand : &stream->flow.pushed, sent);
	return sent;
}

/* Answer what the target has asked for; its neighbours are what is pushed next. */
static int answer_requests(struct zkz_stream *stream, u32 pass)
{
	struct zkz_frame frame;
	int ret;

	while (zkz_recv_pending(stream)) {
		ret = zkz_recv_frame(stream, &frame, false);
		if (ret)
			return ret;
		zkz_count(&stream->flow.wants, frame.pages);
		ret = send_some(stream, frame.first, frame.pages, pass, true);
		if (ret < 0)
			return ret;
		zkz_count(&stream->flow.duplicate, frame.pages - ret);
		stream->cursor = round_down(frame.first, PIECE);
	}
	return 0;
}

/* The next page to push, from the cursor on and round through the chunks of this stream; there is one. */
static pgoff_t next_page(struct zkz_stream *stream)
{
	struct zkz_session *session = stream->session;
	unsigned long chunk = stream->cursor / ZKZ_WIRE_CHUNK_PAGES;
	unsigned long at = stream->cursor % ZKZ_WIRE_CHUNK_PAGES, n;

	/* once more for the part of the first chunk that is before the cursor */
	for (n = 0; n <= zkz_session_chunks(session) + session->nr_streams; n += session->nr_streams) {
		at = find_next_bit(marks(session, chunk), ZKZ_WIRE_CHUNK_PAGES, at);
		if (at < ZKZ_WIRE_CHUNK_PAGES)
			break;
		at = 0;
		chunk += session->nr_streams;
		if (chunk >= zkz_session_chunks(session))
			chunk = stream->index;
	}
	return chunk * ZKZ_WIRE_CHUNK_PAGES + at;
}

/* How a fetch begins. */
struct start {
	u64 end;		/* until when, in ns */
	u64 wants;		/* pages that were asked for */
	unsigned int pieces;	/* that may be pushed for the last of them */
};

static struct start start_now(struct zkz_stream *stream)
{
	u64 rate = zkz_stream_push_gently(stream), ms = START_MS;

	if (rate)
		ms = min(ms, div64_u64((stream->left << PAGE_SHIFT) * MSEC_PER_SEC, rate) / START_PART);
	return (struct start) { .end = ktime_get_ns() + ms * NSEC_PER_MSEC, .wants = stream->flow.wants };
}

/*
 * When a fetch begins, the target's QEMU has yet to load its devices, which looks at their rings, and then a guest runs
 * for which nearly all is missing that it uses. An answer that waits behind pages which nobody has asked for makes the
 * downtime longer. So at first only what lies next to a request is pushed; for that the thread looks for requests.
 */
static bool may_push(const struct zkz_stream *stream, struct start *start)
{
	if (ktime_get_ns() >= start->end)
		return true;
	if (start->wants != stream->flow.wants) {
		start->wants = stream->flow.wants;
		start->pieces = START_PIECES;
	}
	if (start->pieces) {
		start->pieces--;
		return true;
	}
	usleep_range(200, 400);
	return false;
}

static int push_some(struct zkz_stream *stream, u32 pass)
{
	pgoff_t first = next_page(stream), end = round_down(first, PIECE) + PIECE;

	stream->cursor = end - 1;
	return send_some(stream, first, end - first, pass, false);
}

/**
 * zkz_serve() - send what is left, what is asked for first
 * @stream: source, all of whose pages are harvested; the caller is its thread
 * @pass: number of the fetch
 *
 * Return: 0 when everything has left, or a negative error.
 */
int zkz_serve(struct zkz_stream *stream, u32 pass)
{
	struct start begun;
	unsigned long look;
	int ret = 0;

	if (stream->session->resumes)
		ret = hear_what_is_lacking(stream);
	ret = ret ?: name_remaining(stream, pass) ?: wait_until_armed(stream, pass);
	if (ret)
		return ret;
	stream->cursor = (pgoff_t)stream->index * ZKZ_WIRE_CHUNK_PAGES;
	begun = start_now(stream);
	look = jiffies + LOOK;
	while (stream->left && ret >= 0) {
		if (time_after_eq(jiffies, look)) {
			zkz_stream_push_gently(stream);
			look = jiffies + LOOK;
		}
		ret = answer_requests(stream, pass);
		if (!ret && stream->left && may_push(stream, &begun))
			ret = push_some(stream, pass);
		if (ret >= 0 && zkz_session_failed(stream->session))
			ret = -ECONNABORTED;
		cond_resched();
	}
	return min(ret, 0);
}
