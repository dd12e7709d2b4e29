// SPDX-License-Identifier: GPL-2.0
/* Frames of a data stream: bytes as documented, order, and every way to be wrong. */
#include "unit.h"
#include "wire.h"

#define COOKIE	0x1122334455667788ULL
#define PAGES	4096ULL		/* 8 chunks */

static struct zkz_wire_rx rx;

static void receive_from(bool target, __u16 stream, __u16 streams)
{
	zkz_wire_rx_init(&rx, COOKIE, PAGES, stream, streams, target);
}

/* The next frame in sequence, through bytes and back. */
static enum zkz_wire_error next(struct zkz_frame f)
{
	__u8 bytes[ZKZ_WIRE_HEADER_SIZE];
	struct zkz_frame back;
	enum zkz_wire_error err;

	f.cookie = f.cookie ? f.cookie : COOKIE;
	f.seq += rx.seq;
	zkz_wire_encode(&f, bytes);
	err = zkz_wire_decode(bytes, &back);
	return err == ZKZ_WIRE_OK ? zkz_wire_accept(&rx, &back) : err;
}

#define NEXT(...)	next((struct zkz_frame) { __VA_ARGS__ })
#define HELLO		.type = ZKZ_WIRE_HELLO, .length = ZKZ_WIRE_HELLO_SIZE
#define BEGIN(n)	.type = ZKZ_WIRE_PASS_BEGIN, .pass = (n)
#define FINISH(n)	.type = ZKZ_WIRE_PASS_END, .pass = (n), .length = ZKZ_WIRE_COUNTS_SIZE
#define DATA(at, n)	.type = ZKZ_WIRE_DATA, .first = (at), .pages = (n), .length = (n) * ZKZ_WIRE_PAGE_SIZE
#define ZERO(at, n)	.type = ZKZ_WIRE_ZERO, .first = (at), .pages = (n)
#define POISON(at, n)	.type = ZKZ_WIRE_POISON, .first = (at), .pages = (n)
#define THE_END(n)	.type = ZKZ_WIRE_END, .pass = (n), .length = ZKZ_WIRE_TOTALS_SIZE

static void in_pass(void)
{
	receive_from(false, 0, 1);
	CHECK_INT(NEXT(HELLO), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(BEGIN(0)), ZKZ_WIRE_OK);
}

TEST(header_bytes_are_as_documented)
{
	static const __u8 want[ZKZ_WIRE_HEADER_SIZE] = {
		'Z', 'K', 'Z', '1', 2, ZKZ_WIRE_DATA, 0x02, 0x01,
		0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
		7, 0, 0, 0, 0, 0, 0, 0,
		0x00, 0x02, 0, 0, 0, 0, 0, 0,
		3, 0, 0, 0, 0x00, 0x30, 0, 0, 5, 0, 0, 0,
	};
	struct zkz_frame f = { .type = ZKZ_WIRE_DATA, .flags = 0x102, .cookie = COOKIE, .seq = 7, .first = 512,
			       .pages = 3, .length = 3 * 4096, .pass = 5 };
	__u8 bytes[ZKZ_WIRE_HEADER_SIZE];
	struct zkz_frame back = { 0 };

	/* "ZKZ1" as bytes */
	zkz_wire_encode(&f, bytes);
	CHECK_BYTES(bytes, 4, "ZKZ1", 4);
	CHECK_BYTES(bytes + 4, 40, want + 4, 40);
	CHECK_INT(zkz_wire_decode(bytes, &back), ZKZ_WIRE_OK);
	CHECK_BYTES(&back.cookie, sizeof(back.cookie), &f.cookie, sizeof(f.cookie));
	CHECK_INT(back.first, 512);
	CHECK_INT(back.pass, 5);
}

TEST(every_flipped_bit_of_a_header_is_noticed)
{
	struct zkz_frame f = { HELLO, .cookie = COOKIE }, back;
	__u8 bytes[ZKZ_WIRE_HEADER_SIZE];
	unsigned int bit;

	zkz_wire_encode(&f, bytes);
	for (bit = 0; bit < 8 * sizeof(bytes); bit++) {
		bytes[bit / 8] ^= 1 << bit % 8;
		unit_check(zkz_wire_decode(bytes, &back) != ZKZ_WIRE_OK, __FILE__, __LINE__, "bit %u", bit);
		bytes[bit / 8] ^= 1 << bit % 8;
	}
}

