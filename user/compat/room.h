/* SPDX-License-Identifier: GPL-2.0 */
/* Has a host the memory for a zone that is about to come? Pure. */
#ifndef ZKZ_COMPAT_ROOM_H
#define ZKZ_COMPAT_ROOM_H

#include <stdint.h>

#include "lib/err.h"

/**
 * struct room - memory of a host, in bytes
 * @available: that can be had without swapping
 * @limit:     that zone memory may still take, by the limit of its file system
 * @promised:  that its other zones have not taken yet, but may at any time
 */
struct room {
	uint64_t available;
	uint64_t limit;
	uint64_t promised;
};

/**
 * room_decide() - a failure unless there is room for @need bytes more
 *
 * What was promised to other zones counts as taken: they must not die of one that comes.
 */
int room_decide(const struct room *r, uint64_t need, struct zkz_err *err);

#endif
