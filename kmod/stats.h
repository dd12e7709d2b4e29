/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters of a session. Each is written by one thread and read by anybody without a lock; a snapshot may therefore
 * mix moments, but no value in it was never true.
 */
#ifndef _ZKZ_STATS_H
#define _ZKZ_STATS_H

#include <linux/compiler.h>
#include <linux/types.h>

#include "absent.h"

struct zkz_session;

/* What one stream moved; written by its thread. */
struct zkz_flow {
	u64 data;		/* pages */
	u64 zero;		/* also those a source knew to be zero and left out */
	u64 hole;
	u64 poison;		/* whose content is lost */
	u64 skipped;		/* source: written again before they left, so left for later */
	u64 bytes;		/* headers and payload, both directions */
	u64 ns_send;		/* source: sending; target: receiving payload */
	u64 ns_wait;		/* waiting for acknowledgements */
	u64 demand;		/* pages of a fetch: that the target had asked for */
	u64 pushed;		/* that it had not */
	u64 duplicate;		/* that came twice (target), or were asked for when they had left (source) */
	u64 wants;		/* source: pages asked for */
};

/* Sums over streams, and what the coordinator counts. */
struct zkz_sums {
	struct zkz_flow flow;
	u64 sticky;
	u64 wp_calls;
	u64 faults;
	u64 ns_harvest;
	u64 ns_slowed;
};

/* Kept in the session; written by the coordinator, or under the session's lock on a target. */
struct zkz_tally {
	u64 sticky;
	u64 wp_calls;
	u64 ns_harvest;
	u64 passes;		/* completed */
	u64 faults;		/* last value read from the tracker */
	u64 ns_slowed;		/* likewise */
	u64 pass_total;		/* pages to send when the pass began */
	u64 born;		/* ktime of creation */
	u64 died;		/* ktime of end or failure, 0: lives */
	u64 pass_began;
	u64 pass_ended;		/* 0: runs */
	struct zkz_sums base;	/* at the beginning of the pass */
};

/* One consistent enough picture for userspace. */
struct zkz_snapshot {
	struct zkz_sums total;
	struct zkz_sums pass;
	u64 pages_total;
	u64 pages_done;
	u64 pages_dirty;
	u64 pages_present;
	u64 passes;
	u64 ns_pass;
	u64 ns_total;
	struct zkz_absent_stats fetch;
	u64 missing;
};

/* Add to a counter that only this thread writes. */
static inline void zkz_count(u64 *counter, u64 more)
{
	WRITE_ONCE(*counter, *counter + more);
}

void zkz_stats_pass_begin(struct zkz_session *session, u64 pages_total);
void zkz_stats_pass_end(struct zkz_session *session);
void zkz_stats_died(struct zkz_session *session);
void zkz_stats_snapshot(struct zkz_session *session, struct zkz_snapshot *snap);

#endif /* _ZKZ_STATS_H */
