// SPDX-License-Identifier: GPL-2.0
#include "brake.h"

#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#define LONGEST	(2 * NSEC_PER_MSEC)	/* one wait; the lock of the mapping is held for it */
#define LEAST	(20 * NSEC_PER_USEC)	/* less is not worth a timer */
#define BURST	(20 * NSEC_PER_MSEC)	/* budget that was not used and can still be */

void zkz_brake_set(struct zkz_brake *brake, u32 percent, u64 now)
{
	unsigned int i;

	if (READ_ONCE(brake->percent) == percent)
		return;
	/* Who reads an old value of one and a new one of the other waits for too long or not at all, once. */
	WRITE_ONCE(brake->percent, 0);
	for (i = 0; i < ZKZ_BRAKE_SLOTS; i++)
		atomic64_set(&brake->paid[i], 0);
	WRITE_ONCE(brake->since, now);
	WRITE_ONCE(brake->percent, percent);
}

u64 zkz_brake_turn(struct zkz_brake *brake, unsigned int who, u64 now)
{
	u32 percent = READ_ONCE(brake->percent);
	atomic64_t *slot = &brake->paid[who % ZKZ_BRAKE_SLOTS];
	s64 elapsed, allowed, paid, base, wait;

	/* pulled just now, perhaps after the caller looked at the clock */
	elapsed = now - READ_ONCE(brake->since);
	if (!percent || elapsed <= 0)
		return 0;
	allowed = div_u64((u64)elapsed * percent, 100);
	paid = atomic64_read(slot);
	base = max(paid, allowed - (s64)BURST);
	wait = min(allowed - base, (s64)LONGEST);
	/* who loses a race for the slot has had its budget taken by another thread */
	if (wait < (s64)LEAST || atomic64_cmpxchg(slot, paid, base + wait) != paid)
		return 0;
	atomic64_add(wait, &brake->total);
	return wait;
}
