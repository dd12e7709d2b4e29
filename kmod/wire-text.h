/* SPDX-License-Identifier: GPL-2.0 */
/* For wire.c alone: what it has to say about each error. */
#ifndef _ZKZ_WIRE_TEXT_H
#define _ZKZ_WIRE_TEXT_H

#include "wire.h"

static const char *const error_text[ZKZ_WIRE_ERRORS] = {
	[ZKZ_WIRE_OK]			= "nothing is wrong",
	[ZKZ_WIRE_BAD_MAGIC]		= "not a zkz frame (wrong magic)",
	[ZKZ_WIRE_BAD_CRC]		= "header checksum is wrong",
	[ZKZ_WIRE_BAD_VERSION]		= "the peer speaks another version of the protocol",
	[ZKZ_WIRE_BAD_TYPE]		= "unknown frame type",
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
	[ZKZ_WIRE_BAD_HELLO_RESUME]	= "only one side resumes a fetch",
	[ZKZ_WIRE_BAD_PASS_COUNTS]	= "counts of the pass differ from what travelled",
	[ZKZ_WIRE_BAD_STREAM_TOTALS]	= "totals of the stream differ from what travelled",
	[ZKZ_WIRE_BAD_SESSION_TOTALS]	= "totals of the session differ from what travelled",
	[ZKZ_WIRE_BAD_REASON]		= "reason is not printable text",
	[ZKZ_WIRE_BAD_REMAINING]	= "page range is not one chunk, or none of its pages is named",
	[ZKZ_WIRE_BAD_REMAINING_ORDER]	= "chunks are not in ascending order",
	[ZKZ_WIRE_BAD_IN_REMAINING]	= "only REMAINING and FETCH may come here",
	[ZKZ_WIRE_BAD_FETCH_COUNT]	= "number of pages to fetch differs from those named",
	[ZKZ_WIRE_BAD_FETCH_MISSING]	= "the fetch ended with pages missing",
	[ZKZ_WIRE_BAD_RESUME]		= "only a fetch can be resumed",
};

#endif /* _ZKZ_WIRE_TEXT_H */
