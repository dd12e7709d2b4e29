/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_HARVEST_H
#define _ZKZ_HARVEST_H

#include "brake.h"
#include "track.h"

/* What the tracker and its harvest share; everybody else uses track.h. */

/* Chunks protected together. A walk over page tables costs much for itself and little for its length. */
#define ZKZ_WINDOW	512UL
/* Folios locked together; a chunk of single pages more than that ends the window. */
#define ZKZ_WINDOW_FOLIOS	1024UL
/**
 * struct zkz_track - tracking of one memory
 * @nr_chunks: its size
 * @tracked: one bit a chunk; set under the track_lock
 * @dirty: one bit a page; atomic
 * @nr_dirty: bits set in @dirty
 * @seen: present pages of tracked chunks, roughly
 * @nr_tracked: bits set in @tracked; track_lock
 * @window: the harvest's bits; track_lock
 * @scratch: for zkz_wrprotect(); track_lock
 * @folios: locked for the window; track_lock
 * @nr_folios: how many of @folios are in use; track_lock
 * @brake: pulled under the track_lock
 * @around: a write may make its whole chunk writable; set under the track_lock
 * @mixed: @around was set at some time; track_lock
 * @walking: no chunk may become writable as a whole now; set under the track_lock
 * @whole: one bit a chunk: it became so; set under the lock of its folio, cleared with the track_lock as well
 * @noticed: one bit a chunk: a write to it was noticed before its first harvest, see watch.c
 * @notices: those chunks, in that order
 * @nr_notices: how many of @notices are in use, or soon will be
 */
struct zkz_track {
	unsigned long nr_chunks;
	unsigned long *tracked;
	unsigned long *dirty;
	atomic_long_t nr_dirty;
	atomic_long_t seen;
	unsigned long nr_tracked;
	unsigned long *window;
	unsigned long *scratch;
	struct folio **folios;
	unsigned long nr_folios;
	struct zkz_brake brake;
	bool around;
	bool mixed;
	bool walking;
	unsigned long *whole;
	unsigned long *noticed;
	u32 *notices;
	atomic_t nr_notices;
};

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
