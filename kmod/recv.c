// SPDX-License-Identifier: GPL-2.0
/*
 * Frames from a stream. Pages are received where they belong: into the locked folio of the target's page cache.
 *
 * Every receive has the deadline of its frame; MSG_WAITALL would not do, with TLS it waits as long again for each
 * record. Only between frames, and only where the peer owes us nothing, a stream
 * may be silent; a peer that is gone is then noticed by TCP keepalive, and our own end by the socket being shut down.
 */
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/poll.h>
#include <linux/uio.h>
#include <net/sock.h>

#include "folio.h"
#include "poison.h"
#include "recv.h"
#include "session.h"

/* Fail the session because of an error of the socket, or the end of the stream (0), in the given frame. */
static int recv_failed(struct zkz_stream *stream, u64 frame, int err, const char *what)
{
	struct zkz_session *session = stream->session;

	if (!err)
		zkz_session_fail(session, -EPIPE, "stream %u, frame %llu: the peer closed the connection before END",
				 stream->index, frame);
	else if (err == -EAGAIN)
		zkz_session_fail(session, -ETIMEDOUT,
				 "stream %u, frame %llu: nothing came from the peer for %u ms (%s)", stream->index,
				 frame, session->timeout_ms, what);
	else if (err == -EBADMSG)
		zkz_session_fail(session, err, "stream %u, frame %llu: a TLS record is not authentic", stream->index,
				 frame);
	else if (err == -EIO)
		zkz_session_fail(session, err, "stream %u, frame %llu: a TLS alert or control record came",
				 stream->index, frame);
	else
		zkz_session_fail(session, err, "stream %u, frame %llu: receiving %s failed: %pe", stream->index, frame,
				 what, ERR_PTR(err));
	return err ?: -EPIPE;
}

/* One call of the socket; returns bytes, 0 at the end of the stream, -EAGAIN after the deadline. */
static int recv_some(struct zkz_stream *stream, struct msghdr *msg, unsigned long deadline)
{
	long left = deadline - jiffies;
	int ret;

	if (left <= 0)
		return -EAGAIN;
	/* only this thread receives, so nobody else cares for the value */
	WRITE_ONCE(stream->sock->sk->sk_rcvtimeo, left);
	ret = sock_recvmsg(stream->sock, msg, 0);
	if (ret > 0)
		zkz_count(&stream->flow.bytes, ret);
	return ret;
}

static int recv_bytes(struct zkz_stream *stream, void *buf, size_t len, unsigned long deadline)
{
	struct kvec vec = { .iov_base = buf, .iov_len = len };
	struct msghdr msg = { };
	int ret;

	iov_iter_kvec(&msg.msg_iter, ITER_DEST, &vec, 1, len);
	while (msg_data_left(&msg)) {
		ret = recv_some(stream, &msg, deadline);
		if (ret <= 0)
			return recv_failed(stream, stream->rx.seq - 1, ret, "a payload");
	}
	return 0;
}

static int recv_header(struct zkz_stream *stream, u8 *buf, bool idle)
{
	struct kvec vec = { .iov_base = buf, .iov_len = ZKZ_WIRE_HEADER_SIZE };
	unsigned long deadline = jiffies + stream->session->timeout;
	struct msghdr msg = { };
	int ret;

	iov_iter_kvec(&msg.msg_iter, ITER_DEST, &vec, 1, ZKZ_WIRE_HEADER_SIZE);
	while (msg_data_left(&msg)) {
		ret = recv_some(stream, &msg, deadline);
		if (ret > 0)
			continue;
		if (ret == -EAGAIN && idle && msg_data_left(&msg) == ZKZ_WIRE_HEADER_SIZE &&
		    !zkz_session_failed(stream->session)) {
			deadline = jiffies + stream->session->timeout;
			continue;
		}
		return recv_failed(stream, stream->rx.seq, ret, "a frame");
	}
	return 0;
}

/* The peer gave up: its reason becomes ours. */
static int recv_abort(struct zkz_stream *stream, const struct zkz_frame *frame)
{
	u8 text[ZKZ_WIRE_REASON_MAX + 1] = { };
	int ret;

	ret = recv_bytes(stream, text, frame->length, jiffies + stream->session->timeout);
	if (ret)
		return ret;
	if (zkz_wire_check_reason(text, frame->length))
		return zkz_recv_refuse(stream, frame, ZKZ_WIRE_BAD_REASON);
	/* not only the connection: nothing will come any more */
	zkz_session_kill(stream->session, -ECONNABORTED, "the %s aborted: %s",
			 stream->rx.by_target ? "target" : "source", frame->length ? (char *)text : "no reason given");
	return -ECONNABORTED;
}

