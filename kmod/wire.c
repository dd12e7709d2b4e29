// SPDX-License-Identifier: GPL-2.0
/*
 * Frames of a data stream. Everything that is decoded here was written by somebody we do not trust.
 *
 * zkz_wire_decode() looks at a header alone, zkz_wire_accept() at its place in the stream: who may send it, when, and
 * with which numbers. A frame that neither refuses can be acted upon without further checks.
 */
#include "wire.h"
#include "wire-text.h"
#ifdef __KERNEL__
#include <linux/string.h>
#else
#include <string.h>
#endif

/* Who sends a type, and its payload (that of DATA apart). */
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
	[ZKZ_WIRE_REMAINING]	= { "REMAINING", true, true, ZKZ_WIRE_REMAINING_SIZE },
	[ZKZ_WIRE_WANT]		= { "WANT", false, true, 0 },
	[ZKZ_WIRE_ALIVE]	= { "ALIVE", true, false, 0 },
	[ZKZ_WIRE_FETCH]	= { "FETCH", true, true, ZKZ_WIRE_FETCH_SIZE },
	[ZKZ_WIRE_FETCH_ACK]	= { "FETCH_ACK", false, true, ZKZ_WIRE_FETCH_SIZE },
	[ZKZ_WIRE_POISON]	= { "POISON", true, false, 0 },
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

/**
 * zkz_wire_rx_resume() - the connection goes on with a fetch
 * @rx: just initialised
 * @pass: the pass that is a fetch
 */
void zkz_wire_rx_resume(struct zkz_wire_rx *rx, __u32 pass)
{
	rx->resumed = true;
	rx->pass = pass;
}

static bool is_extent(__u8 type)
{
	return type == ZKZ_WIRE_DATA || type == ZKZ_WIRE_ZERO || type == ZKZ_WIRE_HOLE || type == ZKZ_WIRE_POISON;
}

static bool has_range(__u8 type)
{
	return is_extent(type) || type == ZKZ_WIRE_REMAINING || type == ZKZ_WIRE_WANT;
}

/* Where a page range may lie. */
static enum zkz_wire_error check_range(const struct zkz_wire_rx *rx, const struct zkz_frame *f)
{
	__u64 chunk = f->first / ZKZ_WIRE_CHUNK_PAGES;

	if (!f->pages)
		return ZKZ_WIRE_BAD_EMPTY;
	if (f->first >= rx->pages || f->pages > rx->pages - f->first)
		return ZKZ_WIRE_BAD_BEYOND;
	if (f->pages > ZKZ_WIRE_CHUNK_PAGES || (f->first + f->pages - 1) / ZKZ_WIRE_CHUNK_PAGES != chunk)
		return ZKZ_WIRE_BAD_CHUNK;
	if (chunk % rx->streams != rx->stream)
		return ZKZ_WIRE_BAD_STREAM;
	return ZKZ_WIRE_OK;
}

static enum zkz_wire_error check_extent(const struct zkz_wire_rx *rx, const struct zkz_frame *f)
{
	__u32 expect = f->type == ZKZ_WIRE_DATA ? f->pages * ZKZ_WIRE_PAGE_SIZE : 0;
	__u64 in_pass = rx->in_pass.data + rx->in_pass.zero + rx->in_pass.hole + rx->in_pass.poison;

	if (f->length != expect)
		return ZKZ_WIRE_BAD_LENGTH;
	if (f->pages > rx->pages - in_pass)
		return ZKZ_WIRE_BAD_QUOTA;
	return ZKZ_WIRE_OK;
}

/* A whole chunk, which for the last one is what the memory has of it, and each at most once. */
static enum zkz_wire_error check_remaining(const struct zkz_wire_rx *rx, const struct zkz_frame *f)
{
	__u64 left = rx->pages - f->first;

	if (f->first % ZKZ_WIRE_CHUNK_PAGES || f->pages != (left < ZKZ_WIRE_CHUNK_PAGES ? left : ZKZ_WIRE_CHUNK_PAGES))
		return ZKZ_WIRE_BAD_REMAINING;
	if (f->first / ZKZ_WIRE_CHUNK_PAGES < rx->next_chunk)
		return ZKZ_WIRE_BAD_REMAINING_ORDER;
	return ZKZ_WIRE_OK;
}

static enum zkz_wire_error check_pages(const struct zkz_wire_rx *rx, const struct zkz_frame *f)
{
	enum zkz_wire_error err = check_range(rx, f);

