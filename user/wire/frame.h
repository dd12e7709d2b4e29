/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames of the control channel, as bytes. Pure: no I/O, no JSON.
 *
 *   0      3   4         8              8 + length
 *   +------+---+---------+--------------+
 *   | ZKZ  | 1 | length  | JSON object  |      length: u32, little endian
 *   +------+---+---------+--------------+
 *
 * The bytes of the peer are hostile: a frame is bounded, and a stream that has
 * once been malformed stays so.
 */
#ifndef ZKZ_WIRE_FRAME_H
#define ZKZ_WIRE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_HEADER_SIZE	8
#define FRAME_MAX_BODY		(1024 * 1024)
#define FRAME_VERSION		1

/** enum frame_status - what frame_next() found */
enum frame_status {
	FRAME_MORE,		/* not a whole frame yet */
	FRAME_READY,		/* one body */
	FRAME_BAD_MAGIC,	/* not our protocol at all */
	FRAME_BAD_VERSION,
	FRAME_EMPTY,
	FRAME_TOO_LONG,
};

/**
 * struct frame_reader - bytes received and not yet used
 * @buf:  owned
 * @len:  bytes in @buf
 * @used: of them, the ones that belong to the frame returned last
 * @cap:  size of @buf, at most one frame of the largest size
 */
struct frame_reader {
	uint8_t *buf;
	size_t len;
	size_t used;
	size_t cap;
};

/** frame_reader_fini() - free the buffer */
void frame_reader_fini(struct frame_reader *r);

/**
 * frame_space() - where to put the next bytes
 * @r:    reader
 * @room: how many fit is stored here, at least 1
 *
 * Invalidates the body returned last. Never asks for more than the frame that
 * is being received needs, so one reader holds at most one frame.
 * Return: the place, or NULL without memory or after a malformed frame.
 */
void *frame_space(struct frame_reader *r, size_t *room);

/** frame_filled() - @len bytes were put where frame_space() said */
void frame_filled(struct frame_reader *r, size_t len);

/**
 * frame_next() - is there a whole frame?
 * @r:    reader
 * @body: for FRAME_READY, the body; valid until the next frame_space()
 * @len:  its length
 */
enum frame_status frame_next(struct frame_reader *r, const char **body, size_t *len);

/**
 * frame_header() - write the header of a body
 * @hdr: FRAME_HEADER_SIZE bytes
 * @len: length of the body, 1..FRAME_MAX_BODY
 *
 * Return: false if @len is out of range.
 */
bool frame_header(uint8_t *hdr, size_t len);

/** frame_strerror() - what is wrong, as the rest of a sentence */
const char *frame_strerror(enum frame_status status);

#endif