/* CRC-32C of "123456789" is e3069283; seen through a header it is that of its first 44 bytes. */
TEST(checksum_is_crc32c)
{
	struct zkz_frame f = { HELLO, .cookie = COOKIE };
	__u8 bytes[ZKZ_WIRE_HEADER_SIZE];
	__u32 crc = ~0U;
	unsigned int i, bit;

	zkz_wire_encode(&f, bytes);
	for (i = 0; i < 44; i++) {
		crc ^= bytes[i];
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	crc = ~crc;
	CHECK_BYTES(bytes + 44, 4, &crc, 4);
}

TEST(whole_session)
{
	in_pass();
	CHECK_INT(NEXT(DATA(0, 512)), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(ZERO(512, 100)), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(.type = ZKZ_WIRE_HOLE, .first = 4095, .pages = 1), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(.type = ZKZ_WIRE_ALIVE), ZKZ_WIRE_OK);
	CHECK_INT(rx.in_pass.frames, 3);
	CHECK_INT(rx.in_pass.data, 512);
	CHECK_INT(rx.in_pass.zero, 100);
	CHECK_INT(rx.in_pass.hole, 1);
	CHECK_INT(NEXT(FINISH(0)), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(BEGIN(1), .flags = ZKZ_WIRE_F_FINAL), ZKZ_WIRE_OK);
	CHECK_INT(rx.in_pass.frames, 0);
	CHECK_INT(NEXT(DATA(7, 1), .pass = 1), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(FINISH(1)), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(BEGIN(1)), ZKZ_WIRE_BAD_AFTER_FINAL);
	CHECK_INT(NEXT(THE_END(1)), ZKZ_WIRE_OK);
	CHECK_INT(rx.total.data, 513);
	CHECK_INT(NEXT(.type = ZKZ_WIRE_ABORT), ZKZ_WIRE_BAD_AFTER_END);
}

/* Pages that are lost are an extent without payload, counted for themselves, also in a fetch. */
TEST(lost_pages)
{
	in_pass();
	CHECK_INT(NEXT(POISON(5, 2)), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(POISON(5, 1), .length = 4096), ZKZ_WIRE_BAD_LENGTH);
	CHECK_INT(NEXT(POISON(511, 2)), ZKZ_WIRE_BAD_CHUNK);
	CHECK_INT(NEXT(POISON(0, 0)), ZKZ_WIRE_BAD_EMPTY);
	CHECK_INT(rx.in_pass.frames, 1);
	CHECK_INT(rx.in_pass.poison, 2);
	CHECK_INT(rx.in_pass.hole, 0);
	CHECK_INT(rx.total.poison, 2);
	CHECK_INT(NEXT(FINISH(0)), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(POISON(5, 1), .pass = 1), ZKZ_WIRE_BAD_OUTSIDE_PASS);
	CHECK_INT(NEXT(BEGIN(1), .flags = ZKZ_WIRE_F_FINAL | ZKZ_WIRE_F_FETCH), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(POISON(5, 1), .pass = 1), ZKZ_WIRE_BAD_IN_REMAINING);
	CHECK_INT(NEXT(.type = ZKZ_WIRE_FETCH, .pass = 1, .length = ZKZ_WIRE_FETCH_SIZE), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(POISON(5, 1), .pass = 1), ZKZ_WIRE_OK);
	receive_from(true, 0, 1);
	CHECK_INT(NEXT(POISON(5, 1)), ZKZ_WIRE_BAD_DIRECTION);
	CHECK_STR(zkz_wire_type_name(ZKZ_WIRE_POISON), "POISON");
}

/* They too are limited by the size of the memory. */
TEST(lost_pages_have_a_quota)
{
	unsigned int chunk;

	in_pass();
	for (chunk = 0; chunk < PAGES / 512; chunk++)
		CHECK_INT(NEXT(POISON(512 * chunk, 512)), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(POISON(0, 1)), ZKZ_WIRE_BAD_QUOTA);
	CHECK_INT(NEXT(ZERO(0, 1)), ZKZ_WIRE_BAD_QUOTA);
}

TEST(order_is_kept)
{
	receive_from(false, 0, 1);
	CHECK_INT(NEXT(BEGIN(0)), ZKZ_WIRE_BAD_NO_HELLO);
	CHECK_INT(NEXT(HELLO), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(HELLO), ZKZ_WIRE_BAD_HELLO_TWICE);
	CHECK_INT(NEXT(DATA(0, 1)), ZKZ_WIRE_BAD_OUTSIDE_PASS);
	CHECK_INT(NEXT(THE_END(0)), ZKZ_WIRE_BAD_NO_FINAL);
	CHECK_INT(NEXT(BEGIN(1)), ZKZ_WIRE_BAD_PASS);
	CHECK_INT(NEXT(BEGIN(0)), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(BEGIN(0)), ZKZ_WIRE_BAD_INSIDE_PASS);
	CHECK_INT(NEXT(DATA(0, 1), .seq = 1), ZKZ_WIRE_BAD_SEQ);
	CHECK_INT(NEXT(DATA(0, 1), .seq = -1), ZKZ_WIRE_BAD_SEQ);
	CHECK_INT(NEXT(DATA(0, 1), .cookie = COOKIE + 1), ZKZ_WIRE_BAD_COOKIE);
	CHECK_INT(NEXT(DATA(0, 1), .flags = 1), ZKZ_WIRE_BAD_FLAGS);
	CHECK_INT(NEXT(DATA(0, 1), .pass = 9), ZKZ_WIRE_BAD_PASS);
}

TEST(extents_stay_inside)
{
	in_pass();
	CHECK_INT(NEXT(ZERO(0, 0)), ZKZ_WIRE_BAD_EMPTY);
	CHECK_INT(NEXT(ZERO(PAGES, 1)), ZKZ_WIRE_BAD_BEYOND);
	CHECK_INT(NEXT(ZERO(PAGES - 1, 2)), ZKZ_WIRE_BAD_BEYOND);
	CHECK_INT(NEXT(ZERO(~0ULL, 2)), ZKZ_WIRE_BAD_BEYOND);
	CHECK_INT(NEXT(ZERO(1, ~0U)), ZKZ_WIRE_BAD_BEYOND);
	CHECK_INT(NEXT(ZERO(511, 2)), ZKZ_WIRE_BAD_CHUNK);
	CHECK_INT(NEXT(ZERO(0, 513)), ZKZ_WIRE_BAD_CHUNK);
	CHECK_INT(NEXT(DATA(0, 1), .length = 4095), ZKZ_WIRE_BAD_LENGTH);
	/* 2^20 pages of 4096 bytes are 0 bytes in 32 bits. */
	CHECK(NEXT(.type = ZKZ_WIRE_DATA, .pages = 1U << 20) != ZKZ_WIRE_OK);
	CHECK_INT(NEXT(ZERO(0, 1), .length = 1), ZKZ_WIRE_BAD_LENGTH);
	CHECK_INT(NEXT(DATA(0, 512)), ZKZ_WIRE_OK);
}

TEST(quota_of_a_pass)
{
	unsigned int i;

	in_pass();
	for (i = 0; i < PAGES / 512; i++)
		CHECK_INT(NEXT(ZERO(0, 512)), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(ZERO(0, 1)), ZKZ_WIRE_BAD_QUOTA);
}

TEST(chunks_keep_to_their_stream)
{
	receive_from(false, 1, 3);
	CHECK_INT(NEXT(HELLO), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(BEGIN(0)), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(ZERO(0, 1)), ZKZ_WIRE_BAD_STREAM);
	CHECK_INT(NEXT(ZERO(512, 1)), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(ZERO(1024, 1)), ZKZ_WIRE_BAD_STREAM);
	CHECK_INT(NEXT(ZERO(4 * 512, 1)), ZKZ_WIRE_OK);
}

TEST(types_and_directions)
{
	unsigned int type;

	in_pass();
	for (type = 0; type < 256; type++)
		if (type == 0 || type > ZKZ_WIRE_POISON)
			CHECK_INT(NEXT(.type = type), ZKZ_WIRE_BAD_TYPE);
	CHECK_INT(NEXT(.type = ZKZ_WIRE_WANT), ZKZ_WIRE_BAD_DIRECTION);
	CHECK_INT(NEXT(.type = ZKZ_WIRE_PASS_ACK, .length = ZKZ_WIRE_COUNTS_SIZE), ZKZ_WIRE_BAD_DIRECTION);
	receive_from(true, 0, 1);
	CHECK_INT(NEXT(HELLO), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(DATA(0, 1)), ZKZ_WIRE_BAD_DIRECTION);
	CHECK_INT(NEXT(.type = ZKZ_WIRE_PASS_ACK, .length = ZKZ_WIRE_COUNTS_SIZE), ZKZ_WIRE_BAD_UNASKED);
	rx.want = ZKZ_WIRE_PASS_ACK;
	CHECK_INT(NEXT(.type = ZKZ_WIRE_PASS_ACK, .length = ZKZ_WIRE_COUNTS_SIZE), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(.type = ZKZ_WIRE_PASS_ACK, .length = ZKZ_WIRE_COUNTS_SIZE), ZKZ_WIRE_BAD_UNASKED);
}

#define REMAINING(c)	.type = ZKZ_WIRE_REMAINING, .first = (c) * 512, .pages = 512, .length = ZKZ_WIRE_REMAINING_SIZE
#define FETCH		.type = ZKZ_WIRE_FETCH, .length = ZKZ_WIRE_FETCH_SIZE
#define FETCH_ACK	.type = ZKZ_WIRE_FETCH_ACK, .length = ZKZ_WIRE_FETCH_SIZE
#define WANT(at, n)	.type = ZKZ_WIRE_WANT, .first = (at), .pages = (n)
#define F_FETCH		(ZKZ_WIRE_F_FINAL | ZKZ_WIRE_F_FETCH)

TEST(fetch_seen_by_the_target)
{
	receive_from(false, 0, 1);
	CHECK_INT(NEXT(HELLO), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(REMAINING(0)), ZKZ_WIRE_BAD_OUTSIDE_PASS);
	CHECK_INT(NEXT(BEGIN(0), .flags = ZKZ_WIRE_F_FETCH), ZKZ_WIRE_BAD_FLAGS);
	CHECK_INT(NEXT(BEGIN(0), .flags = F_FETCH), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(DATA(0, 1)), ZKZ_WIRE_BAD_IN_REMAINING);
	CHECK_INT(NEXT(FINISH(0)), ZKZ_WIRE_BAD_IN_REMAINING);
	CHECK_INT(NEXT(REMAINING(1)), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(REMAINING(1)), ZKZ_WIRE_BAD_REMAINING_ORDER);
	CHECK_INT(NEXT(REMAINING(0)), ZKZ_WIRE_BAD_REMAINING_ORDER);
	CHECK_INT(NEXT(.type = ZKZ_WIRE_ALIVE), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(REMAINING(8)), ZKZ_WIRE_BAD_BEYOND);
	CHECK_INT(NEXT(REMAINING(2), .pages = 64), ZKZ_WIRE_BAD_REMAINING);
	CHECK_INT(NEXT(REMAINING(2), .first = 1025, .pages = 511), ZKZ_WIRE_BAD_REMAINING);
	CHECK_INT(NEXT(REMAINING(2), .length = 63), ZKZ_WIRE_BAD_LENGTH);
	CHECK_INT(NEXT(REMAINING(2), .pass = 1), ZKZ_WIRE_BAD_PASS);
	CHECK_INT(NEXT(REMAINING(7)), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(FETCH_ACK), ZKZ_WIRE_BAD_DIRECTION);
	CHECK_INT(NEXT(FETCH), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(REMAINING(7)), ZKZ_WIRE_BAD_INSIDE_PASS);
	CHECK_INT(NEXT(WANT(0, 1)), ZKZ_WIRE_BAD_DIRECTION);
	CHECK_INT(NEXT(DATA(512, 16)), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(ZERO(528, 1)), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(BEGIN(0), .flags = F_FETCH), ZKZ_WIRE_BAD_INSIDE_PASS);
	CHECK_INT(NEXT(FINISH(0)), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(DATA(512, 16)), ZKZ_WIRE_BAD_AFTER_FINAL);
	CHECK_INT(NEXT(THE_END(0)), ZKZ_WIRE_OK);
}

TEST(fetch_seen_by_the_source)
{
	unsigned int i;

	receive_from(true, 1, 2);
	CHECK_INT(NEXT(HELLO), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(WANT(512, 1)), ZKZ_WIRE_BAD_UNASKED);
	CHECK_INT(NEXT(FETCH_ACK), ZKZ_WIRE_BAD_UNASKED);
	CHECK_INT(NEXT(REMAINING(1)), ZKZ_WIRE_BAD_UNASKED);
	rx.want = ZKZ_WIRE_FETCH_ACK;
	CHECK_INT(NEXT(WANT(512, 1)), ZKZ_WIRE_BAD_UNASKED);
	CHECK_INT(NEXT(FETCH_ACK), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(WANT(512, 1)), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(WANT(512, 0)), ZKZ_WIRE_BAD_EMPTY);
	CHECK_INT(NEXT(WANT(0, 1)), ZKZ_WIRE_BAD_STREAM);
	CHECK_INT(NEXT(WANT(PAGES, 1)), ZKZ_WIRE_BAD_BEYOND);
	CHECK_INT(NEXT(WANT(512, 513)), ZKZ_WIRE_BAD_CHUNK);
	CHECK_INT(NEXT(WANT(512, 1), .length = 1), ZKZ_WIRE_BAD_LENGTH);
	CHECK_INT(NEXT(DATA(512, 1)), ZKZ_WIRE_BAD_DIRECTION);
	for (i = 0; i < PAGES / 512 - 1; i++)
		CHECK_INT(NEXT(WANT(512, 512)), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(WANT(512, 511)), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(WANT(512, 1)), ZKZ_WIRE_BAD_QUOTA);
	rx.want = ZKZ_WIRE_PASS_ACK;
	CHECK_INT(NEXT(.type = ZKZ_WIRE_PASS_ACK, .length = ZKZ_WIRE_COUNTS_SIZE), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(WANT(512, 1)), ZKZ_WIRE_BAD_UNASKED);
}

TEST(fetch_goes_on)
{
	receive_from(false, 0, 1);
	zkz_wire_rx_resume(&rx, 3);
	CHECK_INT(NEXT(HELLO), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(BEGIN(3)), ZKZ_WIRE_BAD_RESUME);
	CHECK_INT(NEXT(BEGIN(3), .flags = ZKZ_WIRE_F_FINAL), ZKZ_WIRE_BAD_RESUME);
	CHECK_INT(NEXT(BEGIN(4), .flags = F_FETCH), ZKZ_WIRE_BAD_PASS);
	CHECK_INT(NEXT(BEGIN(3), .flags = F_FETCH), ZKZ_WIRE_OK);
	receive_from(true, 0, 1);
	zkz_wire_rx_resume(&rx, 3);
	CHECK_INT(NEXT(HELLO), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(WANT(0, 1), .pass = 3), ZKZ_WIRE_BAD_IN_REMAINING);
	CHECK_INT(NEXT(REMAINING(2), .pass = 3), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(REMAINING(2), .pass = 3), ZKZ_WIRE_BAD_REMAINING_ORDER);
	CHECK_INT(NEXT(FETCH, .pass = 3), ZKZ_WIRE_OK);
	CHECK_INT(NEXT(FETCH, .pass = 3), ZKZ_WIRE_BAD_UNASKED);
	CHECK_INT(NEXT(WANT(0, 1), .pass = 3), ZKZ_WIRE_BAD_UNASKED);
}

TEST(remaining_names_pages)
{
	__u64 bits[8] = { 1, 0, 0, 0, 0, 0, 0, 1ULL << 63 }, back[8];
	struct zkz_frame f = { REMAINING(0) };
	__u8 bytes[ZKZ_WIRE_REMAINING_SIZE];

	receive_from(false, 0, 1);
	zkz_wire_put_remaining(bits, bytes);
	CHECK_INT(bytes[0], 1);
	CHECK_INT(bytes[63], 0x80);
	CHECK_INT(zkz_wire_get_remaining(&rx, &f, bytes, back), ZKZ_WIRE_OK);
	CHECK_BYTES(back, sizeof(back), bits, sizeof(bits));
	CHECK_INT(rx.remaining, 2);
	/* a memory that ends in the middle of a chunk, which has no page 511 */
	f.pages = 511;
	CHECK_INT(zkz_wire_get_remaining(&rx, &f, bytes, back), ZKZ_WIRE_BAD_REMAINING);
	f.pages = 1;
	bytes[63] = 0;
	CHECK_INT(zkz_wire_get_remaining(&rx, &f, bytes, back), ZKZ_WIRE_OK);
	bytes[0] = 0;
	CHECK_INT(zkz_wire_get_remaining(&rx, &f, bytes, back), ZKZ_WIRE_BAD_REMAINING);
	zkz_wire_put_number(0x1122334455667788ULL, bytes);
	CHECK_INT(bytes[0], 0x88);
	CHECK(zkz_wire_get_number(bytes) == 0x1122334455667788ULL);
}

TEST(hello_must_agree)
{
	struct zkz_hello good = { .pages = PAGES, .page_size = 4096, .chunk_pages = 512, .stream = 1, .streams = 2 };
	struct zkz_hello bad, back;
	__u8 bytes[ZKZ_WIRE_HELLO_SIZE];

#define REFUSED(member, value, why) do {					\
	bad = good;								\
	bad.member = (value);							\
	zkz_wire_put_hello(&bad, bytes);					\
	CHECK_INT(zkz_wire_get_hello(&rx, bytes, &back), why);			\
} while (0)
	receive_from(false, 1, 2);
	zkz_wire_put_hello(&good, bytes);
	CHECK_INT(zkz_wire_get_hello(&rx, bytes, &back), ZKZ_WIRE_OK);
	CHECK_INT(back.stream, 1);
	REFUSED(pages, PAGES + 512, ZKZ_WIRE_BAD_HELLO_PAGES);
	REFUSED(page_size, 16384, ZKZ_WIRE_BAD_HELLO_PAGE_SIZE);
	REFUSED(chunk_pages, 256, ZKZ_WIRE_BAD_HELLO_CHUNK);
	REFUSED(stream, 0, ZKZ_WIRE_BAD_HELLO_STREAM);
	REFUSED(streams, 3, ZKZ_WIRE_BAD_HELLO_STREAMS);
	REFUSED(features, 0x80, ZKZ_WIRE_BAD_HELLO_FEATURES);
	REFUSED(features, 0x8000, ZKZ_WIRE_BAD_HELLO_FEATURES);
	/* Of a later release, and no matter to this one. */
	REFUSED(features, 0x10000, ZKZ_WIRE_OK);
	REFUSED(features, 0x80000000, ZKZ_WIRE_OK);
	REFUSED(features, 0x80000080, ZKZ_WIRE_BAD_HELLO_FEATURES);
	REFUSED(features, ZKZ_WIRE_FEATURE_VIRGIN, ZKZ_WIRE_BAD_HELLO_FEATURES);
	REFUSED(features, ZKZ_WIRE_FEATURE_RESUME, ZKZ_WIRE_BAD_HELLO_RESUME);
	zkz_wire_rx_resume(&rx, 1);
	REFUSED(features, ZKZ_WIRE_FEATURE_RESUME, ZKZ_WIRE_OK);
	REFUSED(features, 0, ZKZ_WIRE_BAD_HELLO_RESUME);
	receive_from(true, 1, 2);
	REFUSED(features, ZKZ_WIRE_FEATURE_VIRGIN, ZKZ_WIRE_OK);
}