	if (err)
		return err;
	switch (f->type) {
	case ZKZ_WIRE_REMAINING:
		return check_remaining(rx, f);
	case ZKZ_WIRE_WANT:
		return f->pages > rx->pages - rx->wanted ? ZKZ_WIRE_BAD_QUOTA : ZKZ_WIRE_OK;
	default:
		return check_extent(rx, f);
	}
}

static bool flags_ok(const struct zkz_frame *f)
{
	if (f->type != ZKZ_WIRE_PASS_BEGIN)
		return !f->flags;
	return !f->flags || f->flags == ZKZ_WIRE_F_FINAL || f->flags == (ZKZ_WIRE_F_FINAL | ZKZ_WIRE_F_FETCH);
}

/* Rules that hold for a type whenever it comes. */
static enum zkz_wire_error check_shape(const struct zkz_wire_rx *rx, const struct zkz_frame *f)
{
	const struct type_rule *rule;

	if (f->type >= RULES || !rules[f->type].name)
		return ZKZ_WIRE_BAD_TYPE;
	rule = &rules[f->type];
	if (rx->by_target ? !rule->by_target : !rule->by_source)
		return ZKZ_WIRE_BAD_DIRECTION;
	if (!flags_ok(f))
		return ZKZ_WIRE_BAD_FLAGS;
	if (f->cookie != rx->cookie)
		return ZKZ_WIRE_BAD_COOKIE;
	if (f->seq != rx->seq)
		return ZKZ_WIRE_BAD_SEQ;
	if (is_extent(f->type))
		return ZKZ_WIRE_OK;
	if (!has_range(f->type) && (f->first || f->pages))
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
	if (rx->phase == ZKZ_PHASE_REMAINING) {
		if (f->type == ZKZ_WIRE_REMAINING || f->type == ZKZ_WIRE_FETCH ||
		    (f->type == ZKZ_WIRE_ALIVE && !rx->by_target))
			return ZKZ_WIRE_OK;
		return ZKZ_WIRE_BAD_IN_REMAINING;
	}
	if (rx->by_target) {
		if (f->type == ZKZ_WIRE_WANT && rx->phase == ZKZ_PHASE_FETCH)
			return ZKZ_WIRE_OK;
		return f->type == rx->want ? ZKZ_WIRE_OK : ZKZ_WIRE_BAD_UNASKED;
	}

