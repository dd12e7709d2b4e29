/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_HARVEST_H
#define _ZKZ_HARVEST_H

#include "brake.h"
#include "track.h"

#include <linux/cache.h>
#include <linux/percpu.h>

/* What the tracker and its harvest share; everybody else uses track.h. */

/* Chunks protected together. A walk over page tables costs much for itself and little for its length. */
#define ZKZ_WINDOW	512UL
/* Folios locked together; a chunk of single pages more than that ends the window. */
#define ZKZ_WINDOW_FOLIOS	1024UL

/**
 * struct zkz_track_counts - what faults count, for each processor: every first write comes by here
 * @dirty: bits set in the bitmap of dirty pages, less those cleared; of use only as the sum of all processors
 * @seen: present pages of tracked chunks, roughly; likewise
 * @faults: first writes
 */
struct zkz_track_counts {
	long dirty;
	long seen;
	unsigned long faults;
};

/**
 * struct zkz_track - tracking of one memory
 * @nr_chunks: its size
 * @tracked: one bit a chunk; set under the track_lock
 * @dirty: one bit a page; atomic
 * @counts: added to by anybody
 * @whole: one bit a chunk: a write made all of it dirty and writable; set under the lock of its folio, cleared with
 *	the track_lock as well
 * @noticed: one bit a chunk: a write to it was noticed before its first harvest, see watch.c
 * @notices: those chunks, in that order
 * @around: a write may make its whole chunk writable; set under the track_lock
 * @brake: pulled under the track_lock
 * @nr_tracked: bits set in @tracked; track_lock
 * @window: the harvest's bits; track_lock
 * @scratch: for zkz_wrprotect(); track_lock
 * @folios: locked for the window; track_lock
 * @nr_folios: how many of @folios are in use; track_lock
 * @mixed: @around was set at some time; track_lock
 * @walking: no chunk may become writable as a whole now; set under the track_lock
 * @nr_notices: how many of @notices are in use, or soon will be
 *
 * What every first write reads comes first, and is written when a pass begins at most.
 */
struct zkz_track {
	unsigned long nr_chunks;
	unsigned long *tracked;
	unsigned long *dirty;
	struct zkz_track_counts __percpu *counts;
	unsigned long *whole;
	unsigned long *noticed;
	u32 *notices;
	bool around;
	struct zkz_brake brake ____cacheline_aligned_in_smp;

	/* what harvests write */
	unsigned long nr_tracked ____cacheline_aligned_in_smp;
	unsigned long *window;
	unsigned long *scratch;
	struct folio **folios;
	unsigned long nr_folios;
	bool mixed;
	bool walking;
	atomic_t nr_notices;
};

static inline void zkz_track_count_dirty(struct zkz_track *t, long pages)
{
	this_cpu_add(t->counts->dirty, pages);
}

/* For track.c, in watch.c: a chunk that is not tracked yet is being written. */
void zkz_watch_notice(struct zkz_track *t, unsigned long chunk);

/**
 * zkz_harvest_window() - harvest as many chunks as can be protected together
 * @mem: the memory, its track_lock held
 * @t: its tracking
 * @first: first chunk
 * @nr: how many are wanted, not 0
 * @send: pages moved are set
 * @final: nothing is sticky
 * @out: added to
 *
 * They are all harvested for the first time, or all for a later one.
 *
 * Return: how many that were.
 */
unsigned long zkz_harvest_window(struct zkz_mem *mem, struct zkz_track *t, unsigned long first, unsigned long nr,
				 unsigned long *send, bool final, struct zkz_harvest *out);

#endif /* _ZKZ_HARVEST_H */
