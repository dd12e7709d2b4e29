/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_FOLIO_H
#define _ZKZ_FOLIO_H

#include "mem.h"

/**
 * struct zkz_fill - an extent of a target's memory that is being received
 * @folio: locked by zkz_fill_begin(), unlocked by zkz_fill_end()
 * @fresh: newly allocated: not uptodate, nobody can read or map it yet
 * @first: page index in the file
 * @nr: number of pages, all inside @folio
 */
struct zkz_fill {
	struct folio *folio;
	bool fresh;
	pgoff_t first;
	unsigned int nr;
};

/**
 * zkz_folio_get() - look up a present page
 * @mem: the memory
 * @index: page index
 *
 * Return: the referenced, unlocked folio (order 0 or %ZKZ_CHUNK_ORDER) that holds the page, or NULL for a
 * hole. The caller drops the reference.
 */
struct folio *zkz_folio_get(struct zkz_mem *mem, pgoff_t index);

/**
 * zkz_folio_demand() - look up a page, allocate it if it is a hole
 * @mem: the memory
 * @index: page index
 * @nowait: do not wait for a folio that somebody has locked
 *
 * A chunk without any page gets one huge folio where the file system has them and one is free, otherwise
 * the page alone. New folios are cleared. Sleeps; takes the invalidate_lock shared.
 *
 * Return: the referenced, locked, uptodate folio, or an error pointer: -ENOSPC over the size limit of the
 * file system, -ENOMEM, -EFAULT behind the end of the file, -EINTR if killed, -EAGAIN with @nowait.
 */
struct folio *zkz_folio_demand(struct zkz_mem *mem, pgoff_t index, bool nowait);

/**
 * zkz_fill_begin() - prepare to receive pages
 * @mem: a memory claimed by a target
 * @first: first page
 * @nr: number of pages, inside one chunk and the file
 * @fill: filled in; may cover fewer pages than @nr (@fill->nr says), then call again for the rest
 *
 * What will be received is not cleared before. A fresh folio has its part outside of the extent cleared.
 * Sleeps; the caller then holds the folio lock and must soon call zkz_fill_end(). One folio at a time.
 *
 * Return: 0, -EINVAL for a bad range, -ENOSPC, -ENOMEM, -EINTR; -EHWPOISON if the first page is a part of a huge folio
 * that memory_failure() has marked and could not split.
 */
int zkz_fill_begin(struct zkz_mem *mem, pgoff_t first, unsigned int nr, struct zkz_fill *fill);

/**
 * zkz_fill_end() - publish what was received
 * @fill: from zkz_fill_begin()
 * @ok: everything was received; if not, a fresh folio is cleared, so that no stale memory is ever seen
 */
void zkz_fill_end(struct zkz_fill *fill, bool ok);

/* For mem.c and file.c, invalidate_lock held: return the charge of folios that have left the cache. */
void zkz_folio_uncharge_removed(struct zkz_mem *mem);

#endif /* _ZKZ_FOLIO_H */
