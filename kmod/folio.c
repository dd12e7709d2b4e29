// SPDX-License-Identifier: GPL-2.0
/*
 * Where folios come from. Only here are they added to the cache, always under the invalidate_lock, so that
 * who holds it exclusively sees the charge of a file and its cache agree.
 */
#include "folio.h"
#include "absent.h"
#include "fs.h"
#include "poison.h"
#include "track.h"

#include <linux/highmem.h>
#include <linux/pagemap.h>

/* A huge page that does not fit must not, even for a moment, keep a small one from fitting. */
static bool charge(struct zkz_mem *mem, unsigned long nr)
{
	struct zkz_sb *zsb = zkz_sb_of(mem->vfs_inode.i_sb);
	long max = READ_ONCE(zsb->max_pages), used = atomic_long_read(&zsb->used);

	do {
		if (max && used + (long)nr > max)
			return false;
	} while (!atomic_long_try_cmpxchg(&zsb->used, &used, used + nr));
	atomic_long_add(nr, &mem->charged);
	return true;
}

static void uncharge(struct zkz_mem *mem, unsigned long nr)
{
	atomic_long_sub(nr, &mem->charged);
	atomic_long_sub(nr, &zkz_sb_of(mem->vfs_inode.i_sb)->used);
}

void zkz_folio_uncharge_removed(struct zkz_mem *mem)
{
	unsigned long present = zkz_mem_present(mem), charged = atomic_long_read(&mem->charged);

	if (charged > present)
		uncharge(mem, charged - present);
}

/* Clears @nr pages of a locked folio, from its page number @from on. */
static void clear_run(struct folio *folio, unsigned int from, unsigned int nr)
{
	unsigned int i;

	for (i = from; i < from + nr; i++) {
		clear_highpage(folio_page(folio, i));
		cond_resched();
	}
}

/*
 * Clears pages of a folio that was just allocated, unless the allocator has done so, as hardened kernels do for every
 * page. It cannot be told not to where content is about to be received.
 */
static void clear_new(struct zkz_mem *mem, struct folio *folio, unsigned int from, unsigned int nr)
{
	if (!want_init_on_alloc(mapping_gfp_mask(zkz_mem_mapping(mem))))
		clear_run(folio, from, nr);
}

/* Returns the new folio locked, referenced and not uptodate. */
static struct folio *add_folio(struct zkz_mem *mem, pgoff_t index, unsigned int order, gfp_t gfp)
{
	struct address_space *mapping = zkz_mem_mapping(mem);
	unsigned long nr = 1UL << order;
	struct folio *folio;
	int err;

	/* A huge page is worth one round of compaction, no more. */
	if (order)
		gfp |= __GFP_NOWARN | __GFP_NORETRY;
	if (!charge(mem, nr))
		return ERR_PTR(-ENOSPC);
	folio = zkz_alloc_folio(gfp, order);
	if (!folio) {
		uncharge(mem, nr);
		return ERR_PTR(-ENOMEM);
	}
	err = filemap_add_folio(mapping, folio, index, gfp);
	if (err) {
		folio_put(folio);
		uncharge(mem, nr);
		return ERR_PTR(err);
	}
	folio_mark_dirty(folio);
	zkz_track_added(mem, index, nr);
	return folio;
}

static bool chunk_is_empty(struct zkz_mem *mem, pgoff_t first)
{
	unsigned long index = first;

	return !xa_find(&zkz_mem_mapping(mem)->i_pages, &index, first + ZKZ_CHUNK_PAGES - 1, XA_PRESENT);
}

/*
 * Adds the huge folio or the page for a hole. -EEXIST: somebody was faster. Truncation holds the
 * invalidate_lock, so nothing is added behind the end of the file.
 */
static struct folio *fill_hole(struct zkz_mem *mem, pgoff_t index, gfp_t more)
{
	struct address_space *mapping = zkz_mem_mapping(mem);
	gfp_t gfp = mapping_gfp_mask(mapping) | more;
	pgoff_t first = round_down(index, ZKZ_CHUNK_PAGES);
	struct folio *folio = NULL;

	filemap_invalidate_lock_shared(mapping);
	if (index >= zkz_mem_pages(mem)) {
		folio = ERR_PTR(-EFAULT);
	} else if (zkz_fs_huge(zkz_sb_of(mem->vfs_inode.i_sb)) && chunk_is_empty(mem, first)) {
		folio = add_folio(mem, first, ZKZ_CHUNK_ORDER, gfp);
		/* No huge page is free, or so much would be over the limit: a single one may still be had. */
		if (folio == ERR_PTR(-ENOMEM) || folio == ERR_PTR(-ENOSPC))
			folio = NULL;
	}
	if (!folio)
		folio = add_folio(mem, index, 0, gfp);
	filemap_invalidate_unlock_shared(mapping);
	return folio;
}

