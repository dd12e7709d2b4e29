/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_POISON_H
#define _ZKZ_POISON_H

#include "mem.h"

#include <linux/page-flags.h>

/*
 * Pages whose content is lost. There are two kinds, and to who wants to see them they are the same: access fails, as
 * SIGBUS with BUS_MCEERR_AR or as EIO, until the page gets new content or is given back.
 *
 *   of this host      memory_failure() has marked the page (PG_hwpoison). It stays in the cache, because it is dirty,
 *                     with a reference of memory_failure()'s own, and the folio has mostly been split. Nobody may touch
 *                     it through the kernel's own mapping: the machine check would be the kernel's.
 *   of another host   the page was lost before its zone came here. The index of each is in mem->poison; the page behind
 *                     it is sound, with whatever it had before, which nobody gets to see. It is there so that a
 *                     harvest finds it: when the zone goes on to the next host, this goes with it.
 *
 * In a chunk that has one of the second kind nothing is mapped hugely, nor around a fault.
 */

/**
 * zkz_poison_add() - the content of pages is lost
 * @mem: claimed by a target, whose set of missing pages guards it, or has these as missing
 * @first: first page
 * @nr: number of pages, in one chunk
 *
 * Sleeps; takes folio locks.
 *
 * Return: 0, or a negative error if there is no memory for that.
 */
int zkz_poison_add(struct zkz_mem *mem, pgoff_t first, unsigned int nr);

/**
 * zkz_poison_clear() - pages have new content
 * @mem: the memory
 * @first: first page; the content is there, or the page is a hole
 * @nr: number of pages
 */
void zkz_poison_clear(struct zkz_mem *mem, pgoff_t first, unsigned long nr);

/**
 * zkz_poison_find() - look for a page that was lost on another host
 * @mem: the memory
 * @index: first page to look at
 * @end: the one after the last
 *
 * Context: does not sleep.
 * Return: the first of them, or @end.
 */
pgoff_t zkz_poison_find(struct zkz_mem *mem, pgoff_t index, pgoff_t end);

/* Was this page lost on another host? One of its chunk? */
static inline bool zkz_poison_page(struct zkz_mem *mem, pgoff_t index)
{
	return zkz_poison_find(mem, index, index + 1) == index;
}

static inline bool zkz_poison_chunk(struct zkz_mem *mem, pgoff_t index)
{
	pgoff_t first = round_down(index, ZKZ_CHUNK_PAGES), end = first + ZKZ_CHUNK_PAGES;

	return zkz_poison_find(mem, first, end) < end;
}

/**
 * zkz_poison_punched() - pages were given back
 * @mem: the memory
 * @first: first page
 * @nr: number of pages
 *
 * Where memory_failure() has found a page mapped, it leaves a mark in the page table. Truncation takes that for a
 * private copy and keeps it, and there are none here.
 */
void zkz_poison_punched(struct zkz_mem *mem, pgoff_t first, unsigned long nr);

/**
 * zkz_sound_pages() - how many pages of a folio can be touched?
 * @folio: of the cache; the caller has a reference
 * @from: number of the first page within it
 * @nr: how many are wanted
 *
 * Return: how many from @from on are not marked by memory_failure(), up to @nr.
 */
unsigned int zkz_sound_pages(struct folio *folio, unsigned int from, unsigned int nr);

/**
 * zkz_zero_sound() - clear bytes of a folio, but for pages that must not be touched
 * @folio: locked
 * @from: first byte
 * @to: the one after the last
 */
void zkz_zero_sound(struct folio *folio, size_t from, size_t to);

/**
 * zkz_poison_keep() - a folio is removed from the cache
 * @folio: locked, still with the references that the cache had
 *
 * Single pages that memory_failure() has marked are never allocated again. A huge folio that it could not split,
 * because something held a page of it, would be: the allocator looks at the mark of no page of it. It is kept for ever.
 */
void zkz_poison_keep(struct folio *folio);

/* May @folio have pages that memory_failure() has marked? */
static inline bool zkz_folio_poisoned(struct folio *folio)
{
	return folio_test_large(folio) ? folio_test_has_hwpoisoned(folio) : folio_test_hwpoison(folio);
}

#endif /* _ZKZ_POISON_H */
