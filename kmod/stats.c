// SPDX-License-Identifier: GPL-2.0
/*
 * Summing up the counters of a session.
 */
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/minmax.h>

#include "session.h"
#include "stats.h"
#include "track.h"

static void sum_up(struct zkz_session *session, struct zkz_sums *sums)
{
	unsigned int i;

	memset(sums, 0, sizeof(*sums));
	for (i = 0; i < session->nr_streams; i++) {
		const struct zkz_flow *flow = &session->streams[i].flow;

		sums->flow.data += READ_ONCE(flow->data);
		sums->flow.zero += READ_ONCE(flow->zero);
		sums->flow.hole += READ_ONCE(flow->hole);
		sums->flow.poison += READ_ONCE(flow->poison);
		sums->flow.skipped += READ_ONCE(flow->skipped);
		sums->flow.bytes += READ_ONCE(flow->bytes);
		sums->flow.ns_send += READ_ONCE(flow->ns_send);
		sums->flow.ns_wait += READ_ONCE(flow->ns_wait);
		sums->flow.demand += READ_ONCE(flow->demand);
		sums->flow.pushed += READ_ONCE(flow->pushed);
		sums->flow.duplicate += READ_ONCE(flow->duplicate);
		sums->flow.wants += READ_ONCE(flow->wants);
	}
	sums->sticky = READ_ONCE(session->tally.sticky);
	sums->wp_calls = READ_ONCE(session->tally.wp_calls);
	sums->ns_harvest = READ_ONCE(session->tally.ns_harvest);
	sums->faults = READ_ONCE(session->tally.faults);
	sums->ns_slowed = READ_ONCE(session->tally.ns_slowed);
}

static void subtract(struct zkz_sums *a, const struct zkz_sums *b)
{
	a->flow.data -= b->flow.data;
	a->flow.zero -= b->flow.zero;
	a->flow.hole -= b->flow.hole;
	a->flow.poison -= b->flow.poison;
	a->flow.skipped -= b->flow.skipped;
	a->flow.bytes -= b->flow.bytes;
	a->flow.ns_send -= b->flow.ns_send;
	a->flow.ns_wait -= b->flow.ns_wait;
	a->sticky -= b->sticky;
	a->wp_calls -= b->wp_calls;
	a->ns_harvest -= b->ns_harvest;
	a->faults -= b->faults;
}

/* What is known about the pages of a fetch. */
static void ask_fetch(struct zkz_session *session, struct zkz_snapshot *snap)
{
	struct zkz_absent *a = zkz_see(&session->absent);
	unsigned int i;

	if (a) {
		spin_lock(&a->lock);
		snap->fetch = a->stats;
		spin_unlock(&a->lock);
		snap->missing = atomic_long_read(&a->nr);
	}
	if (session->role == ZKZ_ROLE_SOURCE) {
		snap->fetch.requests = snap->total.flow.wants;
		for (i = 0; i < session->nr_streams; i++)
			snap->missing += READ_ONCE(session->streams[i].left);
	}
}

/* What the tracker knows now. The file of a torn down session is no longer ours to ask. */
static u64 ask_tracker(struct zkz_session *session)
{
	u64 dirty = 0;

	mutex_lock(&session->mem_lock);
	if (session->mem && session->role == ZKZ_ROLE_SOURCE) {
		dirty = zkz_track_dirty(session->mem);
		/* the tracker starts over when it stops, we do not */
		if (session->tracking) {
			WRITE_ONCE(session->tally.faults, zkz_track_faults(session->mem));
			WRITE_ONCE(session->tally.ns_slowed, zkz_track_slowed(session->mem));
		}
	}
	mutex_unlock(&session->mem_lock);
	return dirty;
}

/**
 * zkz_stats_pass_begin() - a pass begins now
 * @session: of which the caller is the coordinator, or whose first stream enters a pass
 * @pages_total: pages that the pass has to send, as far as known
 */
void zkz_stats_pass_begin(struct zkz_session *session, u64 pages_total)
{
	struct zkz_tally *tally = &session->tally;

	sum_up(session, &tally->base);
	tally->pass_total = pages_total;
	tally->pass_began = ktime_get_ns();
	WRITE_ONCE(tally->pass_ended, 0);
}

/**
 * zkz_stats_pass_end() - the pass is over
 * @session: as for zkz_stats_pass_begin()
 */
void zkz_stats_pass_end(struct zkz_session *session)
{
	zkz_count(&session->tally.passes, 1);
	WRITE_ONCE(session->tally.pass_ended, ktime_get_ns());
}

/**
 * zkz_stats_died() - the session ended or failed; the first call counts
 * @session: stops ageing
 */
void zkz_stats_died(struct zkz_session *session)
{
	cmpxchg(&session->tally.died, 0, ktime_get_ns());
}

/**
 * zkz_stats_snapshot() - sum up everything
 * @session: may be in any state
 * @snap: filled
 *
 * Context: may sleep; takes session->mem_lock.
 */
void zkz_stats_snapshot(struct zkz_session *session, struct zkz_snapshot *snap)
{
	const struct zkz_tally *tally = &session->tally;
	/* Before what is compared with them: a pass may begin meanwhile, and no difference is negative. */
	struct zkz_sums base = tally->base;
	u64 pass_total = tally->pass_total;
	u64 began = READ_ONCE(tally->pass_began);
	u64 ended = READ_ONCE(tally->pass_ended);
	u64 died = READ_ONCE(tally->died);
	u64 now;

	smp_rmb();	/* the counters grow: read later they are not smaller */
	now = ktime_get_ns();
	memset(snap, 0, sizeof(*snap));
	snap->pages_dirty = ask_tracker(session);
	snap->pages_present = zkz_mem_present(zkz_mem_from_file(session->file));
	sum_up(session, &snap->total);
	ask_fetch(session, snap);
	snap->pass = snap->total;
	subtract(&snap->pass, &base);
	snap->pages_done = snap->pass.flow.data + snap->pass.flow.zero + snap->pass.flow.hole +
			   snap->pass.flow.poison + snap->pass.flow.skipped;
	/* a guest that keeps writing adds pages to a pass; one that discards memory takes some away */
	snap->pages_total = ended ? snap->pages_done : max(pass_total, snap->pages_done);
	snap->passes = READ_ONCE(tally->passes);
	snap->ns_total = (died ?: now) - tally->born;
	if (began)
		snap->ns_pass = max(ended ?: died ?: now, began) - began;
}