/**
 * zkz_recv_pending() - look whether something came, without waiting
 * @stream: any
 *
 * Return: true if a frame, the end of the stream or an error waits to be received.
 */
bool zkz_recv_pending(struct zkz_stream *stream)
{
	return vfs_poll(stream->sock->file, NULL) & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR);
}

/**
 * zkz_recv_broken() - look whether the connection is at its end, without waiting
 * @stream: any; frames may wait to be received
 *
 * Return: true if so.
 */
bool zkz_recv_broken(struct zkz_stream *stream)
{
	return vfs_poll(stream->sock->file, NULL) & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
}

/**
 * zkz_recv_refuse() - fail the session because of what a frame says
 * @stream: where it came from
 * @frame: already accepted by its header
 * @err: what is wrong
 *
 * Return: -EPROTO.
 */
int zkz_recv_refuse(struct zkz_stream *stream, const struct zkz_frame *frame, enum zkz_wire_error err)
{
	zkz_session_fail(stream->session, -EPROTO, "stream %u, frame %llu (%s): %s", stream->index, frame->seq,
			 zkz_wire_type_name(frame->type), zkz_wire_text(err));
	return -EPROTO;
}

/**
 * zkz_recv_frame() - wait for the next frame
 * @stream: where from
 * @frame: its header, checked; the payload is still to be received
 * @idle: the peer may be silent for as long as it likes
 *
 * Return: 0, or a negative error for anything else than a frame that may come now. That includes ABORT.
 */
int zkz_recv_frame(struct zkz_stream *stream, struct zkz_frame *frame, bool idle)
{
	u64 expect = stream->rx.seq;
	u8 buf[ZKZ_WIRE_HEADER_SIZE];
	enum zkz_wire_error err;
	int ret;

	ret = recv_header(stream, buf, idle);
	if (ret)
		return ret;
	err = zkz_wire_decode(buf, frame);
	if (err) {
		zkz_session_fail(stream->session, -EPROTO, "stream %u, frame %llu: %s", stream->index, expect,
				 zkz_wire_text(err));
		return -EPROTO;
	}
	err = zkz_wire_accept(&stream->rx, frame);
	if (err) {
		/* name the frame by its place; the number it gives itself may be what is wrong */
		frame->seq = expect;
		return zkz_recv_refuse(stream, frame, err);
	}
	return frame->type == ZKZ_WIRE_ABORT ? recv_abort(stream, frame) : 0;
}

/**
 * zkz_recv_hello() - receive and check the payload of HELLO
 * @stream: where from
 * @frame: its header
 * @hello: filled
 *
 * Return: 0 or a negative error.
 */
int zkz_recv_hello(struct zkz_stream *stream, const struct zkz_frame *frame, struct zkz_hello *hello)
{
	u8 payload[ZKZ_WIRE_HELLO_SIZE];
	enum zkz_wire_error err;
	int ret;

	ret = recv_bytes(stream, payload, sizeof(payload), jiffies + stream->session->timeout);
	if (ret)
		return ret;
	err = zkz_wire_get_hello(&stream->rx, payload, hello);
	return err ? zkz_recv_refuse(stream, frame, err) : 0;
}

/**
 * zkz_recv_counts() - receive the payload of PASS_END or PASS_ACK
 * @stream: where from
 * @frame: its header
 * @counts: filled, any value
 *
 * Return: 0 or a negative error.
 */
int zkz_recv_counts(struct zkz_stream *stream, const struct zkz_frame *frame, struct zkz_counts *counts)
{
	u8 payload[ZKZ_WIRE_COUNTS_SIZE];
	int ret;

	ret = recv_bytes(stream, payload, sizeof(payload), jiffies + stream->session->timeout);
	if (!ret)
		zkz_wire_get_counts(payload, counts);
	return ret;
}

/**
 * zkz_recv_totals() - receive the payload of END or END_ACK
 * @stream: where from
 * @frame: its header
 * @mine: of the stream, any value
 * @all: of the session, any value
 *
 * Return: 0 or a negative error.
 */
int zkz_recv_totals(struct zkz_stream *stream, const struct zkz_frame *frame, struct zkz_counts *mine,
		    struct zkz_counts *all)
{
	u8 payload[ZKZ_WIRE_TOTALS_SIZE];
	int ret;

	ret = recv_bytes(stream, payload, sizeof(payload), jiffies + stream->session->timeout);
	if (!ret) {
		zkz_wire_get_counts(payload, mine);
		zkz_wire_get_counts(payload + ZKZ_WIRE_COUNTS_SIZE, all);
	}
	return ret;
}

