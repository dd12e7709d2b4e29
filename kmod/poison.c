// SPDX-License-Identifier: GPL-2.0
/*
 * mem->poison is an xarray, with its own lock for changes and RCU for looks; it is empty in nearly all memories. The
 * streams of a target add to it. Entries go under the folio lock or, for what is given back, the invalidate_lock.
 */
#include "poison.h"
#include "folio.h"
#include "wrprotect.h"

#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/xarray.h>

/* Makes the page of a hole, so that a harvest sees it; and waits for faults that looked before it was marked. */
static int settle(struct zkz_mem *mem, pgoff_t first, unsigned int nr)
{
	struct zkz_fill fill;
	int ret;

	for (; nr; nr -= fill.nr, first += fill.nr) {
		ret = zkz_fill_begin(mem, first, nr, &fill);
		if (ret)
			return ret;
		/* nothing was filled in: a fresh page is cleared */
		zkz_fill_end(&fill, false);
	}
	return 0;
}

int zkz_poison_add(struct zkz_mem *mem, pgoff_t first, unsigned int nr)
{
	pgoff_t index;
	int ret;

	for (index = first; index < first + nr; index++) {
		ret = xa_err(xa_store(&mem->poison, index, xa_mk_value(1), GFP_KERNEL));
		if (ret)
			return ret;
	}
	ret = settle(mem, first, nr);
	/* faults that come now see the marks, and nobody maps around one: see zkz_absent_around() */
	zkz_unmap(mem, first / ZKZ_CHUNK_PAGES, 1);
	return ret;
}

void zkz_poison_clear(struct zkz_mem *mem, pgoff_t first, unsigned long nr)
{
	unsigned long index;
	void *entry;

	if (xa_empty(&mem->poison) || !nr)
		return;
	smp_wmb();	/* the content before the mark; pairs with zkz_poison_find() */
	xa_for_each_range(&mem->poison, index, entry, first, first + nr - 1)
		xa_erase(&mem->poison, index);
}

void zkz_poison_punched(struct zkz_mem *mem, pgoff_t first, unsigned long nr)
{
	struct address_space *mapping = zkz_mem_mapping(mem);

	/* memory_failure() sets it for a dirty page, which ours are */
	if (test_bit(AS_EIO, &mapping->flags))
		unmap_mapping_range(mapping, (loff_t)first << PAGE_SHIFT, (loff_t)nr << PAGE_SHIFT, 1);
	zkz_poison_clear(mem, first, nr);
}

pgoff_t zkz_poison_find(struct zkz_mem *mem, pgoff_t index, pgoff_t end)
{
	unsigned long found = index;

	if (index < end && !xa_empty(&mem->poison) && xa_find(&mem->poison, &found, end - 1, XA_PRESENT))
		end = found;
	smp_rmb();	/* the mark before the content; pairs with zkz_poison_clear() */
	return end;
}

unsigned int zkz_sound_pages(struct folio *folio, unsigned int from, unsigned int nr)
{
	unsigned int i;

	if (!zkz_folio_poisoned(folio))
		return nr;
	for (i = 0; i < nr && !PageHWPoison(folio_page(folio, from + i)); i++)
		;
	return i;
}

void zkz_zero_sound(struct folio *folio, size_t from, size_t to)
{
	size_t stop;

	if (!zkz_folio_poisoned(folio)) {
		folio_zero_range(folio, from, to - from);
		return;
	}
	for (; from < to; from = stop) {
		stop = min(to, round_down(from, PAGE_SIZE) + PAGE_SIZE);
		if (!PageHWPoison(folio_page(folio, from / PAGE_SIZE)))
			folio_zero_range(folio, from, stop - from);
	}
}

void zkz_poison_keep(struct folio *folio)
{
	if (!folio_test_large(folio) || !zkz_folio_poisoned(folio))
		return;
	folio_get(folio);
	pr_warn_ratelimited("zkz: %zu KiB with a page whose memory has failed are not used again\n",
			    folio_size(folio) / 1024);
}
