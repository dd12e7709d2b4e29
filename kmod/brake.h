/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_BRAKE_H
#define _ZKZ_BRAKE_H

#include <linux/atomic.h>
#include <linux/types.h>

/*
 * Makes those who write to tracked pages wait a little at each first write, so that a guest that writes faster than
 * the link sends leaves less of every pass. The budget is a part of the time, in percent: no thread waits longer than
 * that part of any stretch of time, but for BURST. Who does not write does not wait.
 *
 *   allowed  |            . ' |  percent of the time since the brake was pulled
 *            |        . '     |
 *            |    . '---------|- paid: what the threads of a slot have waited; each wait is what lies in between
 *            +----------------+
 *
 * Threads are told apart by their number, and those of one slot share its budget: they wait less than they might.
 */
#define ZKZ_BRAKE_SLOTS	64

/**
 * struct zkz_brake - of one tracked memory
 * @percent: of the time, 0: off
 * @since: ktime when it was pulled
 * @total: nanoseconds waited by all threads
 * @paid: the same by slot, with what has lapsed
 */
struct zkz_brake {
	u32 percent;
	u64 since;
	atomic64_t total;
	atomic64_t paid[ZKZ_BRAKE_SLOTS];
};

/* Pull or release. One caller at a time; threads may be taking turns meanwhile. */
void zkz_brake_set(struct zkz_brake *brake, u32 percent, u64 now);

/* How long the caller, thread @who, has to wait now, in nanoseconds. It counts as waited. */
u64 zkz_brake_turn(struct zkz_brake *brake, unsigned int who, u64 now);

#endif /* _ZKZ_BRAKE_H */
