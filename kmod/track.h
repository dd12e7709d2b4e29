/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_TRACK_H
#define _ZKZ_TRACK_H

#include "mem.h"

/*
 * Which pages of a memory were written since they were last sent.
 *
 *   chunk      0     1     2     3    ...
 *   tracked    1     1     0     0          progressive: a chunk becomes tracked by its first harvest
 *   dirty    0100  0000    -     -          one bit a page; all present pages of an untracked chunk count
 *
 * Invariant: a page of a tracked chunk is dirty, or write-protected in the page tables of every mapper and
 * in their TLBs, before anybody reads it to send it. The folio lock makes that so: a write fault holds it
 * from the moment it sets the bit until the page is writable.
 */

/**
 * struct zkz_harvest - what one call of zkz_track_harvest() did; the call adds to what is there
 * @pages: pages moved
 * @sticky: pages left dirty because something may still write to them
 * @wp_calls: ranges of page tables protected (each costs TLB flushes in every mapper)
 * @ns: time spent
 */
struct zkz_harvest {
	u64 pages;
	u64 sticky;
	u64 wp_calls;
	u64 ns;
};

/**
 * zkz_track_start() - begin to track writes
 * @mem: a memory claimed by a source
 *
 * No chunk is tracked yet: each becomes so by its first harvest.
 *
 * Return: 0, -EBUSY if it is tracked already, -ENOMEM, -EOPNOTSUPP if memory stays pinned for device access
 * (VFIO, RDMA, registered io_uring buffers): a device writes without leaving a trace.
 */
int zkz_track_start(struct zkz_mem *mem);

/**
 * zkz_track_stop() - end tracking, leave nothing behind
 * @mem: the memory, tracked or not
 *
 * The guest may be running. Its 2M mappings come back where they are possible, see rehuge.h. Sleeps.
 */
void zkz_track_stop(struct zkz_mem *mem);

/**
 * zkz_track_harvest() - move dirty pages into a bitmap of pages to send
 * @mem: a tracked memory
 * @first: first chunk
 * @nr: number of chunks; cheapest with as many as the caller can send at once (calls of the page table
 *      walk are shared between neighbouring chunks)
 * @send: bitmap of the whole file; pages moved are set, others not touched
 * @final: the guest is stopped and its I/O is drained: pinned pages are moved too
 * @out: added to
 *
 * Afterwards every page moved is write-protected in all mappers. A page that is pinned (somebody holds a
 * reference for DMA) is not moved, it stays dirty and is counted as sticky, except with @final.
 * A chunk harvested for the first time becomes tracked and contributes all its present pages.
 * Sleeps. One caller at a time.
 *
 * Return: 0, -EINVAL if not tracked or for a bad range, -EINTR if killed (nothing is lost then: every page
 * is either moved or still dirty).
 */
int zkz_track_harvest(struct zkz_mem *mem, unsigned long first, unsigned long nr, unsigned long *send,
		      bool final, struct zkz_harvest *out);

/**
 * zkz_track_again() - which of the harvested pages of a chunk are dirty again?
 * @mem: the memory
 * @chunk: its number
 * @marks: bit a page of the chunk: harvested and not sent yet; those that are dirty again are cleared
 *
 * Sending them would be in vain: a later harvest will find them. The caller knows that there will be one, and that
 * none of this chunk runs now.
 *
 * Return: how many were cleared; none if writes are not tracked any more.
 */
unsigned long zkz_track_again(struct zkz_mem *mem, unsigned long chunk, unsigned long *marks);

/**
 * zkz_track_next() - find a chunk that has something to harvest
 * @mem: a tracked memory
 * @chunk: in: where to begin, this one included; out: the first chunk that is dirty or not tracked yet
 *
 * Return: false if there is none up to the end.
 */
bool zkz_track_next(struct zkz_mem *mem, unsigned long *chunk);

/**
 * zkz_track_watch() - notice which chunks are written before they are harvested
 * @mem: a tracked memory, none of it harvested
 *
 * Takes mappings of 2M away, once: the next write to each of them is noticed, and makes it whole again. Chunks of
 * single pages are left alone, as it would cost a fault for each page. Sleeps.
 */
void zkz_track_watch(struct zkz_mem *mem);

/**
 * zkz_track_fresh() - find chunks that were not harvested yet
 * @mem: a tracked memory
 * @calm: leave out those of which a write was noticed
 * @chunk: in: where to begin, this one included; out: the first of them
 * @most: no more than so many
 *
 * Return: how many there are in a row; 0 if there is none up to the end.
 */
unsigned long zkz_track_fresh(struct zkz_mem *mem, bool calm, unsigned long *chunk, unsigned long most);

/**
 * zkz_track_latest() - find the chunk not harvested yet of which a write was noticed last
 * @mem: a tracked memory
 * @left: in: notices to look at, ULONG_MAX for all; out: those before the chunk's
 * @chunk: set to its number
 *
 * Return: false if there is none. A notice that is being given right now can be overlooked.
 */
bool zkz_track_latest(struct zkz_mem *mem, unsigned long *left, unsigned long *chunk);

/**
 * zkz_track_dirty() - how much there is to harvest
 * @mem: the memory
 *
 * Return: dirty pages of tracked chunks and present pages of others; 0 if not tracked.
 */
u64 zkz_track_dirty(struct zkz_mem *mem);

/**
 * zkz_track_faults() - how many first writes were caught
 * @mem: the memory
 *
 * Return: number of faults since tracking was started; 0 if not tracked.
 */
u64 zkz_track_faults(struct zkz_mem *mem);

/**
 * zkz_track_pass() - what a first write to a page of a tracked chunk costs and does from now on
 * @mem: a tracked memory
 * @slow: writers wait, for so many percent of their time at most, see brake.h; 0: no more
 * @around: a write may make its whole chunk dirty and writable, see zkz_track_write()
 *
 * Until this is called again or tracking stops. Sleeps.
 */
void zkz_track_pass(struct zkz_mem *mem, u32 slow, bool around);

/**
 * zkz_track_slowed() - how long writers have waited for that
 * @mem: a tracked memory
 *
 * Return: nanoseconds, summed over threads, since tracking was started.
 */
u64 zkz_track_slowed(struct zkz_mem *mem);

/* For fault.c: how long to wait, in nanoseconds, before a page is made writable; it counts as waited. */
u64 zkz_track_turn(struct zkz_mem *mem, pgoff_t index);

/**
 * zkz_track_write() - for fault.c: a page is about to become writable
 * @mem: the memory
 * @index: of the page, whose folio is locked until it is writable
 * @huge: its whole chunk could be mapped by one entry
 *
 * Write-around: somebody who fills one chunk will fill its neighbours, too, and then one fault does for a chunk what
 * else takes hundreds. So with @huge a chunk becomes dirty as a whole if another one of its group has become nearly
 * so page by page. The first of a group that is written is thus always seen by pages, and a guess that was wrong
 * costs no more than the rest of its group.
 *
 * Return: true if only this page is dirty, and must become writable without the rest of its chunk.
 */
bool zkz_track_write(struct zkz_mem *mem, pgoff_t index, bool huge);

/* For mem.c and folio.c: the content of pages has changed (already), or pages were added. */
void zkz_track_changed(struct zkz_mem *mem, pgoff_t first, unsigned long nr);
void zkz_track_added(struct zkz_mem *mem, pgoff_t first, unsigned long nr);

#endif /* _ZKZ_TRACK_H */
