// SPDX-License-Identifier: GPL-2.0
/*
 * Frames of a data stream. Everything that is decoded here was written by somebody we do not trust.
 *
 * zkz_wire_decode() looks at a header alone, zkz_wire_accept() at its place in the stream: who may send it, when, and
 * with which numbers. A frame that neither refuses can be acted upon without further checks.
 */
#include "wire.h"
#ifdef __KERNEL__
#include <linux/string.h>
#else
#include <string.h>
#endif

static const char *const error_text[ZKZ_WIRE_ERRORS] = {
	[ZKZ_WIRE_OK]			= "nothing is wrong",
	[ZKZ_WIRE_BAD_MAGIC]		= "not a zkz frame (wrong magic)",
	[ZKZ_WIRE_BAD_CRC]		= "header checksum is wrong",
	[ZKZ_WIRE_BAD_VERSION]		= "the peer speaks another version of the protocol",
	[ZKZ_WIRE_BAD_TYPE]		= "unknown frame type",
	[ZKZ_WIRE_BAD_RESERVED]		= "frame type is reserved for demand fetch",
	[ZKZ_WIRE_BAD_DIRECTION]	= "the peer's side does not send frames of this type",
	[ZKZ_WIRE_BAD_FLAGS]		= "unknown flag set",
	[ZKZ_WIRE_BAD_COOKIE]		= "frame belongs to another session (wrong cookie)",
	[ZKZ_WIRE_BAD_SEQ]		= "frame is out of sequence",
	[ZKZ_WIRE_BAD_LENGTH]		= "payload length does not fit the frame type",
	[ZKZ_WIRE_BAD_STRAY_EXTENT]	= "frame type has no page range, but one is given",
	[ZKZ_WIRE_BAD_EMPTY]		= "page range is empty",
	[ZKZ_WIRE_BAD_BEYOND]		= "page range ends beyond the memory",
	[ZKZ_WIRE_BAD_CHUNK]		= "page range leaves its chunk",
	[ZKZ_WIRE_BAD_STREAM]		= "chunk belongs to another stream",
	[ZKZ_WIRE_BAD_QUOTA]		= "more pages in a pass than the memory has",
	[ZKZ_WIRE_BAD_PASS]		= "wrong pass number",
	[ZKZ_WIRE_BAD_NO_HELLO]		= "frame before HELLO",
	[ZKZ_WIRE_BAD_HELLO_TWICE]	= "second HELLO",
	[ZKZ_WIRE_BAD_OUTSIDE_PASS]	= "frame outside a pass",
	[ZKZ_WIRE_BAD_INSIDE_PASS]	= "frame not allowed inside a pass",
	[ZKZ_WIRE_BAD_NO_FINAL]		= "END without a final pass",
	[ZKZ_WIRE_BAD_AFTER_FINAL]	= "only END may follow the final pass",
	[ZKZ_WIRE_BAD_AFTER_END]	= "frame after END",
	[ZKZ_WIRE_BAD_UNASKED]		= "acknowledgement that nobody waits for",
	[ZKZ_WIRE_BAD_HELLO_PAGES]	= "the memories of the two sides differ in size",
	[ZKZ_WIRE_BAD_HELLO_PAGE_SIZE]	= "the peer's pages are not 4096 bytes",
	[ZKZ_WIRE_BAD_HELLO_CHUNK]	= "the peer's chunks are not 512 pages",
	[ZKZ_WIRE_BAD_HELLO_STREAM]	= "the peer gives this stream another number",
	[ZKZ_WIRE_BAD_HELLO_STREAMS]	= "the peer has another number of streams",
	[ZKZ_WIRE_BAD_HELLO_FEATURES]	= "the peer has unknown features",
	[ZKZ_WIRE_BAD_PASS_COUNTS]	= "counts of the pass differ from what travelled",
	[ZKZ_WIRE_BAD_STREAM_TOTALS]	= "totals of the stream differ from what travelled",
	[ZKZ_WIRE_BAD_SESSION_TOTALS]	= "totals of the session differ from what travelled",
	[ZKZ_WIRE_BAD_REASON]		= "reason is not printable text",
};

/* Who sends a type, and its payload (extents apart). */
struct type_rule {
	const char *name;
	bool by_source;
	bool by_target;
	__u32 length;
};

