// SPDX-License-Identifier: GPL-2.0
/*
 * Frames of a data stream, as the module receives them. The first bytes of an input choose the receiver, the rest is
 * what arrives. Checksums would keep a fuzzer out, so each header gets a right one, unless the input says otherwise.
 */
#include <string.h>

#include "fuzz.h"
#include "wire.h"

#define MAX_PAGES	(1ULL << 40)

static uint64_t take(const uint8_t **p, const uint8_t *end, unsigned int bytes)
{
	uint64_t v = 0;

	while (bytes-- && *p < end)
		v = v << 8 | *(*p)++;
	return v;
}

/* Makes the header's magic, version, sequence and checksum right: only the rest is interesting. */
static void mend(uint8_t *header, const struct zkz_wire_rx *rx)
{
	struct zkz_frame f = {
		.type = header[5],
		.flags = header[6] | header[7] << 8,
		.cookie = rx->cookie,
		.seq = rx->seq,
	};

	memcpy(&f.first, header + 24, 8);
	memcpy(&f.pages, header + 32, 4);
	memcpy(&f.length, header + 36, 4);
	memcpy(&f.pass, header + 40, 4);
	zkz_wire_encode(&f, header);
}

static void accepted(const struct zkz_wire_rx *rx, const struct zkz_frame *f)
{
	FUZZ_ASSERT(f->cookie == rx->cookie);
	if (f->type != ZKZ_WIRE_DATA && f->type != ZKZ_WIRE_ZERO && f->type != ZKZ_WIRE_HOLE &&
	    f->type != ZKZ_WIRE_POISON && f->type != ZKZ_WIRE_REMAINING && f->type != ZKZ_WIRE_WANT) {
		FUZZ_ASSERT(f->length <= ZKZ_WIRE_REASON_MAX);
		return;
	}
	FUZZ_ASSERT(f->pages > 0 && f->pages <= ZKZ_WIRE_CHUNK_PAGES);
	FUZZ_ASSERT(f->first < rx->pages && f->first + f->pages <= rx->pages);
	FUZZ_ASSERT(f->first / ZKZ_WIRE_CHUNK_PAGES == (f->first + f->pages - 1) / ZKZ_WIRE_CHUNK_PAGES);
	FUZZ_ASSERT(f->first / ZKZ_WIRE_CHUNK_PAGES % rx->streams == rx->stream);
	if (f->type == ZKZ_WIRE_REMAINING) {
		FUZZ_ASSERT(f->length == ZKZ_WIRE_REMAINING_SIZE && f->first % ZKZ_WIRE_CHUNK_PAGES == 0);
		return;
	}
	FUZZ_ASSERT(rx->by_target == (f->type == ZKZ_WIRE_WANT));
	FUZZ_ASSERT(rx->wanted <= rx->pages);
	FUZZ_ASSERT(f->length == (f->type == ZKZ_WIRE_DATA ? f->pages * ZKZ_WIRE_PAGE_SIZE : 0));
	FUZZ_ASSERT(rx->in_pass.data + rx->in_pass.zero + rx->in_pass.hole + rx->in_pass.poison <= rx->pages);
}

static void remaining(struct zkz_wire_rx *rx, const struct zkz_frame *f, const uint8_t *bytes)
{
	uint64_t before = rx->remaining;
	uint8_t back[ZKZ_WIRE_REMAINING_SIZE];
	__u64 bits[ZKZ_WIRE_CHUNK_PAGES / 64];

	if (zkz_wire_get_remaining(rx, f, bytes, bits) != ZKZ_WIRE_OK)
		return;
	FUZZ_ASSERT(rx->remaining > before && rx->remaining - before <= f->pages);
	FUZZ_ASSERT(rx->remaining <= rx->pages);
	zkz_wire_put_remaining(bits, back);
	FUZZ_ASSERT(!memcmp(bytes, back, sizeof(back)));
}

static void payload(struct zkz_wire_rx *rx, const struct zkz_frame *f, const uint8_t *bytes, size_t len)
{
	struct zkz_counts counts;
	struct zkz_hello hello;
	uint8_t back[ZKZ_WIRE_COUNTS_SIZE];

	if (f->type == ZKZ_WIRE_HELLO && len >= ZKZ_WIRE_HELLO_SIZE) {
		if (zkz_wire_get_hello(rx, bytes, &hello) == ZKZ_WIRE_OK)
			FUZZ_ASSERT(hello.pages == rx->pages && hello.streams == rx->streams);
	} else if (f->type == ZKZ_WIRE_REMAINING) {
		if (len >= ZKZ_WIRE_REMAINING_SIZE)
			remaining(rx, f, bytes);
	} else if (f->length >= ZKZ_WIRE_COUNTS_SIZE && len >= ZKZ_WIRE_COUNTS_SIZE) {
		zkz_wire_get_counts(bytes, &counts);
		zkz_wire_put_counts(&counts, back);
		FUZZ_ASSERT(!memcmp(bytes, back, sizeof(back)));
	} else if (f->type == ZKZ_WIRE_ABORT && len >= f->length) {
		zkz_wire_check_reason(bytes, f->length);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *p = data, *end = data + size;
	uint8_t header[ZKZ_WIRE_HEADER_SIZE];
	unsigned int choice = take(&p, end, 1);
	struct zkz_wire_rx rx;
	uint64_t pages = take(&p, end, 6) % MAX_PAGES + 1;
	uint16_t streams = take(&p, end, 1) % 16 + 1;
	uint16_t stream = take(&p, end, 1) % streams;

	zkz_wire_rx_init(&rx, 0x1122334455667788ULL, pages, stream, streams, choice & 1);
	if (choice & 16)
		zkz_wire_rx_resume(&rx, 0);
	while (end - p >= ZKZ_WIRE_HEADER_SIZE) {
		struct zkz_frame f;
		enum zkz_wire_error err;

		memcpy(header, p, sizeof(header));
		p += sizeof(header);
		if (!(choice & 2))
			mend(header, &rx);
		if (choice & 4)
			rx.want = choice & 32 ? ZKZ_WIRE_FETCH_ACK : choice & 8 ? ZKZ_WIRE_END_ACK : ZKZ_WIRE_PASS_ACK;
		err = zkz_wire_decode(header, &f);
		if (err == ZKZ_WIRE_OK)
			err = zkz_wire_accept(&rx, &f);
		FUZZ_ASSERT(err < ZKZ_WIRE_ERRORS && zkz_wire_text(err));
		if (err != ZKZ_WIRE_OK)
			break;
		FUZZ_ASSERT(zkz_wire_type_name(f.type));
		accepted(&rx, &f);
		if (f.type == ZKZ_WIRE_DATA)
			continue;	/* page contents say nothing; leave the input to headers */
		payload(&rx, &f, p, end - p);
		p += f.length < (size_t)(end - p) ? f.length : (size_t)(end - p);
	}
	return 0;
}
