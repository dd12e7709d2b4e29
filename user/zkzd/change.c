// SPDX-License-Identifier: GPL-2.0
#include "zkzd/change.h"

#include "lib/io.h"
#include "zone/lock.h"
#include "zone/sweep.h"

#define LOCK_MS		1000
#define ORPHAN_MS	10000

int change_begin(struct request *rq, struct zone_status *st, struct zkz_err *err)
{
	int lock;

	if (zone_status_read(rq->zone, st, err))
		return -1;
	lock = zone_lock(rq->zone, deadline_in_ms(LOCK_MS), err);
	if (lock < 0)
		return -1;
	/* The death of a keeper kills its QEMU, which takes a moment. */
	if (zone_orphan_wait(rq->zone, deadline_in_ms(ORPHAN_MS), err)) {
		io_close(&lock);
		return -1;
	}
	zone_sweep(rq->zone);
	if (zone_status_read(rq->zone, st, err)) {
		io_close(&lock);
		return -1;
	}
	return lock;
}
