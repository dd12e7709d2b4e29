// SPDX-License-Identifier: GPL-2.0
/*
 * The target of a fetch. The threads of the streams learn what is still to come, and put it where it belongs when it
 * does; one more thread asks for the pages that somebody waits for.
 *
 *   REMAINING ... FETCH on every stream --> zkz_absent_arm() --> FETCH_ACK on every stream --> state fetching
 *   DATA, ZERO, HOLE  --> zkz_absent_fill(), zkz_absent_zero()
 *
 * The guest runs. So pages are received into a buffer first: nobody who wants a neighbour of the page, which is here,
 * should wait for the network.
 */
#include <linux/bitmap.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include "absent.h"
#include "event.h"
#include "fetch.h"
#include "recv.h"
#include "send.h"
#include "session.h"
#include "trace.h"

#define TICK	(HZ / 5)
#define PIECE	16		/* pages in the buffer */

/**
 * zkz_fetch_remaining() - REMAINING came: these pages are still to come
 * @stream: where from
 * @frame: its header
 *
 * Return: 0 or a negative error.
 */
int zkz_fetch_remaining(struct zkz_stream *stream, const struct zkz_frame *frame)
{
	u64 bits[ZKZ_WIRE_CHUNK_PAGES / 64];
	int ret;

	ret = zkz_recv_remaining(stream, frame, bits);
	/* one who goes on repeats what we have told him */
	if (!ret && !stream->rx.resumed)
		zkz_absent_add(stream->session->absent, frame->first / ZKZ_WIRE_CHUNK_PAGES, bits);
	return ret;
}

/* Every stream has named its pages: the last one makes everybody wait for them. */
static int arm(struct zkz_stream *stream)
{
	struct zkz_session *session = stream->session;
	bool last;

	spin_lock(&session->lock);
	last = ++session->streams_named == session->nr_streams;
	spin_unlock(&session->lock);
	if (last && !session->armed) {
		if (zkz_absent_arm(session->mem, session->absent))
			zkz_session_fail(session, -EOPNOTSUPP,
					 "memory is pinned for device access, which does not wait for pages to come");
		zkz_publish(&session->armed, true);
		wake_up_all(&session->wait);
	}
	if (!wait_event_idle_timeout(session->wait, zkz_see(&session->armed) || zkz_session_failed(session),
				     session->timeout))
		zkz_session_fail(session, -ETIMEDOUT, "stream %u named its pages, but others did not for %u ms",
				 stream->index, session->timeout_ms);
	return zkz_session_failed(session) ? -ECONNABORTED : 0;
}

/**
 * zkz_fetch_begin() - FETCH came: this stream has named what is still to come
 * @stream: where from
 * @frame: its header
 *
 * Return: 0 or a negative error.
 */
int zkz_fetch_begin(struct zkz_stream *stream, const struct zkz_frame *frame)
{
	struct zkz_session *session = stream->session;
	enum zkz_state from = session->resumes ? ZKZ_STATE_LOST : ZKZ_STATE_PASSING;
	u64 pages;
	bool last;
	int ret;

	if (!stream->bounce)
		stream->bounce = kvmalloc(PIECE * PAGE_SIZE, GFP_KERNEL);
	if (!stream->bounce) {
		zkz_session_fail(session, -ENOMEM, "stream %u: no memory for a buffer", stream->index);
		return -ENOMEM;
	}
	ret = zkz_recv_fetch(stream, frame, &pages) ?: arm(stream);
	if (ret)
		return ret;
	ret = zkz_send_fetch(stream, ZKZ_WIRE_FETCH_ACK, frame->pass, pages);
	if (ret) {
		zkz_session_fail(session, ret, "stream %u: acknowledging the fetch failed: %pe", stream->index,
				 ERR_PTR(ret));
		return ret;
	}
	spin_lock(&session->lock);
	last = ++session->streams_fetching == session->nr_streams;
	spin_unlock(&session->lock);
	if (last && zkz_session_set_state(session, from, ZKZ_STATE_FETCHING))
		zkz_event(session, ZKZ_EVENT_FETCH);
	return 0;
}

static void count(struct zkz_stream *stream, unsigned long pages, unsigned long fresh, unsigned long demanded)
{
	zkz_count(&stream->flow.demand, demanded);
	zkz_count(&stream->flow.pushed, fresh - demanded);
	zkz_count(&stream->flow.duplicate, pages - fresh);
}

/*
 * Where there is no memory for a page there may be some in a moment. The guest can wait for that, and the content would
 * have to come again; so the stream waits as long as it may before it gives up the connection.
 */
static int fill(struct zkz_stream *stream, pgoff_t first, u32 nr, bool poison)
{
	struct zkz_session *session = stream->session;
	unsigned long deadline = jiffies + session->timeout;
	unsigned long fresh = 0, demanded = 0;
	int ret;

	for (;;) {
		if (poison)
			ret = zkz_absent_poison(session->mem, session->absent, first, nr, &fresh, &demanded);
		else
			ret = zkz_absent_fill(session->mem, session->absent, first, nr, stream->bounce, &fresh,
					      &demanded);
		if ((ret != -ENOMEM && ret != -ENOSPC) || time_after(jiffies, deadline))
			break;
		if (wait_event_idle_timeout(session->wait, zkz_session_failed(session), TICK))
			break;
	}
	count(stream, ret ? fresh : nr, fresh, demanded);
	return ret;
}

