/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What travels on the data streams of a replication. Documentation/wire.rst tells the rules and the order of frames.
 *
 * A stream is one connected TCP socket. It carries frames and nothing else, in both directions. A frame is a header
 * of 48 bytes and as many bytes of payload as the header says. All numbers are little-endian.
 *
 *        0        4   5   6      8               16              24
 *       +--------+---+---+------+---------------+---------------+
 *       | magic  |ver|typ|flags |    cookie     |   sequence    |
 *       +--------+---+---+------+---------------+---------------+
 *       24              32       36       40       44       48
 *       +---------------+--------+--------+--------+--------+
 *       |  first page   | pages  | length |  pass  | CRC32C |
 *       +---------------+--------+--------+--------+--------+
 */
#ifndef _UAPI_LINUX_ZKZ_WIRE_H
#define _UAPI_LINUX_ZKZ_WIRE_H

#include <linux/types.h>
#ifndef __KERNEL__
#include <stddef.h>
#endif

#define ZKZ_WIRE_MAGIC		0x315a4b5a	/* "ZKZ1" as bytes */
#define ZKZ_WIRE_VERSION	2

#define ZKZ_WIRE_PAGE_SIZE	4096
#define ZKZ_WIRE_CHUNK_PAGES	512		/* 2 MiB; an extent never leaves its chunk */
#define ZKZ_WIRE_REASON_MAX	255

/* Frame types. Numbers are never used twice; unknown ones are refused. */
enum zkz_wire_type {
	ZKZ_WIRE_HELLO		= 1,	/* both ways, first; payload zkz_wire_hello */
	ZKZ_WIRE_DATA		= 2,	/* extent with its content */
	ZKZ_WIRE_ZERO		= 3,	/* extent that reads as zero */
	ZKZ_WIRE_HOLE		= 4,	/* extent that became a hole */
	ZKZ_WIRE_PASS_BEGIN	= 5,
	ZKZ_WIRE_PASS_END	= 6,	/* payload zkz_wire_counts of this stream and pass */
	ZKZ_WIRE_PASS_ACK	= 7,	/* to the source; the same counts, as received */
	ZKZ_WIRE_END		= 8,	/* payload zkz_wire_totals */
	ZKZ_WIRE_END_ACK	= 9,	/* to the source; the same totals, as received */
	ZKZ_WIRE_ABORT		= 10,	/* both ways, last; payload is the reason, text without NUL */
	ZKZ_WIRE_REMAINING	= 11,	/* pages of a chunk still to come; payload a bit each */
	ZKZ_WIRE_WANT		= 12,	/* to the source: somebody waits for these pages */
	ZKZ_WIRE_ALIVE		= 13,	/* inside a pass: nothing to send just now */
	ZKZ_WIRE_FETCH		= 14,	/* all of REMAINING was said; payload the number of pages */
	ZKZ_WIRE_FETCH_ACK	= 15,	/* to the source: these pages are waited for now; the same number */
	ZKZ_WIRE_POISON		= 16,	/* extent whose content is lost */
};

/* Flags of PASS_BEGIN; every other flag, and any flag of another type, is refused. */
#define ZKZ_WIRE_F_FINAL	0x0001		/* the guest is stopped, END follows this pass */
#define ZKZ_WIRE_F_FETCH	0x0002		/* with FINAL: the target may run before the pages have come */

struct zkz_wire_header {
	__le32 magic;
	__u8   version;
	__u8   type;
	__le16 flags;
	__le64 cookie;			/* of the session, agreed on outside */
	__le64 seq;			/* of the frame in its stream and direction, from 0 */
	__le64 first;			/* of a page range: first page; otherwise 0 */
	__le32 pages;			/* of a page range: number of pages; otherwise 0 */
	__le32 length;			/* bytes of payload */
	__le32 pass;			/* number of the pass; 0 in HELLO, ABORT */
	__le32 crc;			/* CRC32C of the 44 bytes before */
};

#define ZKZ_WIRE_HEADER_SIZE	48

/* HELLO: both sides must agree on everything but the features. */
struct zkz_wire_hello {
	__le64 pages;			/* size of the memory */
	__le32 page_size;
	__le32 chunk_pages;
	__le16 stream;			/* index of this stream */
	__le16 streams;			/* how many there are */
	__le32 features;
};

#define ZKZ_WIRE_HELLO_SIZE	24

/* From the target: the memory was all holes when the session began, so what was never sent reads as zero. */
#define ZKZ_WIRE_FEATURE_VIRGIN	0x00000001
/* From both or none: this connection replaces one that broke in a fetch. */
#define ZKZ_WIRE_FEATURE_RESUME	0x00000002

/* A receiver takes no notice of those that it does not know: they may be offered to a peer of an older release. */
#define ZKZ_WIRE_FEATURES_OPTIONAL	0xffff0000

/* What was sent on a stream. Pages that a source leaves out are in none of the counts. */
struct zkz_wire_counts {
	__le64 frames;			/* DATA, ZERO, HOLE and POISON */
	__le64 data;			/* pages */
	__le64 zero;
	__le64 hole;
	__le64 poison;
};

#define ZKZ_WIRE_COUNTS_SIZE	40

struct zkz_wire_totals {
	struct zkz_wire_counts stream;	/* everything this stream carried */
	struct zkz_wire_counts session;	/* everything all streams carried */
};

#define ZKZ_WIRE_TOTALS_SIZE	80

/* REMAINING: bit i % 8 of byte i / 8 is page i of the chunk. FETCH, FETCH_ACK: pages of this stream, 8 bytes. */
#define ZKZ_WIRE_REMAINING_SIZE	(ZKZ_WIRE_CHUNK_PAGES / 8)
#define ZKZ_WIRE_FETCH_SIZE	8

#define ZKZ_WIRE_ASSERT_AT(type, member, where) \
	_Static_assert(offsetof(struct type, member) == (where), #type "." #member " moved")

_Static_assert(sizeof(struct zkz_wire_header) == ZKZ_WIRE_HEADER_SIZE, "header size");
_Static_assert(sizeof(struct zkz_wire_hello) == ZKZ_WIRE_HELLO_SIZE, "hello size");
_Static_assert(sizeof(struct zkz_wire_counts) == ZKZ_WIRE_COUNTS_SIZE, "counts size");
_Static_assert(sizeof(struct zkz_wire_totals) == ZKZ_WIRE_TOTALS_SIZE, "totals size");
ZKZ_WIRE_ASSERT_AT(zkz_wire_header, magic, 0);
ZKZ_WIRE_ASSERT_AT(zkz_wire_header, version, 4);
ZKZ_WIRE_ASSERT_AT(zkz_wire_header, type, 5);
ZKZ_WIRE_ASSERT_AT(zkz_wire_header, flags, 6);
ZKZ_WIRE_ASSERT_AT(zkz_wire_header, cookie, 8);
ZKZ_WIRE_ASSERT_AT(zkz_wire_header, seq, 16);
ZKZ_WIRE_ASSERT_AT(zkz_wire_header, first, 24);
ZKZ_WIRE_ASSERT_AT(zkz_wire_header, pages, 32);
ZKZ_WIRE_ASSERT_AT(zkz_wire_header, length, 36);
ZKZ_WIRE_ASSERT_AT(zkz_wire_header, pass, 40);
ZKZ_WIRE_ASSERT_AT(zkz_wire_header, crc, 44);
ZKZ_WIRE_ASSERT_AT(zkz_wire_hello, stream, 16);
ZKZ_WIRE_ASSERT_AT(zkz_wire_hello, features, 20);

#endif /* _UAPI_LINUX_ZKZ_WIRE_H */
