// SPDX-License-Identifier: GPL-2.0
/*
 * Frames onto a stream: headers and small payloads by copy, pages by reference.
 *
 * A frame is written whole under stream->tx, so whoever gets the lock finds the stream at the border of two frames,
 * or torn, when writing failed half way. Partial segments are held back (MSG_MORE) except where the peer must answer.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <net/sock.h>

#include "absent.h"
#include "compat/zerocopy.h"
#include "recv.h"
#include "send.h"
#include "session.h"

#define PIECE	(64 * 1024)	/* bytes handed to the socket in one go */

/*
 * A call of the socket returned an error, or made no progress for a tick (-EAGAIN). Decide whether to try again: 0.
 *
 * A target that gives up need not read on, and then TCP does not tell a sender that waits for room. So whatever comes
 * from the target while the source sends interrupts the send: in a pass that is ABORT, or the end of the connection.
 * In a fetch requests come as well; then only the end of the connection does.
 */
static int try_again(struct zkz_stream *stream, int err, unsigned long deadline)
{
	if (err != -EAGAIN)
		return err;
	if (zkz_session_failed(stream->session))
		return -ECONNABORTED;
	if (stream->session->role == ZKZ_ROLE_SOURCE &&
	    (stream->rx.phase == ZKZ_PHASE_FETCH ? zkz_recv_broken(stream) : zkz_recv_pending(stream)))
		return -EPIPE;
	return time_after(jiffies, deadline) ? -ETIMEDOUT : 0;
}

static int send_bytes(struct zkz_stream *stream, struct kvec *vec, unsigned int nr, size_t len, int flags,
		      unsigned long deadline)
{
	struct msghdr msg = { .msg_flags = MSG_NOSIGNAL | flags };
	int ret;

	iov_iter_kvec(&msg.msg_iter, ITER_SOURCE, vec, nr, len);
	while (msg_data_left(&msg)) {
		ret = sock_sendmsg(stream->sock, &msg);
		if (ret > 0)
			zkz_count(&stream->flow.bytes, ret);
		if (ret >= 0)
			ret = time_after(jiffies, deadline) ? -ETIMEDOUT : 0;
		else if (!(flags & MSG_DONTWAIT))
			ret = try_again(stream, ret, deadline);
		if (ret) {
			/* if nothing at all was written the stream is still at a border */
			stream->torn = stream->torn || msg_data_left(&msg) != len;
			return ret;
		}
	}
	return 0;
}

/*
 * May another frame go over this connection? A key protects a limited amount safely; the frame is not begun that would
 * be more. ABORT, which is short and the last one, always may.
 */
static bool within_limit(const struct zkz_stream *stream, const struct zkz_frame *frame)
{
	u64 limit = stream->session->stream_limit;

	return !limit || frame->type == ZKZ_WIRE_ABORT ||
	       stream->tx_bytes + ZKZ_WIRE_HEADER_SIZE + frame->length <= limit;
}

/* Write header and payload as one; the caller holds stream->tx. */
static int send_small(struct zkz_stream *stream, struct zkz_frame *frame, const void *payload, int flags,
		      unsigned long deadline)
{
	u8 header[ZKZ_WIRE_HEADER_SIZE];
	struct kvec vec[2] = {
		{ .iov_base = header, .iov_len = sizeof(header) },
		{ .iov_base = (void *)payload, .iov_len = payload ? frame->length : 0 },
	};
	int ret;

	lockdep_assert_held(&stream->tx);
	if (stream->closed || stream->torn)
		return -ECONNABORTED;
	if (!within_limit(stream, frame))
		return -EKEYEXPIRED;
	frame->cookie = stream->session->cookie;
	frame->seq = stream->tx_seq++;
	stream->tx_last = jiffies;
	zkz_wire_encode(frame, header);
	ret = send_bytes(stream, vec, 2, vec[0].iov_len + vec[1].iov_len, flags, deadline);
	/* Nothing of it left, so the next one has its number. */
	if (ret && !stream->torn)
		stream->tx_seq--;
	else
		stream->tx_bytes += ZKZ_WIRE_HEADER_SIZE + frame->length;
	return ret;
}

static int send_frame(struct zkz_stream *stream, struct zkz_frame *frame, const void *payload, int flags)
{
	int ret;

	mutex_lock(&stream->tx);
	ret = send_small(stream, frame, payload, flags, jiffies + stream->session->timeout);
	mutex_unlock(&stream->tx);
	return ret;
}

/**
 * zkz_send_hello() - greet the peer
 * @stream: nothing was sent on it
 * @features: what this side offers
 *
 * Return: 0 or a negative error.
 */
