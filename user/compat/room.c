// SPDX-License-Identifier: GPL-2.0
#include "compat/room.h"

static unsigned long long mib(uint64_t bytes)
{
	return bytes >> 20;
}

int room_decide(const struct room *r, uint64_t need, struct zkz_err *err)
{
	uint64_t least = r->available < r->limit ? r->available : r->limit;
	uint64_t left = least > r->promised ? least - r->promised : 0;

	if (left >= need)
		return 0;
	err_set(err, ERR_NO_MEMORY, "The zone needs %llu MiB of memory, and the target has %llu MiB for it: %llu MiB %s, of which %llu MiB were promised to its other zones",
		mib(need), mib(left), mib(least),
		r->limit < r->available ? "below the limit of its zone memory" : "available", mib(r->promised));
	return err_remedy(err, "Choose another target, or free memory there ('zkz list -v', 'df /run/zkz/mem').");
}
