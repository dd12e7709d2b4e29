// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "zkzpeer.h"

#define DEADLINE_S 90

void zkzpeer_init(struct zkzpeer *peer, int fd, __u64 cookie, __u64 pages, __u16 stream, __u16 streams)
{
	struct timeval deadline = { .tv_sec = DEADLINE_S };

	memset(peer, 0, sizeof(*peer));
	peer->fd = fd;
	peer->cookie = cookie;
	peer->pages = pages;
	peer->stream = stream;
	peer->streams = streams;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof(deadline));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof(deadline));
}

struct zkz_frame zkzpeer_frame(struct zkzpeer *peer, __u8 type)
{
	struct zkz_frame frame = {
		.type = type,
		.cookie = peer->cookie,
		.seq = peer->seq,
		.pass = type == ZKZ_WIRE_HELLO || type == ZKZ_WIRE_ABORT ? 0 : peer->pass,
	};

	return frame;
}

struct zkz_frame zkzpeer_extent(struct zkzpeer *peer, __u8 type, __u64 first, __u32 pages)
{
	struct zkz_frame frame = zkzpeer_frame(peer, type);

	frame.first = first;
	frame.pages = pages;
	frame.length = type == ZKZ_WIRE_DATA ? pages * ZKZ_WIRE_PAGE_SIZE : 0;
	return frame;
}

int zkzpeer_send_raw(struct zkzpeer *peer, const void *bytes, unsigned int len)
{
	while (len) {
		ssize_t n = send(peer->fd, bytes, len, MSG_NOSIGNAL);

		if (n < 0)
			return -errno;
		bytes = (const char *)bytes + n;
		len -= n;
	}
	return 0;
}

int zkzpeer_send(struct zkzpeer *peer, const struct zkz_frame *frame, const void *payload)
{
	__u8 header[ZKZ_WIRE_HEADER_SIZE];
	int ret;

	zkz_wire_encode(frame, header);
	peer->seq++;
	ret = zkzpeer_send_raw(peer, header, sizeof(header));
	return ret || !payload ? ret : zkzpeer_send_raw(peer, payload, frame->length);
}

int zkzpeer_hello(struct zkzpeer *peer, __u32 features)
{
	struct zkz_frame frame = zkzpeer_frame(peer, ZKZ_WIRE_HELLO);
	struct zkz_hello hello = {
		.pages = peer->pages,
		.page_size = ZKZ_WIRE_PAGE_SIZE,
		.chunk_pages = ZKZ_WIRE_CHUNK_PAGES,
		.stream = peer->stream,
		.streams = peer->streams,
		.features = features,
	};
	__u8 payload[ZKZ_WIRE_HELLO_SIZE];

	frame.length = sizeof(payload);
	zkz_wire_put_hello(&hello, payload);
	return zkzpeer_send(peer, &frame, payload);
}

int zkzpeer_pass_begin(struct zkzpeer *peer, __u16 flags)
{
	struct zkz_frame frame = zkzpeer_frame(peer, ZKZ_WIRE_PASS_BEGIN);

	frame.flags = flags;
	return zkzpeer_send(peer, &frame, NULL);
}

int zkzpeer_counts(struct zkzpeer *peer, __u8 type, const struct zkz_counts *counts)
{
	struct zkz_frame frame = zkzpeer_frame(peer, type);
	__u8 payload[ZKZ_WIRE_COUNTS_SIZE];

	frame.length = sizeof(payload);
	zkz_wire_put_counts(counts, payload);
	return zkzpeer_send(peer, &frame, payload);
}

int zkzpeer_totals(struct zkzpeer *peer, __u8 type, const struct zkz_counts *mine, const struct zkz_counts *all)
{
	struct zkz_frame frame = zkzpeer_frame(peer, type);
	__u8 payload[ZKZ_WIRE_TOTALS_SIZE];

	frame.length = sizeof(payload);
	zkz_wire_put_counts(mine, payload);
	zkz_wire_put_counts(all, payload + ZKZ_WIRE_COUNTS_SIZE);
	return zkzpeer_send(peer, &frame, payload);
}

int zkzpeer_remaining(struct zkzpeer *peer, __u64 chunk, const __u64 *bits)
{
	struct zkz_frame frame = zkzpeer_extent(peer, ZKZ_WIRE_REMAINING, chunk * ZKZ_WIRE_CHUNK_PAGES,
						ZKZ_WIRE_CHUNK_PAGES);
	__u8 payload[ZKZ_WIRE_REMAINING_SIZE];

	frame.length = sizeof(payload);
	zkz_wire_put_remaining(bits, payload);
	return zkzpeer_send(peer, &frame, payload);
}

int zkzpeer_fetch(struct zkzpeer *peer, __u8 type, __u64 pages)
{
	struct zkz_frame frame = zkzpeer_frame(peer, type);
	__u8 payload[ZKZ_WIRE_FETCH_SIZE];

	frame.length = sizeof(payload);
	zkz_wire_put_number(pages, payload);
	return zkzpeer_send(peer, &frame, payload);
}

int zkzpeer_abort(struct zkzpeer *peer, const char *reason)
{
	struct zkz_frame frame = zkzpeer_frame(peer, ZKZ_WIRE_ABORT);

	frame.length = strlen(reason);
	return zkzpeer_send(peer, &frame, reason);
}

static int recv_all(int fd, void *buf, unsigned int len)
{
	while (len) {
		ssize_t n = recv(fd, buf, len, MSG_WAITALL);

		if (n <= 0)
			return n ? -errno : -EPIPE;
		buf = (char *)buf + n;
		len -= n;
	}
	return 0;
}

int zkzpeer_recv(struct zkzpeer *peer, struct zkz_frame *frame, void *payload, unsigned int max)
{
	__u8 header[ZKZ_WIRE_HEADER_SIZE], sink[4096];
	unsigned int keep, left;
	int ret;

	ret = recv_all(peer->fd, header, sizeof(header));
	if (ret)
		return ret;
	if (zkz_wire_decode(header, frame))
		return -EPROTO;
	keep = frame->length < max ? frame->length : max;
	ret = recv_all(peer->fd, payload, keep);
	for (left = frame->length - keep; left && !ret; left -= keep) {
		keep = left < sizeof(sink) ? left : sizeof(sink);
		ret = recv_all(peer->fd, sink, keep);
	}
	return ret;
}

int zkzpeer_recv_type(struct zkzpeer *peer, __u8 type, struct zkz_frame *frame, void *payload, unsigned int max)
{
	int ret;

	do
		ret = zkzpeer_recv(peer, frame, payload, max);
	while (!ret && frame->type != type);
	return ret;
}