int zkz_send_hello(struct zkz_stream *stream, u32 features)
{
	struct zkz_frame frame = { .type = ZKZ_WIRE_HELLO, .length = ZKZ_WIRE_HELLO_SIZE };
	struct zkz_hello hello = {
		.pages = stream->session->pages,
		.page_size = ZKZ_WIRE_PAGE_SIZE,
		.chunk_pages = ZKZ_WIRE_CHUNK_PAGES,
		.stream = stream->index,
		.streams = stream->session->nr_streams,
		.features = features,
	};
	u8 payload[ZKZ_WIRE_HELLO_SIZE];

	zkz_wire_put_hello(&hello, payload);
	return send_frame(stream, &frame, payload, 0);
}

/**
 * zkz_send_pass_begin() - announce a pass
 * @stream: source
 * @pass: its number
 * @flags: %ZKZ_WIRE_F_FINAL and %ZKZ_WIRE_F_FETCH
 *
 * Return: 0 or a negative error.
 */
int zkz_send_pass_begin(struct zkz_stream *stream, u32 pass, u16 flags)
{
	struct zkz_frame frame = { .type = ZKZ_WIRE_PASS_BEGIN, .flags = flags, .pass = pass };

	memset(&stream->tx_pass, 0, sizeof(stream->tx_pass));
	return send_frame(stream, &frame, NULL, MSG_MORE);
}

/**
 * zkz_send_remaining() - name pages of a chunk that are still to come
 * @stream: to which the chunk belongs
 * @pass: number of the fetch
 * @chunk: its number, greater than that of the one before
 * @bits: a bit a page, not all of them clear
 *
 * Return: 0 or a negative error.
 */
int zkz_send_remaining(struct zkz_stream *stream, u32 pass, unsigned long chunk, const unsigned long *bits)
{
	struct zkz_frame frame = {
		.type = ZKZ_WIRE_REMAINING,
		.first = (u64)chunk * ZKZ_WIRE_CHUNK_PAGES,
		.pages = ZKZ_WIRE_CHUNK_PAGES,
		.length = ZKZ_WIRE_REMAINING_SIZE,
		.pass = pass,
	};
	u8 payload[ZKZ_WIRE_REMAINING_SIZE];

	zkz_wire_put_remaining((const __u64 *)bits, payload);
	return send_frame(stream, &frame, payload, MSG_MORE);
}

/**
 * zkz_send_fetch() - close a list of pages that are still to come, or acknowledge it
 * @stream: any
 * @type: %ZKZ_WIRE_FETCH or %ZKZ_WIRE_FETCH_ACK
 * @pass: number of the fetch
 * @pages: how many were named on this stream
 *
 * Return: 0 or a negative error.
 */
int zkz_send_fetch(struct zkz_stream *stream, u8 type, u32 pass, u64 pages)
{
	struct zkz_frame frame = { .type = type, .length = ZKZ_WIRE_FETCH_SIZE, .pass = pass };
	u8 payload[ZKZ_WIRE_FETCH_SIZE];

	zkz_wire_put_number(pages, payload);
	return send_frame(stream, &frame, payload, 0);
}

/**
 * zkz_send_want() - ask for a page
 * @stream: target, to which its chunk belongs; the caller is not its thread
 * @pass: number of the fetch
 * @absent: what is missing
 * @page: its index
 *
 * Nothing is sent if it has come meanwhile. So no request follows PASS_ACK, before which all pages have come.
 *
 * Return: 0 or a negative error.
 */
int zkz_send_want(struct zkz_stream *stream, u32 pass, struct zkz_absent *absent, u64 page)
{
	struct zkz_frame frame = { .type = ZKZ_WIRE_WANT, .first = page, .pages = 1, .pass = pass };
	int ret = 0;

	mutex_lock(&stream->tx);
	if (zkz_absent_missing(absent, page))
		ret = send_small(stream, &frame, NULL, 0, jiffies + stream->session->timeout);
	mutex_unlock(&stream->tx);
	return ret;
}

/**
 * zkz_send_alive() - let the target know that we are here, if we were silent for long
 * @stream: source, inside a pass
 * @pass: its number
 *
 * Pages that need not travel take time too, and so do the other streams.
 *
 * Return: 0 or a negative error.
 */
int zkz_send_alive(struct zkz_stream *stream, u32 pass)
{
	struct zkz_frame frame = { .type = ZKZ_WIRE_ALIVE, .pass = pass };

	if (time_before(jiffies, stream->tx_last + stream->session->timeout / 4))
		return 0;
	return send_frame(stream, &frame, NULL, 0);
}

/**
 * zkz_send_counts() - close a pass, or acknowledge that
 * @stream: source or target
 * @type: %ZKZ_WIRE_PASS_END or %ZKZ_WIRE_PASS_ACK
 * @pass: its number
 * @counts: what travelled in it
 *
 * Return: 0 or a negative error.
 */