TEST(reasons_are_printable)
{
	CHECK_INT(zkz_wire_check_reason((const __u8 *)"disk full", 9), ZKZ_WIRE_OK);
	CHECK_INT(zkz_wire_check_reason((const __u8 *)"", 0), ZKZ_WIRE_OK);
	CHECK_INT(zkz_wire_check_reason((const __u8 *)"\033[2J", 4), ZKZ_WIRE_BAD_REASON);
	CHECK_INT(zkz_wire_check_reason((const __u8 *)"a\nb", 3), ZKZ_WIRE_BAD_REASON);
	in_pass();
	CHECK_INT(NEXT(.type = ZKZ_WIRE_ABORT, .length = ZKZ_WIRE_REASON_MAX + 1), ZKZ_WIRE_BAD_LENGTH);
	CHECK_INT(NEXT(.type = ZKZ_WIRE_ABORT, .length = ZKZ_WIRE_REASON_MAX), ZKZ_WIRE_OK);
}

TEST(every_error_has_a_sentence)
{
	unsigned int i, j;

	for (i = 0; i < ZKZ_WIRE_ERRORS; i++) {
		CHECK(strlen(zkz_wire_text(i)) > 5);
		for (j = 0; j < i; j++)
			CHECK(strcmp(zkz_wire_text(i), zkz_wire_text(j)));
	}
	CHECK_STR(zkz_wire_text(9999), "unknown error");
	CHECK_STR(zkz_wire_type_name(ZKZ_WIRE_DATA), "DATA");
	CHECK_STR(zkz_wire_type_name(250), "unknown");
}

TEST(counts_travel)
{
	struct zkz_counts a = { 1, 1ULL << 40, 3, ~0ULL, 5 }, b;
	__u8 bytes[ZKZ_WIRE_COUNTS_SIZE];

	zkz_wire_put_counts(&a, bytes);
	zkz_wire_get_counts(bytes, &b);
	CHECK(zkz_counts_equal(&a, &b));
	b.zero++;
	CHECK(!zkz_counts_equal(&a, &b));
	b = a;
	b.poison++;
	CHECK(!zkz_counts_equal(&a, &b));
	zkz_counts_add(&b, &a);
	CHECK_INT(b.poison, 11);
}