struct folio *zkz_folio_get(struct zkz_mem *mem, pgoff_t index)
{
	return zkz_find_folio(zkz_mem_mapping(mem), index);
}

/* Locks a present folio: NULL for a hole, -EAGAIN if it is locked and @nowait, -EINTR if killed. */
static struct folio *lock_present(struct zkz_mem *mem, pgoff_t index, bool nowait)
{
	struct address_space *mapping = zkz_mem_mapping(mem);
	struct folio *folio;
	int err = 0;

	for (;;) {
		folio = zkz_find_folio(mapping, index);
		if (!folio)
			return NULL;
		/* While an extent is being received its folio can be locked for long. */
		if (nowait)
			err = folio_trylock(folio) ? 0 : -EAGAIN;
		else
			err = folio_lock_killable(folio);
		if (err)
			break;
		if (folio->mapping == mapping)
			return folio;
		folio_unlock(folio);
		folio_put(folio);
	}
	folio_put(folio);
	return ERR_PTR(err);
}

struct folio *zkz_folio_demand(struct zkz_mem *mem, pgoff_t index, bool nowait)
{
	struct folio *folio;

	do {
		folio = lock_present(mem, index, nowait);
		if (folio)
			return folio;
		folio = fill_hole(mem, index, 0);
	} while (folio == ERR_PTR(-EEXIST));

	if (!IS_ERR(folio)) {
		clear_new(mem, folio, 0, folio_nr_pages(folio));
		folio_mark_uptodate(folio);
	}
	return folio;
}

/* Clears pages of a fresh folio, but for those that have still to come and that nobody sees before. */
static void clear_seen(struct zkz_mem *mem, struct folio *folio, unsigned int from, unsigned int nr)
{
	unsigned int i;

	if (!zkz_absent_chunk(mem, folio->index)) {
		clear_new(mem, folio, from, nr);
		return;
	}
	for (i = from; i < from + nr; i++) {
		if (!zkz_absent_page(mem, folio->index + i))
			clear_new(mem, folio, i, 1);
	}
}

/* Gives a page back that memory_failure() has marked, so that a sound one can be had. */
static void drop_page(struct zkz_mem *mem, pgoff_t index)
{
	struct address_space *mapping = zkz_mem_mapping(mem);
	loff_t pos = (loff_t)index << PAGE_SHIFT;

	filemap_invalidate_lock(mapping);
	truncate_pagecache_range(&mem->vfs_inode, pos, pos + PAGE_SIZE - 1);
	zkz_poison_punched(mem, index, 1);
	zkz_folio_uncharge_removed(mem);
	filemap_invalidate_unlock(mapping);
}

/* As lock_present(), for somebody who will write to the page: NULL also if what was there is gone. */
static struct folio *lock_sound(struct zkz_mem *mem, pgoff_t index)
{
	struct folio *folio = lock_present(mem, index, false);

	if (IS_ERR_OR_NULL(folio) || folio_test_large(folio) || !zkz_folio_poisoned(folio))
		return folio;
	folio_unlock(folio);
	folio_put(folio);
	drop_page(mem, index);
	return NULL;
}

int zkz_fill_begin(struct zkz_mem *mem, pgoff_t first, unsigned int nr, struct zkz_fill *fill)
{
	unsigned long pages = zkz_mem_pages(mem);
	struct folio *folio;
	unsigned int from;

	if (!nr || first >= pages || nr > pages - first ||
	    first / ZKZ_CHUNK_PAGES != (first + nr - 1) / ZKZ_CHUNK_PAGES)
		return -EINVAL;
	fill->fresh = false;
	do {
		folio = lock_sound(mem, first);
		if (folio)
			break;
		/* A stream that finds no memory fails; killing processes would not give it any. */
		folio = fill_hole(mem, first, __GFP_RETRY_MAYFAIL | __GFP_NOWARN);
		fill->fresh = !IS_ERR(folio);
	} while (folio == ERR_PTR(-EEXIST));
	if (IS_ERR(folio))
		return PTR_ERR(folio);

	fill->folio = folio;
	fill->first = first;
	fill->nr = min_t(unsigned long, nr, folio_next_index(folio) - first);
	fill->nr = zkz_sound_pages(folio, first - folio->index, fill->nr);
	if (!fill->nr) {
		folio_unlock(folio);
		folio_put(folio);
		return -EHWPOISON;
	}
	if (fill->fresh) {
		from = first - folio->index;
		clear_seen(mem, folio, 0, from);
		clear_seen(mem, folio, from + fill->nr, folio_nr_pages(folio) - from - fill->nr);
	}
	return 0;
}

void zkz_fill_end(struct zkz_fill *fill, bool ok)
{
	struct folio *folio = fill->folio;

	if (fill->fresh) {
		if (!ok)
			clear_run(folio, fill->first - folio->index, fill->nr);
		folio_mark_uptodate(folio);
	}
	folio_unlock(folio);
	folio_put(folio);
	fill->folio = NULL;
}