	switch (rx->phase) {
	case ZKZ_PHASE_BETWEEN:
		if (f->type == ZKZ_WIRE_PASS_BEGIN)
			return rx->resumed && !(f->flags & ZKZ_WIRE_F_FETCH) ? ZKZ_WIRE_BAD_RESUME : ZKZ_WIRE_OK;
		return f->type == ZKZ_WIRE_END ? ZKZ_WIRE_BAD_NO_FINAL : ZKZ_WIRE_BAD_OUTSIDE_PASS;
	case ZKZ_PHASE_PASS:
	case ZKZ_PHASE_FETCH:
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
		/* a target that resumes says what it lacks */
		rx->phase = rx->resumed && rx->by_target ? ZKZ_PHASE_REMAINING : ZKZ_PHASE_BETWEEN;
		break;
	case ZKZ_WIRE_PASS_BEGIN:
		rx->final = f->flags & ZKZ_WIRE_F_FINAL;
		rx->fetch = f->flags & ZKZ_WIRE_F_FETCH;
		rx->phase = rx->fetch ? ZKZ_PHASE_REMAINING : ZKZ_PHASE_PASS;
		memset(&rx->in_pass, 0, sizeof(rx->in_pass));
		break;
	case ZKZ_WIRE_REMAINING:
		rx->next_chunk = f->first / ZKZ_WIRE_CHUNK_PAGES + 1;
		break;
	case ZKZ_WIRE_FETCH:
		rx->phase = rx->by_target ? ZKZ_PHASE_BETWEEN : ZKZ_PHASE_FETCH;
		break;
	case ZKZ_WIRE_FETCH_ACK:
		rx->want = 0;
		rx->phase = ZKZ_PHASE_FETCH;
		break;
	case ZKZ_WIRE_WANT:
		rx->wanted += f->pages;
		break;
	case ZKZ_WIRE_PASS_END:
		rx->phase = rx->final ? ZKZ_PHASE_END : ZKZ_PHASE_BETWEEN;
		/* END still belongs to the final pass */
		rx->pass += !rx->final;
		break;
	case ZKZ_WIRE_PASS_ACK:
		rx->want = 0;
		rx->phase = ZKZ_PHASE_BETWEEN;
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
	if (err == ZKZ_WIRE_OK && has_range(frame->type))
		err = check_pages(rx, frame);
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
	__u32 known;

	hello->pages = get(buf, 8);
	hello->page_size = get(buf + 8, 4);
	hello->chunk_pages = get(buf + 12, 4);
	hello->stream = get(buf + 16, 2);
	hello->streams = get(buf + 18, 2);
	hello->features = get(buf + 20, 4);
	known = ZKZ_WIRE_FEATURES_OPTIONAL | ZKZ_WIRE_FEATURE_RESUME | (rx->by_target ? ZKZ_WIRE_FEATURE_VIRGIN : 0);

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
	if (hello->features & ~known)
		return ZKZ_WIRE_BAD_HELLO_FEATURES;
	if (!(hello->features & ZKZ_WIRE_FEATURE_RESUME) != !rx->resumed)
		return ZKZ_WIRE_BAD_HELLO_RESUME;
	return ZKZ_WIRE_OK;
}

/**
 * zkz_wire_put_remaining() - write the payload of REMAINING
 * @bits: one for each page of the chunk, lowest first
 * @buf: where it goes
 */
void zkz_wire_put_remaining(const __u64 bits[ZKZ_WIRE_CHUNK_PAGES / 64], __u8 buf[ZKZ_WIRE_REMAINING_SIZE])
{
	unsigned int i;

	for (i = 0; i < ZKZ_WIRE_CHUNK_PAGES / 64; i++)
		put(buf + 8 * i, 8, bits[i]);
}

static unsigned int count_bits(__u64 v)
{
	unsigned int n;

	for (n = 0; v; n++)
		v &= v - 1;
	return n;
}

/**
 * zkz_wire_get_remaining() - read and check the payload of REMAINING
 * @rx: the stream it came on; counts the pages
 * @frame: its header, accepted
 * @buf: the payload
 * @bits: one for each page of the chunk
 *
 * Return: %ZKZ_WIRE_OK or %ZKZ_WIRE_BAD_REMAINING if it names no page, or one behind the end of the memory.
 */
enum zkz_wire_error zkz_wire_get_remaining(struct zkz_wire_rx *rx, const struct zkz_frame *frame,
					   const __u8 buf[ZKZ_WIRE_REMAINING_SIZE],
					   __u64 bits[ZKZ_WIRE_CHUNK_PAGES / 64])
{
	unsigned int i, named = 0;

	for (i = 0; i < ZKZ_WIRE_CHUNK_PAGES / 64; i++) {
		__u32 before = 64 * i, here = frame->pages > before ? frame->pages - before : 0;

		bits[i] = get(buf + 8 * i, 8);
		if (here < 64 && bits[i] >> here)
			return ZKZ_WIRE_BAD_REMAINING;
		named += count_bits(bits[i]);
	}
	rx->remaining += named;
	return named ? ZKZ_WIRE_OK : ZKZ_WIRE_BAD_REMAINING;
}

/**
 * zkz_wire_put_number() - write the payload of FETCH or FETCH_ACK
 * @number: of pages
 * @buf: where it goes
 */
void zkz_wire_put_number(__u64 number, __u8 buf[ZKZ_WIRE_FETCH_SIZE])
{
	put(buf, 8, number);
}

/**
 * zkz_wire_get_number() - read the payload of FETCH or FETCH_ACK
 * @buf: the payload
 *
 * Return: number of pages, any value.
 */
__u64 zkz_wire_get_number(const __u8 buf[ZKZ_WIRE_FETCH_SIZE])
{
	return get(buf, 8);
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
	put(buf + 32, 8, counts->poison);
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
	counts->poison = get(buf + 32, 8);
}

bool zkz_counts_equal(const struct zkz_counts *a, const struct zkz_counts *b)
{
	return a->frames == b->frames && a->data == b->data && a->zero == b->zero && a->hole == b->hole &&
	       a->poison == b->poison;
}

void zkz_counts_add(struct zkz_counts *sum, const struct zkz_counts *more)
{
	sum->frames += more->frames;
	sum->data += more->data;
	sum->zero += more->zero;
	sum->hole += more->hole;
	sum->poison += more->poison;
}

/**
 * zkz_counts_extent() - count one extent
 * @counts: where
 * @type: %ZKZ_WIRE_DATA, %ZKZ_WIRE_ZERO, %ZKZ_WIRE_HOLE or %ZKZ_WIRE_POISON
 * @pages: its length
 */
void zkz_counts_extent(struct zkz_counts *counts, __u8 type, __u32 pages)
{
	counts->frames++;
	if (type == ZKZ_WIRE_DATA)
		counts->data += pages;
	else if (type == ZKZ_WIRE_ZERO)
		counts->zero += pages;
	else if (type == ZKZ_WIRE_POISON)
		counts->poison += pages;
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
