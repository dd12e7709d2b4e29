/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames of a data stream: encoding, decoding and the grammar of their order.
 *
 * Pure: no I/O, no allocation, no locks. The same file is built into the module, the unit tests and the fuzzer.
 */
#ifndef _ZKZ_WIRE_H
#define _ZKZ_WIRE_H

#include <uapi/linux/zkz_wire.h>
#ifndef __KERNEL__
#include <stdbool.h>
#endif

/* A header in host order. */
struct zkz_frame {
	__u8 type;
	__u16 flags;
	__u64 cookie;
	__u64 seq;
	__u64 first;
	__u32 pages;
	__u32 length;
	__u32 pass;
};

struct zkz_counts {
	__u64 frames;
	__u64 data;
	__u64 zero;
	__u64 hole;
	__u64 poison;
};

struct zkz_hello {
	__u64 pages;
	__u32 page_size;
	__u32 chunk_pages;
	__u16 stream;
	__u16 streams;
	__u32 features;
};

/* Where a receiver is in the order of frames. */
enum zkz_wire_phase {
	ZKZ_PHASE_GREET,	/* HELLO must come */
	ZKZ_PHASE_BETWEEN,	/* PASS_BEGIN may come */
	ZKZ_PHASE_PASS,		/* extents and PASS_END */
	ZKZ_PHASE_REMAINING,	/* a fetch has begun: REMAINING, closed by FETCH */
	ZKZ_PHASE_FETCH,	/* as PASS, but WANT may come the other way */
	ZKZ_PHASE_END,		/* the final pass is over, END must come */
	ZKZ_PHASE_OVER,		/* nothing may come */
};

/*
 * What a receiver knows about one stream. The first group is set by zkz_wire_rx_init(), the second moves on with
 * every accepted frame. Owned by the thread that receives from the stream.
 */
struct zkz_wire_rx {
	__u64 cookie;
	__u64 pages;
	__u16 stream;
	__u16 streams;
	bool by_target;			/* the peer is the target */
	bool resumed;			/* the connection replaces a broken one, set by zkz_wire_rx_resume() */

	enum zkz_wire_phase phase;
	bool final;			/* the current pass is the final one */
	bool fetch;			/* and a fetch */
	__u8 want;			/* acknowledgement that we wait for, 0: none (peer is the target) */
	__u32 pass;			/* current pass, or the next one */
	__u64 seq;			/* of the next frame */
	struct zkz_counts in_pass;
	struct zkz_counts total;
	__u64 next_chunk;		/* least chunk that REMAINING may name */
	__u64 remaining;		/* pages named by REMAINING */
	__u64 wanted;			/* pages named by WANT */
};