static const struct type_rule rules[] = {
	[ZKZ_WIRE_HELLO]	= { "HELLO", true, true, ZKZ_WIRE_HELLO_SIZE },
	[ZKZ_WIRE_DATA]		= { "DATA", true, false, 0 },
	[ZKZ_WIRE_ZERO]		= { "ZERO", true, false, 0 },
	[ZKZ_WIRE_HOLE]		= { "HOLE", true, false, 0 },
	[ZKZ_WIRE_PASS_BEGIN]	= { "PASS_BEGIN", true, false, 0 },
	[ZKZ_WIRE_PASS_END]	= { "PASS_END", true, false, ZKZ_WIRE_COUNTS_SIZE },
	[ZKZ_WIRE_PASS_ACK]	= { "PASS_ACK", false, true, ZKZ_WIRE_COUNTS_SIZE },
	[ZKZ_WIRE_END]		= { "END", true, false, ZKZ_WIRE_TOTALS_SIZE },
	[ZKZ_WIRE_END_ACK]	= { "END_ACK", false, true, ZKZ_WIRE_TOTALS_SIZE },
	[ZKZ_WIRE_ABORT]	= { "ABORT", true, true, 0 },
	[ZKZ_WIRE_REMAINING]	= { "REMAINING", false, false, 0 },
	[ZKZ_WIRE_WANT]		= { "WANT", false, false, 0 },
	[ZKZ_WIRE_ALIVE]	= { "ALIVE", true, false, 0 },
};

#define RULES	(sizeof(rules) / sizeof(rules[0]))

/**
 * zkz_wire_text() - the sentence for an error
 * @err: what zkz_wire_decode() and its like returned
 *
 * Return: text without a full stop, never NULL.
 */
const char *zkz_wire_text(enum zkz_wire_error err)
{
	return (unsigned int)err < ZKZ_WIRE_ERRORS ? error_text[err] : "unknown error";
}

/**
 * zkz_wire_type_name() - name of a frame type
 * @type: as it travelled, may be anything
 *
 * Return: the name, or "unknown".
 */
const char *zkz_wire_type_name(__u8 type)
{
	return type < RULES && rules[type].name ? rules[type].name : "unknown";
}

static void put(__u8 *p, unsigned int bytes, __u64 v)
{
	while (bytes--) {
		*p++ = v;
		v >>= 8;
	}
}

static __u64 get(const __u8 *p, unsigned int bytes)
{
	__u64 v = 0;

	while (bytes--)
		v = v << 8 | p[bytes];
	return v;
}

