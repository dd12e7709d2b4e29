// SPDX-License-Identifier: GPL-2.0
/*
 * The end of a session, or of its connections, that is no success. May happen anywhere and any number of times; the
 * first wins. It records the reason, tells the peer where that can be done at once and breaks the connections, so that
 * every thread of the session comes to an end by itself.
 */
#include <linux/workqueue.h>

#include "absent.h"
#include "event.h"
#include "session.h"
#include "stream.h"
#include "trace.h"

#define GRACE	(HZ / 2)	/* for a sender to get to the end of its frame, to say why it stops */

/* Break what can be broken politely. Returns true if some streams need time to finish their frame. */
static bool cut_streams(struct zkz_session *session)
{
	bool busy = false;
	unsigned int i;

	for (i = 0; i < session->nr_streams; i++)
		busy |= !zkz_stream_try_shut(&session->streams[i]);
	return busy;
}

/**
 * zkz_session_cut() - break connections that did not stop by themselves
 * @work: the session's
 */
void zkz_session_cut(struct work_struct *work)
{
	struct zkz_session *session = container_of(to_delayed_work(work), struct zkz_session, cut);
	unsigned int i;

	for (i = 0; i < session->nr_streams; i++)
		zkz_stream_break(&session->streams[i]);
}

/* What becomes of a session that cannot go on as it is; its lock is held. */
static enum zkz_state after_failure(struct zkz_session *session, bool for_good)
{
	bool fetching = session->state == ZKZ_STATE_FETCHING || session->state == ZKZ_STATE_LOST;

	if (!fetching || for_good)
		return ZKZ_STATE_FAILED;
	/* nothing more is owed to a target that has everything */
	return session->absent && !atomic_long_read(&session->absent->nr) ? ZKZ_STATE_ENDED : ZKZ_STATE_LOST;
}

static void give_up_fetch(struct zkz_session *session, const char *reason)
{
	unsigned long missing = session->absent ? zkz_absent_kill(session->absent) : 0;

	if (missing)
		pr_notice("zkz: session %u: access to %lu pages fails from now on, because they will never come: %s\n",
			  session->id, missing, reason);
}

/* Returns false if somebody else was faster. */
static bool give_up(struct zkz_session *session, int error, const char *reason, bool for_good)
{
	enum zkz_state from, to;
	bool first;

	spin_lock(&session->lock);
	from = session->state;
	to = after_failure(session, for_good);
	first = from != ZKZ_STATE_FAILED && from != ZKZ_STATE_ENDED && (for_good || !session->broken);
	if (first) {
		if (to != ZKZ_STATE_ENDED) {
			session->error = error;
			strscpy(session->reason, reason, sizeof(session->reason));
		}
		WRITE_ONCE(session->broken, to != ZKZ_STATE_FAILED);
		WRITE_ONCE(session->lost, jiffies);
		zkz_publish(&session->state, to);
	}
	spin_unlock(&session->lock);
	if (!first)
		return false;

	if (to == ZKZ_STATE_FAILED)
		give_up_fetch(session, reason);
	if (to != from)
		trace_session_state(session->id, session->role, from, to);
	if (to != ZKZ_STATE_LOST)
		zkz_stats_died(session);
	wake_up_all(&session->wait);
	if (cut_streams(session))
		queue_delayed_work(zkz_workqueue, &session->cut, GRACE);
	zkz_event(session, to == ZKZ_STATE_FAILED ? ZKZ_EVENT_ERROR :
		  to == ZKZ_STATE_ENDED ? ZKZ_EVENT_END : ZKZ_EVENT_LOST);
	zkz_session_remove_orphan(session);
	return true;
}

/**
 * zkz_session_fail() - the session cannot go on with these connections
 * @session: in any state; one that ended or failed before stays as it is
 * @error: negative error number
 * @fmt: a sentence without a full stop, for people
 *
 * Ends the session, unless it is a fetch that can be resumed.
 *
 * Context: may sleep, must not hold session->lock or session->event_lock; may hold one stream->tx.
 * Return: true if this call made it fail.
 */
bool zkz_session_fail(struct zkz_session *session, int error, const char *fmt, ...)
{
	char reason[ZKZ_REASON_MAX + 1];
	va_list args;

	va_start(args, fmt);
	vscnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	return give_up(session, error, reason, false);
}

/**
 * zkz_session_kill() - the session has failed for good
 * @session: as for zkz_session_fail()
 * @error: negative error number
 * @fmt: a sentence without a full stop, for people
 *
 * Return: true if this call made it fail.
 */
bool zkz_session_kill(struct zkz_session *session, int error, const char *fmt, ...)
{
	char reason[ZKZ_REASON_MAX + 1];
	va_list args;

	va_start(args, fmt);
	vscnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	return give_up(session, error, reason, true);
}