static int fill_or_fail(struct zkz_stream *stream, const struct zkz_frame *frame, pgoff_t first, u32 nr)
{
	int ret = fill(stream, first, nr, frame->type == ZKZ_WIRE_POISON);

	if (ret)
		zkz_session_fail(stream->session, ret, "stream %u, frame %llu: no memory for pages %lu to %lu: %pe",
				 stream->index, frame->seq, first, first + nr - 1, ERR_PTR(ret));
	return ret;
}

/**
 * zkz_fetch_data() - pages have come
 * @stream: where from
 * @frame: accepted header of a DATA frame
 *
 * Pages that are here already stay as they are: the guest may have written to them.
 *
 * Return: 0 or a negative error.
 */
int zkz_fetch_data(struct zkz_stream *stream, const struct zkz_frame *frame)
{
	pgoff_t first = frame->first;
	u32 nr, left = frame->pages;
	int ret;

	for (; left; left -= nr, first += nr) {
		nr = min_t(u32, left, PIECE);
		ret = zkz_recv_pages(stream, frame, stream->bounce, nr);
		if (ret)
			return ret;
		ret = fill_or_fail(stream, frame, first, nr);
		if (ret)
			return ret;
	}
	zkz_count(&stream->flow.data, frame->pages);
	return 0;
}

/**
 * zkz_fetch_clear() - pages have come as zeroes
 * @stream: where from
 * @frame: accepted header of a ZERO or HOLE frame
 *
 * A hole of the source need not be one here: it reads the same.
 *
 * Return: 0.
 */
int zkz_fetch_clear(struct zkz_stream *stream, const struct zkz_frame *frame)
{
	struct zkz_session *session = stream->session;
	unsigned long fresh, demanded;

	fresh = zkz_absent_zero(session->mem, session->absent, frame->first, frame->pages, &demanded);
	count(stream, frame->pages, fresh, demanded);
	zkz_count(frame->type == ZKZ_WIRE_HOLE ? &stream->flow.hole : &stream->flow.zero, frame->pages);
	return 0;
}

/**
 * zkz_fetch_poison() - pages have come whose content is lost
 * @stream: where from
 * @frame: accepted header of a POISON frame
 *
 * Return: 0 or a negative error.
 */
int zkz_fetch_poison(struct zkz_stream *stream, const struct zkz_frame *frame)
{
	int ret = fill_or_fail(stream, frame, frame->first, frame->pages);

	if (!ret)
		zkz_count(&stream->flow.poison, frame->pages);
	return ret;
}

/**
 * zkz_fetch_tell() - tell a source that goes on what is lacking
 * @stream: of a resumed session
 *
 * What a guest discards meanwhile is told all the same, comes, and is dropped.
 *
 * Return: 0 or a negative error.
 */
int zkz_fetch_tell(struct zkz_stream *stream)
{
	struct zkz_session *session = stream->session;
	unsigned long chunk, nr_chunks = session->pages / ZKZ_WIRE_CHUNK_PAGES;
	DECLARE_BITMAP(bits, ZKZ_WIRE_CHUNK_PAGES);
	unsigned int nr;
	u64 lacking = 0;
	int ret = 0;

	for (chunk = stream->index; !ret && chunk < nr_chunks; chunk += session->nr_streams) {
		bitmap_copy(bits, session->absent->missing + chunk * BITS_TO_LONGS(ZKZ_WIRE_CHUNK_PAGES),
			    ZKZ_WIRE_CHUNK_PAGES);
		nr = bitmap_weight(bits, ZKZ_WIRE_CHUNK_PAGES);
		lacking += nr;
		if (nr)
			ret = zkz_send_remaining(stream, session->pass, chunk, bits);
		cond_resched();
	}
	ret = ret ?: zkz_send_fetch(stream, ZKZ_WIRE_FETCH, session->pass, lacking);
	if (ret)
		zkz_session_fail(session, ret, "stream %u: telling what is lacking failed: %pe", stream->index,
				 ERR_PTR(ret));
	return ret;
}

/**
 * zkz_fetch_complete() - has everything come?
 * @stream: END came on every stream
 *
 * Return: true if so, and if this is no fetch.
 */
bool zkz_fetch_complete(struct zkz_stream *stream)
{
	return !atomic_long_read(&stream->session->absent->nr);
}

static bool fetching(struct zkz_session *session)
{
	return zkz_see(&session->state) == ZKZ_STATE_FETCHING;
}

static void ask_for(struct zkz_session *session, pgoff_t page)
{
	struct zkz_stream *stream = &session->streams[page / ZKZ_WIRE_CHUNK_PAGES % session->nr_streams];
	int ret;

	trace_want(session->id, page);
	ret = zkz_send_want(stream, session->pass, session->absent, page);
	if (ret)
		zkz_session_fail(session, ret, "stream %u: asking for page %lu failed: %pe", stream->index, page,
				 ERR_PTR(ret));
}

/**
 * zkz_fetch_ask() - thread of a target that asks for pages
 * @data: the session
 *
 * Who waits for a page may be anybody, with any locks; he does not send himself.
 *
 * Return: 0; what went wrong is in the session.
 */
int zkz_fetch_ask(void *data)
{
	struct zkz_session *session = data;
	struct zkz_absent *absent;
	pgoff_t page;

	wait_event_idle(session->wait, fetching(session) || zkz_session_over(session) || zkz_session_failed(session));
	absent = session->absent;
	while (fetching(session) && !zkz_session_failed(session)) {
		if (zkz_absent_next(absent, &page))
			ask_for(session, page);
		else
			wait_event_idle_timeout(absent->ask, zkz_absent_pending(absent), TICK);
	}
	return 0;
}
