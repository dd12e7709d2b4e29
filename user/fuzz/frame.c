// SPDX-License-Identifier: GPL-2.0
/* Frames of the control channel: the pieces in which bytes arrive must not matter. */
#include <string.h>

#include "fuzz.h"
#include "wire/frame.h"

#define MAX_FRAMES	64

/** struct outcome - what came out of a stream of bytes */
struct outcome {
	enum frame_status last;
	unsigned int frames;
	uint64_t sum;
};

static void body(struct outcome *o, const char *bytes, size_t len)
{
	FUZZ_ASSERT(len > 0 && len <= FRAME_MAX_BODY);
	while (len--)
		o->sum = o->sum * 31 + (uint8_t)*bytes++;
	o->frames++;
}

static struct outcome read_all(const uint8_t *data, size_t size, size_t piece)
{
	struct frame_reader r = { 0 };
	struct outcome o = { .last = FRAME_MORE };

	while (o.frames < MAX_FRAMES) {
		const char *bytes;
		size_t len, room, n;
		void *to;

		o.last = frame_next(&r, &bytes, &len);
		if (o.last == FRAME_READY) {
			body(&o, bytes, len);
		} else if (o.last != FRAME_MORE) {
			FUZZ_ASSERT(frame_strerror(o.last)[0]);
			break;
		} else if (!size) {
			break;
		}
		to = frame_space(&r, &room);
		FUZZ_ASSERT(to && room);
		n = size < piece ? size : piece;
		if (n > room)
			n = room;
		memcpy(to, data, n);
		frame_filled(&r, n);
		data += n;
		size -= n;
	}
	frame_reader_fini(&r);
	return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome whole = read_all(data, size, size ? size : 1);
	struct outcome pieces = read_all(data, size, 3);

	FUZZ_ASSERT(whole.frames == pieces.frames && whole.sum == pieces.sum && whole.last == pieces.last);
	return 0;
}
