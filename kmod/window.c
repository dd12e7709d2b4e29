// SPDX-License-Identifier: GPL-2.0
/*
 * How a pass is cut into windows: chunks that are harvested together, right before they are sent.
 *
 *   first pass   | calm ... | calm ... | written last | ... | written first |
 *   later ones   | dirty, by address | ...
 *
 * In the first pass what the guest is writing comes at the end: the less time lies between a page's turn and the end
 * of the pass, the less likely it is dirty again then. Of it comes first what was noticed last: a guest that writes
 * memory from one end to the other has just left that, and will be back there latest.
 */
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "session.h"
#include "source.h"
#include "track.h"
#include "window.h"

#define AHEAD		2		/* windows harvested and not sent by every stream */
#define LEAST_WINDOW	8UL		/* chunks: 16 MiB */
#define MOST_WINDOW	512UL
#define MOST_SHIFT	3
#define LONG_NS		(50 * NSEC_PER_MSEC)	/* for a window to be sent */
#define AROUND_LEAST	(64UL << (20 - PAGE_SHIFT))	/* pages: a pass shorter than that is near the end */

/* A pass that is being cut: the window that is open begins at @begin of the session's order, and ends at @end yet. */
struct cut {
	struct zkz_session *session;
	unsigned long size;
	bool final;
	u64 opened;		/* when, in ns */
	unsigned long begin;
	unsigned long end;
};

bool zkz_windows_around(const struct zkz_session *session)
{
	return !session->final && !session->slow &&
	       session->tally.pass_total >= min(AROUND_LEAST, session->pages / 8);
}

static bool harvest_chunks(struct zkz_session *session, unsigned long first, unsigned long nr, bool final)
{
	struct zkz_harvest harvest = { };
	int ret;

	ret = zkz_track_harvest(session->mem, first, nr, session->send, final, &harvest);
	zkz_count(&session->tally.sticky, harvest.sticky);
	zkz_count(&session->tally.wp_calls, harvest.wp_calls);
	zkz_count(&session->tally.ns_harvest, harvest.ns);
	if (ret)
		zkz_session_fail(session, ret, "harvest of chunks %lu to %lu failed: %pe", first, first + nr - 1,
				 ERR_PTR(ret));
	return !ret;
}

/*
 * How many chunks to harvest at a time. What is harvested should travel soon, before it is written again, but each
 * harvest has a price, which every mapper of the memory pays. So a window is as long as makes about 16 MiB to send,
 * less on a slow link, though a chunk for each stream; in the final pass, when nothing is written any more, as long as
 * it can be.
 */
static unsigned long window_size(const struct zkz_session *session, bool final)
{
	u64 dirty = session->tally.pass_total;
	u64 size = LEAST_WINDOW;

	if (final)
		return MOST_WINDOW;
	if (session->pass && dirty)
		size = clamp_t(u64, div64_u64(session->pages * size, dirty), LEAST_WINDOW, MOST_WINDOW);
	return max(size >> session->window_shift, min_t(u64, session->nr_streams, LEAST_WINDOW));
}

/* How many windows every stream has sent. */
static unsigned int slowest(struct zkz_session *session)
{
	unsigned int i, least = UINT_MAX;

	for (i = 0; i < session->nr_streams; i++)
		least = min(least, zkz_see(&session->streams[i].windows_done));
	return least;
}

static void publish(struct cut *cut)
{
	struct zkz_session *session = cut->session;
	struct zkz_window *window = &session->window[session->windows_out % ZKZ_WINDOWS];

	window->first = cut->begin;
	window->nr = cut->end - cut->begin;
	cut->begin = cut->end;
	zkz_publish(&session->windows_out, session->windows_out + 1);
	wake_up_all(&session->wait);
}

/* A window is opened when one has been sent: how long did that take? */
static void learn_size(struct cut *cut)
{
	struct zkz_session *session = cut->session;
	u64 now = ktime_get_ns(), ns = now - cut->opened;

	cut->opened = now;
	if (session->windows_out < AHEAD || cut->final)
		return;
	if (ns > LONG_NS && session->window_shift < MOST_SHIFT)
		session->window_shift++;
	else if (ns < LONG_NS / 4 && session->window_shift)
		session->window_shift--;
	cut->size = window_size(session, false);
}

/* Waits until another window may be opened, if none is. What goes into it is to be chosen after that. */
static bool has_room(struct cut *cut)
{
	struct zkz_session *session = cut->session;

	if (cut->begin < cut->end)
		return !zkz_session_failed(session);
	if (!zkz_wait_streams(session, session->windows_out - slowest(session) < AHEAD))
		return false;
	learn_size(cut);
	return true;
}

/* Harvest chunks for the open window; the streams get it when it is full. */
static bool add(struct cut *cut, unsigned long chunk, unsigned long nr)
{
	if (!harvest_chunks(cut->session, chunk, nr, cut->final))
		return false;
	while (nr--)
		cut->session->order[cut->end++] = chunk++;
	if (cut->end - cut->begin >= cut->size)
		publish(cut);
	cond_resched();
	return true;
}

static bool add_fresh(struct cut *cut, bool calm)
{
	unsigned long chunk = 0, nr;

	while (has_room(cut)) {
		nr = zkz_track_fresh(cut->session->mem, calm, &chunk, cut->size);
		if (!nr)
			return true;
		if (!add(cut, chunk, nr))
			return false;
		chunk += nr;
	}
	return false;
}

static bool add_written(struct cut *cut)
{
	unsigned long left = ULONG_MAX, chunk;

	while (has_room(cut)) {
		if (!zkz_track_latest(cut->session->mem, &left, &chunk))
			return true;
		if (!add(cut, chunk, 1))
			return false;
	}
	return false;
}

static bool add_dirty(struct cut *cut)
{
	struct zkz_session *session = cut->session;
	unsigned long chunk = 0, nr;

	while (has_room(cut)) {
		if (!zkz_track_next(session->mem, &chunk))
			return true;
		nr = min(cut->size, zkz_session_chunks(session) - chunk);
		if (!add(cut, chunk, nr))
			return false;
		chunk += nr;
	}
	return false;
}

static void close_windows(struct zkz_session *session)
{
	zkz_publish(&session->windows_closed, true);
	wake_up_all(&session->wait);
}

bool zkz_windows_make(struct zkz_session *session, bool final)
{
	struct cut cut = { .session = session, .final = final };

	/* Small ones at first: what is being written shows only after a while. */
	if (!session->pass)
		session->window_shift = MOST_SHIFT;
	cut.size = window_size(session, final);
	if (session->pass || final) {
		if (!add_dirty(&cut))
			return false;
	} else {
		zkz_track_watch(session->mem);
		if (!add_fresh(&cut, true) || !add_written(&cut) || !add_fresh(&cut, false))
			return false;
	}
	if (cut.begin < cut.end)
		publish(&cut);
	close_windows(session);
	return true;
}

bool zkz_windows_rest(struct zkz_session *session)
{
	unsigned long chunk = 0, nr;

	while (zkz_track_next(session->mem, &chunk)) {
		nr = min(MOST_WINDOW, zkz_session_chunks(session) - chunk);
		if (zkz_session_failed(session) || !harvest_chunks(session, chunk, nr, true))
			return false;
		chunk += nr;
		cond_resched();
	}
	close_windows(session);
	return true;
}
