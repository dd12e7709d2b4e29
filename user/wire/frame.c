// SPDX-License-Identifier: GPL-2.0
#include "wire/frame.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t magic[3] = { 'Z', 'K', 'Z' };

static size_t body_length(const uint8_t *hdr)
{
	return hdr[4] | hdr[5] << 8 | hdr[6] << 16 | (size_t)hdr[7] << 24;
}

/* Judge as soon as a byte is there: a stranger's text must not wait for 8. */
static enum frame_status check_header(const uint8_t *hdr, size_t have)
{
	size_t n = have < sizeof(magic) ? have : sizeof(magic);

	if (n && memcmp(hdr, magic, n))
		return FRAME_BAD_MAGIC;
	if (have > 3 && hdr[3] != FRAME_VERSION)
		return FRAME_BAD_VERSION;
	if (have < FRAME_HEADER_SIZE)
		return FRAME_MORE;
	if (!body_length(hdr))
		return FRAME_EMPTY;
	if (body_length(hdr) > FRAME_MAX_BODY)
		return FRAME_TOO_LONG;
	return FRAME_READY;
}

void frame_reader_fini(struct frame_reader *r)
{
	free(r->buf);
	memset(r, 0, sizeof(*r));
}

static void drop_used(struct frame_reader *r)
{
	if (!r->used)
		return;
	r->len -= r->used;
	memmove(r->buf, r->buf + r->used, r->len);
	r->used = 0;
}

void *frame_space(struct frame_reader *r, size_t *room)
{
	enum frame_status status;
	size_t want = FRAME_HEADER_SIZE;
	uint8_t *buf;

	drop_used(r);
	status = check_header(r->buf, r->len);
	if (status == FRAME_READY)
		want += body_length(r->buf);
	else if (status != FRAME_MORE)
		return NULL;
	if (want <= r->len)
		return NULL;	/* a whole frame waits: frame_next() first */

	if (want > r->cap) {
		buf = realloc(r->buf, want);
		if (!buf)
			return NULL;
		r->buf = buf;
		r->cap = want;
	}
	*room = want - r->len;
	return r->buf + r->len;
}

void frame_filled(struct frame_reader *r, size_t len)
{
	r->len += len;
}

enum frame_status frame_next(struct frame_reader *r, const char **body, size_t *len)
{
	enum frame_status status;

	drop_used(r);
	status = check_header(r->buf, r->len);
	if (status != FRAME_READY)
		return status;
	*len = body_length(r->buf);
	if (r->len < FRAME_HEADER_SIZE + *len)
		return FRAME_MORE;
	*body = (const char *)r->buf + FRAME_HEADER_SIZE;
	r->used = FRAME_HEADER_SIZE + *len;
	return FRAME_READY;
}

bool frame_header(uint8_t *hdr, size_t len)
{
	if (!len || len > FRAME_MAX_BODY)
		return false;
	memcpy(hdr, magic, sizeof(magic));
	hdr[3] = FRAME_VERSION;
	hdr[4] = len;
	hdr[5] = len >> 8;
	hdr[6] = len >> 16;
	hdr[7] = len >> 24;
	return true;
}

const char *frame_strerror(enum frame_status status)
{
	switch (status) {
	case FRAME_MORE:
		return "it is cut off";
	case FRAME_READY:
		return "it is in order";
	case FRAME_BAD_MAGIC:
		return "it is not a frame of zkz";
	case FRAME_BAD_VERSION:
		return "its frame version is unknown";
	case FRAME_EMPTY:
		return "it is empty";
	case FRAME_TOO_LONG:
		return "it is longer than 1 MiB";
	}
	return "unknown";
}
