// SPDX-License-Identifier: GPL-2.0
/* Frames of the control channel: whole, in pieces, malformed. */
#include <stdint.h>
#include <stdlib.h>

#include "unit.h"
#include "wire/frame.h"

/* Feeds @bytes in pieces of @step; returns the status after the last one. */
static enum frame_status feed(struct frame_reader *r, const uint8_t *bytes, size_t len, size_t step,
			      const char **body, size_t *body_len)
{
	enum frame_status status = frame_next(r, body, body_len);
	size_t at = 0;

	while (at < len && status == FRAME_MORE) {
		size_t room, n = len - at < step ? len - at : step;
		void *to = frame_space(r, &room);

		if (!to)
			return status;
		if (n > room)
			n = room;
		memcpy(to, bytes + at, n);
		frame_filled(r, n);
		at += n;
		status = frame_next(r, body, body_len);
	}
	return status;
}

static size_t make(uint8_t *to, const char *body)
{
	size_t len = strlen(body);

	if (!frame_header(to, len))
		return 0;
	memcpy(to + FRAME_HEADER_SIZE, body, len);
	return FRAME_HEADER_SIZE + len;
}

TEST(header_is_as_documented)
{
	static const uint8_t want[] = { 'Z', 'K', 'Z', 1, 0x02, 0x01, 0, 0 };
	uint8_t hdr[FRAME_HEADER_SIZE];

	NEED(frame_header(hdr, 0x102));
	CHECK_BYTES(hdr, sizeof(hdr), want, sizeof(want));
	CHECK(!frame_header(hdr, 0));
	CHECK(frame_header(hdr, FRAME_MAX_BODY));
	CHECK(!frame_header(hdr, FRAME_MAX_BODY + 1));
}

TEST(arrives_in_pieces_of_any_size)
{
	uint8_t bytes[64];
	size_t len = make(bytes, "{\"op\":\"hello\"}"), step;

	for (step = 1; step <= len; step++) {
		struct frame_reader r = { 0 };
		const char *body;
		size_t body_len;

		if (CHECK(feed(&r, bytes, len, step, &body, &body_len) == FRAME_READY))
			CHECK_BYTES(body, body_len, "{\"op\":\"hello\"}", 14);
		frame_reader_fini(&r);
	}
}

TEST(second_frame_follows_the_first)
{
	struct frame_reader r = { 0 };
	uint8_t bytes[64];
	const char *body;
	size_t len, body_len;

	len = make(bytes, "{}");
	CHECK(feed(&r, bytes, len, len, &body, &body_len) == FRAME_READY);
	len = make(bytes, "{\"a\":1}");
	CHECK(feed(&r, bytes, 0, 1, &body, &body_len) == FRAME_MORE);
	if (CHECK(feed(&r, bytes, len, 3, &body, &body_len) == FRAME_READY))
		CHECK_BYTES(body, body_len, "{\"a\":1}", 7);
	frame_reader_fini(&r);
}

static void refused(const uint8_t *hdr, enum frame_status want)
{
	struct frame_reader r = { 0 };
	const char *body;
	size_t len, room;

	CHECK_INT(feed(&r, hdr, FRAME_HEADER_SIZE, FRAME_HEADER_SIZE, &body, &len), want);
	/* Once malformed, a stream stays so. */
	CHECK_INT(frame_next(&r, &body, &len), want);
	CHECK(!frame_space(&r, &room));
	CHECK(strlen(frame_strerror(want)) > 0);
	frame_reader_fini(&r);
}

TEST(malformed_headers_are_refused)
{
	static const uint8_t magic[] = { 'Z', 'K', 'X', 1, 2, 0, 0, 0 };
	static const uint8_t http[] = { 'G', 'E', 'T', ' ', '/', ' ', 'H', 'T' };
	static const uint8_t version[] = { 'Z', 'K', 'Z', 2, 2, 0, 0, 0 };
	static const uint8_t empty[] = { 'Z', 'K', 'Z', 1, 0, 0, 0, 0 };
	static const uint8_t large[] = { 'Z', 'K', 'Z', 1, 1, 0, 0x10, 0 };
	static const uint8_t huge[] = { 'Z', 'K', 'Z', 1, 0xff, 0xff, 0xff, 0xff };

	refused(magic, FRAME_BAD_MAGIC);
	refused(http, FRAME_BAD_MAGIC);
	refused(version, FRAME_BAD_VERSION);
	refused(empty, FRAME_EMPTY);
	refused(large, FRAME_TOO_LONG);
	refused(huge, FRAME_TOO_LONG);
}

TEST(largest_frame_fits)
{
	struct frame_reader r = { 0 };
	size_t len = FRAME_HEADER_SIZE + FRAME_MAX_BODY, body_len = 0;
	uint8_t *bytes = malloc(len);
	const char *body;

	NEED(bytes);
	memset(bytes, ' ', len);
	CHECK(frame_header(bytes, FRAME_MAX_BODY));
	CHECK(feed(&r, bytes, len, 65536, &body, &body_len) == FRAME_READY);
	CHECK_INT(body_len, FRAME_MAX_BODY);
	frame_reader_fini(&r);
	free(bytes);
}
