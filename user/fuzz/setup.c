// SPDX-License-Identifier: GPL-2.0
/* The end of QEMU's setup is the same place however the stream is cut. */
#include <string.h>

#include "fuzz.h"
#include "qemu/setup.h"

/* As the worker does: what is left over comes first in the next piece. */
static size_t in_pieces(const uint8_t *data, size_t size, size_t piece, bool *found)
{
	size_t done = 0, have = 0;

	*found = false;
	while (!*found && have < size) {
		have = size - have > piece ? have + piece : size;
		done += qemu_setup_end(data + done, have - done, found);
		FUZZ_ASSERT(done <= have && (*found || have - done < QEMU_SETUP_MARK_MAX));
	}
	return done;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool found, again;
	size_t end, piece;

	end = qemu_setup_end(data, size, &found);
	FUZZ_ASSERT(end <= size && (!found || size - end >= QEMU_SETUP_MARK));
	FUZZ_ASSERT(!found || (data[end] == 0x7e && (data[end + 5] == 0x03 || data[end + 5] == 0x08)));
	for (piece = 1; piece < 17; piece++) {
		FUZZ_ASSERT(in_pieces(data, size, piece, &again) == end);
		FUZZ_ASSERT(again == found);
	}
	return 0;
}