/**
 * zkz_recv_remaining() - receive and check the payload of REMAINING
 * @stream: where from
 * @frame: its header
 * @bits: a bit for each page of the chunk
 *
 * Return: 0 or a negative error.
 */
int zkz_recv_remaining(struct zkz_stream *stream, const struct zkz_frame *frame, u64 *bits)
{
	u8 payload[ZKZ_WIRE_REMAINING_SIZE];
	enum zkz_wire_error err;
	int ret;

	ret = recv_bytes(stream, payload, sizeof(payload), jiffies + stream->session->timeout);
	if (ret)
		return ret;
	err = zkz_wire_get_remaining(&stream->rx, frame, payload, bits);
	return err ? zkz_recv_refuse(stream, frame, err) : 0;
}

/**
 * zkz_recv_fetch() - receive the payload of FETCH or FETCH_ACK
 * @stream: where from
 * @frame: its header
 * @pages: set to any value; that of FETCH is what REMAINING named
 *
 * Return: 0 or a negative error.
 */
int zkz_recv_fetch(struct zkz_stream *stream, const struct zkz_frame *frame, u64 *pages)
{
	u8 payload[ZKZ_WIRE_FETCH_SIZE];
	int ret;

	ret = recv_bytes(stream, payload, sizeof(payload), jiffies + stream->session->timeout);
	if (ret)
		return ret;
	*pages = zkz_wire_get_number(payload);
	if (frame->type == ZKZ_WIRE_FETCH && *pages != stream->rx.remaining)
		return zkz_recv_refuse(stream, frame, ZKZ_WIRE_BAD_FETCH_COUNT);
	return 0;
}

/**
 * zkz_recv_pages() - receive content of an extent into a buffer
 * @stream: where from
 * @frame: its header
 * @buf: where to
 * @pages: how many of the extent's pages
 *
 * Return: 0 or a negative error.
 */
int zkz_recv_pages(struct zkz_stream *stream, const struct zkz_frame *frame, void *buf, u32 pages)
{
	u64 began = ktime_get_ns();
	int ret;

	ret = recv_bytes(stream, buf, (size_t)pages * PAGE_SIZE, jiffies + stream->session->timeout);
	if (!ret)
		zkz_count(&stream->flow.ns_send, ktime_get_ns() - began);
	return ret;
}

/* Receive into one locked folio. */
static int recv_fill(struct zkz_stream *stream, const struct zkz_fill *fill, unsigned long deadline)
{
	size_t len = (size_t)fill->nr * PAGE_SIZE;
	struct msghdr msg = { };
	struct bio_vec bv;
	int ret;

	bvec_set_page(&bv, folio_page(fill->folio, fill->first - fill->folio->index), len, 0);
	iov_iter_bvec(&msg.msg_iter, ITER_DEST, &bv, 1, len);
	while (msg_data_left(&msg)) {
		ret = recv_some(stream, &msg, deadline);
		if (ret <= 0)
			return ret ?: -EPIPE;
	}
	return 0;
}

/**
 * zkz_recv_data() - receive the content of an extent into the memory
 * @stream: where from
 * @frame: accepted header of a DATA frame, so the extent lies inside the memory and one chunk
 *
 * A new page whose content did not come whole is never seen by anybody (see zkz_fill_end()); one that was there
 * before may be left with a part of each, in a memory that is of no use any more.
 *
 * Return: 0 or a negative error.
 */
int zkz_recv_data(struct zkz_stream *stream, const struct zkz_frame *frame)
{
	struct zkz_session *session = stream->session;
	unsigned long deadline = jiffies + session->timeout;
	u64 began = ktime_get_ns();
	pgoff_t first = frame->first;
	u32 left = frame->pages;
	struct zkz_fill fill;
	int ret;

	while (left) {
		ret = zkz_fill_begin(session->mem, first, left, &fill);
		if (ret) {
			zkz_session_fail(session, ret, "stream %u, frame %llu: no %smemory for pages %lu to %lu: %pe",
					 stream->index, frame->seq, ret == -EHWPOISON ? "undamaged " : "", first,
					 first + left - 1, ERR_PTR(ret));
			return ret;
		}
		ret = recv_fill(stream, &fill, deadline);
		zkz_fill_end(&fill, !ret);
		if (ret)
			return recv_failed(stream, frame->seq, ret == -EPIPE ? 0 : ret, "pages");
		zkz_poison_clear(session->mem, first, fill.nr);
		first += fill.nr;
		left -= fill.nr;
	}
	zkz_count(&stream->flow.data, frame->pages);
	zkz_count(&stream->flow.ns_send, ktime_get_ns() - began);
	return 0;
}