int zkz_send_counts(struct zkz_stream *stream, u8 type, u32 pass, const struct zkz_counts *counts)
{
	struct zkz_frame frame = { .type = type, .length = ZKZ_WIRE_COUNTS_SIZE, .pass = pass };
	u8 payload[ZKZ_WIRE_COUNTS_SIZE];

	zkz_wire_put_counts(counts, payload);
	return send_frame(stream, &frame, payload, 0);
}

/**
 * zkz_send_totals() - end a stream, or acknowledge that
 * @stream: source or target
 * @type: %ZKZ_WIRE_END or %ZKZ_WIRE_END_ACK
 * @pass: number of the final pass
 * @mine: everything that travelled on this stream
 * @all: everything that travelled on all streams
 *
 * Return: 0 or a negative error.
 */
int zkz_send_totals(struct zkz_stream *stream, u8 type, u32 pass, const struct zkz_counts *mine,
		    const struct zkz_counts *all)
{
	struct zkz_frame frame = { .type = type, .length = ZKZ_WIRE_TOTALS_SIZE, .pass = pass };
	u8 payload[ZKZ_WIRE_TOTALS_SIZE];

	zkz_wire_put_counts(mine, payload);
	zkz_wire_put_counts(all, payload + ZKZ_WIRE_COUNTS_SIZE);
	return send_frame(stream, &frame, payload, 0);
}

/* How many of @pages lie behind each other in one folio, up to a piece. */
static unsigned int run_of(struct page **page, u32 pages)
{
	struct folio *folio = page_folio(page[0]);
	unsigned int n = 1;

	pages = min_t(u32, pages, PIECE / PAGE_SIZE);
	while (n < pages && page[n] == page[0] + n && page_folio(page[n]) == folio)
		n++;
	return n;
}

static int send_content(struct zkz_stream *stream, struct page **page, u32 pages, bool urgent, unsigned long deadline)
{
	while (pages) {
		struct page *at = page[0];
		unsigned int run = run_of(page, pages);
		size_t left = run * PAGE_SIZE;

		while (left) {
			size_t done = run * PAGE_SIZE - left;
			int ret;

			/* a partial write may end anywhere, in the middle of a page too */
			ret = zkz_send_pages(stream->sock, at + done / PAGE_SIZE, done % PAGE_SIZE, left,
					     !urgent || run < pages);
			if (ret > 0) {
				zkz_count(&stream->flow.bytes, ret);
				left -= ret;
				ret = time_after(jiffies, deadline) ? -ETIMEDOUT : 0;
			} else {
				ret = try_again(stream, ret ?: -EAGAIN, deadline);
			}
			if (ret) {
				stream->torn = true;
				return ret;
			}
		}
		page += run;
		pages -= run;
	}
	return 0;
}

/**
 * zkz_send_extent() - send some pages, or say what became of them
 * @stream: source, to which their chunk belongs
 * @type: %ZKZ_WIRE_DATA, %ZKZ_WIRE_ZERO, %ZKZ_WIRE_HOLE or %ZKZ_WIRE_POISON
 * @pass: number of the pass
 * @first: index of the first page
 * @pages: how many, in one chunk
 * @page: DATA: the pages, the caller holds references; the socket takes its own
 * @urgent: do not wait for more to send with it
 *
 * Return: 0 or a negative error.
 */
int zkz_send_extent(struct zkz_stream *stream, u8 type, u32 pass, u64 first, u32 pages, struct page **page,
		    bool urgent)
{
	bool data = type == ZKZ_WIRE_DATA;
	struct zkz_frame frame = {
		.type = type,
		.first = first,
		.pages = pages,
		.length = data ? pages * ZKZ_WIRE_PAGE_SIZE : 0,
		.pass = pass,
	};
	unsigned long deadline = jiffies + stream->session->timeout;
	int ret;

	mutex_lock(&stream->tx);
	ret = send_small(stream, &frame, NULL, urgent && !data ? 0 : MSG_MORE, deadline);
	if (!ret && data)
		ret = send_content(stream, page, pages, urgent, deadline);
	if (!ret) {
		zkz_counts_extent(&stream->tx_pass, type, pages);
		zkz_counts_extent(&stream->tx_total, type, pages);
	}
	mutex_unlock(&stream->tx);
	return ret;
}

/**
 * zkz_send_abort() - tell the peer why this is over, if that can be done at once
 * @stream: nothing will be sent on it afterwards
 * @reason: text
 *
 * The caller holds stream->tx. Never waits.
 */
void zkz_send_abort(struct zkz_stream *stream, const char *reason)
{
	struct zkz_frame frame = { .type = ZKZ_WIRE_ABORT, .length = strlen(reason) };

	send_small(stream, &frame, frame.length ? reason : NULL, MSG_DONTWAIT, jiffies);
	stream->closed = true;
}
