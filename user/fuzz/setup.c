// SPDX-License-Identifier: GPL-2.0
/* The end of QEMU's setup is the same place however the stream is cut. */
#include <string.h>

#include "fuzz.h"
#include "qemu/setup.h"

typedef size_t (*find_fn)(const uint8_t *buf, size_t len, bool *found);

/* As the worker does: what is left over comes first in the next piece. */
static size_t in_pieces(find_fn find, const uint8_t *data, size_t size, size_t piece, bool *found)
{
	size_t done = 0, have = 0;

	*found = false;
	while (!*found && have < size) {
		have = size - have > piece ? have + piece : size;
		done += find(data + done, have - done, found);
		FUZZ_ASSERT(done <= have && (*found || have - done < QEMU_SETUP_MARK_MAX));
	}
	return done;
}

static size_t place(find_fn find, const uint8_t *data, size_t size, bool *found)
{
	size_t end = find(data, size, found), piece;
	bool again;

	FUZZ_ASSERT(end <= size && (!*found || size - end >= QEMU_SETUP_MARK));
	FUZZ_ASSERT(!*found || data[end] == 0x7e);
	for (piece = 1; piece < 17; piece++) {
		FUZZ_ASSERT(in_pieces(find, data, size, piece, &again) == end);
		FUZZ_ASSERT(again == *found);
	}
	return end;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool begun, found;
	size_t first = place(qemu_setup_begun, data, size, &begun), end = place(qemu_setup_end, data, size, &found);

	FUZZ_ASSERT(!found || data[end + 5] == 0x03 || data[end + 5] == 0x08);
	FUZZ_ASSERT(!begun || data[first + 5] == 0x02 || data[first + 5] == 0x03 || data[first + 5] == 0x08);
	FUZZ_ASSERT(!found || (begun && first <= end));
	return 0;
}