/* Each way a frame can be wrong; zkz_wire_text() has the sentence. */
enum zkz_wire_error {
	ZKZ_WIRE_OK,
	ZKZ_WIRE_BAD_MAGIC,
	ZKZ_WIRE_BAD_CRC,
	ZKZ_WIRE_BAD_VERSION,
	ZKZ_WIRE_BAD_TYPE,
	ZKZ_WIRE_BAD_DIRECTION,
	ZKZ_WIRE_BAD_FLAGS,
	ZKZ_WIRE_BAD_COOKIE,
	ZKZ_WIRE_BAD_SEQ,
	ZKZ_WIRE_BAD_LENGTH,
	ZKZ_WIRE_BAD_STRAY_EXTENT,
	ZKZ_WIRE_BAD_EMPTY,
	ZKZ_WIRE_BAD_BEYOND,
	ZKZ_WIRE_BAD_CHUNK,
	ZKZ_WIRE_BAD_STREAM,
	ZKZ_WIRE_BAD_QUOTA,
	ZKZ_WIRE_BAD_PASS,
	ZKZ_WIRE_BAD_NO_HELLO,
	ZKZ_WIRE_BAD_HELLO_TWICE,
	ZKZ_WIRE_BAD_OUTSIDE_PASS,
	ZKZ_WIRE_BAD_INSIDE_PASS,
	ZKZ_WIRE_BAD_NO_FINAL,
	ZKZ_WIRE_BAD_AFTER_FINAL,
	ZKZ_WIRE_BAD_AFTER_END,
	ZKZ_WIRE_BAD_UNASKED,
	ZKZ_WIRE_BAD_HELLO_PAGES,
	ZKZ_WIRE_BAD_HELLO_PAGE_SIZE,
	ZKZ_WIRE_BAD_HELLO_CHUNK,
	ZKZ_WIRE_BAD_HELLO_STREAM,
	ZKZ_WIRE_BAD_HELLO_STREAMS,
	ZKZ_WIRE_BAD_HELLO_FEATURES,
	ZKZ_WIRE_BAD_HELLO_RESUME,
	ZKZ_WIRE_BAD_PASS_COUNTS,
	ZKZ_WIRE_BAD_STREAM_TOTALS,
	ZKZ_WIRE_BAD_SESSION_TOTALS,
	ZKZ_WIRE_BAD_REASON,
	ZKZ_WIRE_BAD_REMAINING,
	ZKZ_WIRE_BAD_REMAINING_ORDER,
	ZKZ_WIRE_BAD_IN_REMAINING,
	ZKZ_WIRE_BAD_FETCH_COUNT,
	ZKZ_WIRE_BAD_FETCH_MISSING,
	ZKZ_WIRE_BAD_RESUME,
	ZKZ_WIRE_ERRORS,
};

const char *zkz_wire_text(enum zkz_wire_error err);
const char *zkz_wire_type_name(__u8 type);

void zkz_wire_encode(const struct zkz_frame *frame, __u8 buf[ZKZ_WIRE_HEADER_SIZE]);
enum zkz_wire_error zkz_wire_decode(const __u8 buf[ZKZ_WIRE_HEADER_SIZE], struct zkz_frame *frame);

void zkz_wire_rx_init(struct zkz_wire_rx *rx, __u64 cookie, __u64 pages, __u16 stream, __u16 streams,
		      bool by_target);
enum zkz_wire_error zkz_wire_accept(struct zkz_wire_rx *rx, const struct zkz_frame *frame);

void zkz_wire_put_hello(const struct zkz_hello *hello, __u8 buf[ZKZ_WIRE_HELLO_SIZE]);
enum zkz_wire_error zkz_wire_get_hello(const struct zkz_wire_rx *rx, const __u8 buf[ZKZ_WIRE_HELLO_SIZE],
				       struct zkz_hello *hello);
void zkz_wire_put_counts(const struct zkz_counts *counts, __u8 buf[ZKZ_WIRE_COUNTS_SIZE]);
void zkz_wire_get_counts(const __u8 buf[ZKZ_WIRE_COUNTS_SIZE], struct zkz_counts *counts);
void zkz_wire_rx_resume(struct zkz_wire_rx *rx, __u32 pass);
void zkz_wire_put_remaining(const __u64 bits[ZKZ_WIRE_CHUNK_PAGES / 64], __u8 buf[ZKZ_WIRE_REMAINING_SIZE]);
enum zkz_wire_error zkz_wire_get_remaining(struct zkz_wire_rx *rx, const struct zkz_frame *frame,
					   const __u8 buf[ZKZ_WIRE_REMAINING_SIZE],
					   __u64 bits[ZKZ_WIRE_CHUNK_PAGES / 64]);
void zkz_wire_put_number(__u64 number, __u8 buf[ZKZ_WIRE_FETCH_SIZE]);
__u64 zkz_wire_get_number(const __u8 buf[ZKZ_WIRE_FETCH_SIZE]);
bool zkz_counts_equal(const struct zkz_counts *a, const struct zkz_counts *b);
void zkz_counts_add(struct zkz_counts *sum, const struct zkz_counts *more);
void zkz_counts_extent(struct zkz_counts *counts, __u8 type, __u32 pages);
enum zkz_wire_error zkz_wire_check_reason(const __u8 *text, __u32 length);

#endif /* _ZKZ_WIRE_H */
