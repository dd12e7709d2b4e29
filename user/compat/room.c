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
	if (r->limit < r->available)
		return err_target_no_room_in_limit(err, mib(need), mib(left), mib(least), mib(r->promised));
	return err_target_no_room(err, mib(need), mib(left), mib(least), mib(r->promised));
}