/* CRC32C, reflected, a nibble at a time: a header is short, and the kernel's own would need another module. */
static __u32 crc32c_of(const __u8 *p, unsigned int bytes)
{
	static const __u32 table[16] = {
		0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
		0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
	};
	__u32 crc = ~0U;

	while (bytes--) {
		crc ^= *p++;
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return ~crc;
}

/**
 * zkz_wire_encode() - write a header
 * @frame: what it says
 * @buf: where it goes
 */
void zkz_wire_encode(const struct zkz_frame *frame, __u8 buf[ZKZ_WIRE_HEADER_SIZE])
{
	put(buf, 4, ZKZ_WIRE_MAGIC);
	put(buf + 4, 1, ZKZ_WIRE_VERSION);
	put(buf + 5, 1, frame->type);
	put(buf + 6, 2, frame->flags);
	put(buf + 8, 8, frame->cookie);
	put(buf + 16, 8, frame->seq);
	put(buf + 24, 8, frame->first);
	put(buf + 32, 4, frame->pages);
	put(buf + 36, 4, frame->length);
	put(buf + 40, 4, frame->pass);
	put(buf + 44, 4, crc32c_of(buf, 44));
}

/**
 * zkz_wire_decode() - read a header
 * @buf: 48 bytes as they came
 * @frame: filled if the header is sound in itself
 *
 * Return: %ZKZ_WIRE_OK or what is wrong with it.
 */
enum zkz_wire_error zkz_wire_decode(const __u8 buf[ZKZ_WIRE_HEADER_SIZE], struct zkz_frame *frame)
{
	if (get(buf, 4) != ZKZ_WIRE_MAGIC)
		return ZKZ_WIRE_BAD_MAGIC;
	if (get(buf + 44, 4) != crc32c_of(buf, 44))
		return ZKZ_WIRE_BAD_CRC;
	if (buf[4] != ZKZ_WIRE_VERSION)
		return ZKZ_WIRE_BAD_VERSION;
	frame->type = buf[5];
	frame->flags = get(buf + 6, 2);
	frame->cookie = get(buf + 8, 8);
	frame->seq = get(buf + 16, 8);
	frame->first = get(buf + 24, 8);
	frame->pages = get(buf + 32, 4);
	frame->length = get(buf + 36, 4);
	frame->pass = get(buf + 40, 4);
	return ZKZ_WIRE_OK;
}

/**
 * zkz_wire_rx_init() - prepare to receive from a stream
 * @rx: what will be known about it
 * @cookie: of the session
 * @pages: size of the memory
 * @stream: index of the stream
 * @streams: how many the session has
 * @by_target: the peer is the target
 */
void zkz_wire_rx_init(struct zkz_wire_rx *rx, __u64 cookie, __u64 pages, __u16 stream, __u16 streams,
		      bool by_target)
{
	memset(rx, 0, sizeof(*rx));
	rx->cookie = cookie;
	rx->pages = pages;
	rx->stream = stream;
	rx->streams = streams;
	rx->by_target = by_target;
}

static bool is_extent(__u8 type)
{
	return type == ZKZ_WIRE_DATA || type == ZKZ_WIRE_ZERO || type == ZKZ_WIRE_HOLE;
}

static enum zkz_wire_error check_extent(const struct zkz_wire_rx *rx, const struct zkz_frame *f)
{
	__u64 chunk = f->first / ZKZ_WIRE_CHUNK_PAGES;
	__u32 expect = f->type == ZKZ_WIRE_DATA ? f->pages * ZKZ_WIRE_PAGE_SIZE : 0;
	__u64 in_pass = rx->in_pass.data + rx->in_pass.zero + rx->in_pass.hole;

	if (!f->pages)
		return ZKZ_WIRE_BAD_EMPTY;
	if (f->first >= rx->pages || f->pages > rx->pages - f->first)
		return ZKZ_WIRE_BAD_BEYOND;
	if (f->pages > ZKZ_WIRE_CHUNK_PAGES || (f->first + f->pages - 1) / ZKZ_WIRE_CHUNK_PAGES != chunk)
		return ZKZ_WIRE_BAD_CHUNK;
	if (chunk % rx->streams != rx->stream)
		return ZKZ_WIRE_BAD_STREAM;
	if (f->length != expect)
		return ZKZ_WIRE_BAD_LENGTH;
	if (f->pages > rx->pages - in_pass)
		return ZKZ_WIRE_BAD_QUOTA;
	return ZKZ_WIRE_OK;
}

/* Rules that hold for a type whenever it comes. */
static enum zkz_wire_error check_shape(const struct zkz_wire_rx *rx, const struct zkz_frame *f)
{
	const struct type_rule *rule;

	if (f->type >= RULES || !rules[f->type].name)
		return ZKZ_WIRE_BAD_TYPE;
	rule = &rules[f->type];
	if (!rule->by_source && !rule->by_target)
		return ZKZ_WIRE_BAD_RESERVED;
	if (rx->by_target ? !rule->by_target : !rule->by_source)
		return ZKZ_WIRE_BAD_DIRECTION;
	if (f->flags & ~(f->type == ZKZ_WIRE_PASS_BEGIN ? ZKZ_WIRE_F_FINAL : 0))
		return ZKZ_WIRE_BAD_FLAGS;
	if (f->cookie != rx->cookie)
		return ZKZ_WIRE_BAD_COOKIE;
	if (f->seq != rx->seq)
		return ZKZ_WIRE_BAD_SEQ;
	if (is_extent(f->type))
		return ZKZ_WIRE_OK;
	if (f->first || f->pages)
		return ZKZ_WIRE_BAD_STRAY_EXTENT;
	if (f->type == ZKZ_WIRE_ABORT ? f->length > ZKZ_WIRE_REASON_MAX : f->length != rule->length)
		return ZKZ_WIRE_BAD_LENGTH;
	return ZKZ_WIRE_OK;
}

/* Is it the turn of this frame? */
static enum zkz_wire_error check_order(const struct zkz_wire_rx *rx, const struct zkz_frame *f)
{
	if (rx->phase == ZKZ_PHASE_OVER)
		return ZKZ_WIRE_BAD_AFTER_END;
	if (f->type == ZKZ_WIRE_HELLO)
		return rx->phase == ZKZ_PHASE_GREET ? ZKZ_WIRE_OK : ZKZ_WIRE_BAD_HELLO_TWICE;
	if (rx->phase == ZKZ_PHASE_GREET)
		return ZKZ_WIRE_BAD_NO_HELLO;
	if (rx->by_target)
		return f->type == rx->want ? ZKZ_WIRE_OK : ZKZ_WIRE_BAD_UNASKED;

	switch (rx->phase) {
	case ZKZ_PHASE_BETWEEN:
		if (f->type == ZKZ_WIRE_PASS_BEGIN)
			return ZKZ_WIRE_OK;
		return f->type == ZKZ_WIRE_END ? ZKZ_WIRE_BAD_NO_FINAL : ZKZ_WIRE_BAD_OUTSIDE_PASS;
	case ZKZ_PHASE_PASS:
		if (is_extent(f->type) || f->type == ZKZ_WIRE_ALIVE || f->type == ZKZ_WIRE_PASS_END)
			return ZKZ_WIRE_OK;
		return ZKZ_WIRE_BAD_INSIDE_PASS;
	default:
		return f->type == ZKZ_WIRE_END ? ZKZ_WIRE_OK : ZKZ_WIRE_BAD_AFTER_FINAL;
	}
}

static void advance(struct zkz_wire_rx *rx, const struct zkz_frame *f)
{
	rx->seq++;
	switch (f->type) {
	case ZKZ_WIRE_HELLO:
		rx->phase = ZKZ_PHASE_BETWEEN;
		break;
	case ZKZ_WIRE_PASS_BEGIN:
		rx->phase = ZKZ_PHASE_PASS;
		rx->final = f->flags & ZKZ_WIRE_F_FINAL;
		memset(&rx->in_pass, 0, sizeof(rx->in_pass));
		break;
	case ZKZ_WIRE_PASS_END:
		rx->phase = rx->final ? ZKZ_PHASE_END : ZKZ_PHASE_BETWEEN;
		/* END still belongs to the final pass */
		rx->pass += !rx->final;
		break;
	case ZKZ_WIRE_PASS_ACK:
		rx->want = 0;
		break;
	case ZKZ_WIRE_END:
	case ZKZ_WIRE_END_ACK:
	case ZKZ_WIRE_ABORT:
		rx->want = 0;
		rx->phase = ZKZ_PHASE_OVER;
		break;
	case ZKZ_WIRE_ALIVE:
		break;
	default:
		zkz_counts_extent(&rx->in_pass, f->type, f->pages);
		zkz_counts_extent(&rx->total, f->type, f->pages);
	}
}

/**
 * zkz_wire_accept() - check a frame against the stream it came on
 * @rx: the stream; moves on if the frame is accepted. Where the peer is the target, the caller sets @rx->want and
 *      @rx->pass to what it waits for.
 * @frame: a header from zkz_wire_decode()
 *
 * Return: %ZKZ_WIRE_OK or why the frame is refused.
 */
enum zkz_wire_error zkz_wire_accept(struct zkz_wire_rx *rx, const struct zkz_frame *frame)
{
	enum zkz_wire_error err = check_shape(rx, frame);
	bool greeting = frame->type == ZKZ_WIRE_HELLO || frame->type == ZKZ_WIRE_ABORT;

	if (err == ZKZ_WIRE_OK && (frame->type != ZKZ_WIRE_ABORT || rx->phase == ZKZ_PHASE_OVER))
		err = check_order(rx, frame);
	if (err == ZKZ_WIRE_OK && frame->pass != (greeting ? 0 : rx->pass))
		err = ZKZ_WIRE_BAD_PASS;
	if (err == ZKZ_WIRE_OK && is_extent(frame->type))
		err = check_extent(rx, frame);
	if (err == ZKZ_WIRE_OK)
		advance(rx, frame);
	return err;
}

/**
 * zkz_wire_put_hello() - write the payload of HELLO
 * @hello: what it says
 * @buf: where it goes
 */
void zkz_wire_put_hello(const struct zkz_hello *hello, __u8 buf[ZKZ_WIRE_HELLO_SIZE])
{
	put(buf, 8, hello->pages);
	put(buf + 8, 4, hello->page_size);
	put(buf + 12, 4, hello->chunk_pages);
	put(buf + 16, 2, hello->stream);
	put(buf + 18, 2, hello->streams);
	put(buf + 20, 4, hello->features);
}

/**
 * zkz_wire_get_hello() - read and check the payload of HELLO
 * @rx: the stream it came on
 * @buf: the payload
 * @hello: filled in any case
 *
 * Return: %ZKZ_WIRE_OK or in what the two sides differ.
 */
enum zkz_wire_error zkz_wire_get_hello(const struct zkz_wire_rx *rx, const __u8 buf[ZKZ_WIRE_HELLO_SIZE],
				       struct zkz_hello *hello)
{
	hello->pages = get(buf, 8);
	hello->page_size = get(buf + 8, 4);
	hello->chunk_pages = get(buf + 12, 4);
	hello->stream = get(buf + 16, 2);
	hello->streams = get(buf + 18, 2);
	hello->features = get(buf + 20, 4);

	if (hello->page_size != ZKZ_WIRE_PAGE_SIZE)
		return ZKZ_WIRE_BAD_HELLO_PAGE_SIZE;
	if (hello->chunk_pages != ZKZ_WIRE_CHUNK_PAGES)
		return ZKZ_WIRE_BAD_HELLO_CHUNK;
	if (hello->pages != rx->pages)
		return ZKZ_WIRE_BAD_HELLO_PAGES;
	if (hello->streams != rx->streams)
		return ZKZ_WIRE_BAD_HELLO_STREAMS;
	if (hello->stream != rx->stream)
		return ZKZ_WIRE_BAD_HELLO_STREAM;
	if (hello->features & ~(rx->by_target ? ZKZ_WIRE_FEATURE_VIRGIN : 0))
		return ZKZ_WIRE_BAD_HELLO_FEATURES;
	return ZKZ_WIRE_OK;
}

/**
 * zkz_wire_put_counts() - write counts, alone or as half of totals
 * @counts: the numbers
 * @buf: where they go
 */
void zkz_wire_put_counts(const struct zkz_counts *counts, __u8 buf[ZKZ_WIRE_COUNTS_SIZE])
{
	put(buf, 8, counts->frames);
	put(buf + 8, 8, counts->data);
	put(buf + 16, 8, counts->zero);
	put(buf + 24, 8, counts->hole);
}

/**
 * zkz_wire_get_counts() - read counts
 * @buf: payload of PASS_END or PASS_ACK, or half of that of END or END_ACK
 * @counts: the numbers, any value
 */
void zkz_wire_get_counts(const __u8 buf[ZKZ_WIRE_COUNTS_SIZE], struct zkz_counts *counts)
{
	counts->frames = get(buf, 8);
	counts->data = get(buf + 8, 8);
	counts->zero = get(buf + 16, 8);
	counts->hole = get(buf + 24, 8);
}

bool zkz_counts_equal(const struct zkz_counts *a, const struct zkz_counts *b)
{
	return a->frames == b->frames && a->data == b->data && a->zero == b->zero && a->hole == b->hole;
}

void zkz_counts_add(struct zkz_counts *sum, const struct zkz_counts *more)
{
	sum->frames += more->frames;
	sum->data += more->data;
	sum->zero += more->zero;
	sum->hole += more->hole;
}

/**
 * zkz_counts_extent() - count one extent
 * @counts: where
 * @type: %ZKZ_WIRE_DATA, %ZKZ_WIRE_ZERO or %ZKZ_WIRE_HOLE
 * @pages: its length
 */
void zkz_counts_extent(struct zkz_counts *counts, __u8 type, __u32 pages)
{
	counts->frames++;
	if (type == ZKZ_WIRE_DATA)
		counts->data += pages;
	else if (type == ZKZ_WIRE_ZERO)
		counts->zero += pages;
	else
		counts->hole += pages;
}

/**
 * zkz_wire_check_reason() - check the payload of ABORT
 * @text: not terminated
 * @length: of it
 *
 * A reason ends up in logs and on terminals, so it must be printable ASCII: a control character may hide in UTF-8 too.
 *
 * Return: %ZKZ_WIRE_OK or %ZKZ_WIRE_BAD_REASON.
 */
enum zkz_wire_error zkz_wire_check_reason(const __u8 *text, __u32 length)
{
	while (length--) {
		if (text[length] < 0x20 || text[length] > 0x7e)
			return ZKZ_WIRE_BAD_REASON;
	}
	return ZKZ_WIRE_OK;
}
