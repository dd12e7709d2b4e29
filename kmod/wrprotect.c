// SPDX-License-Identifier: GPL-2.0
#include "wrprotect.h"
#include "poison.h"

#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>

/* How long ordinary I/O may keep one folio pinned before we take it for a long-term pin. */
#define ZKZ_PIN_POLLS	200
#define ZKZ_PIN_POLL_MS	10

/* Two is the rule; more are needed against an owner who changes protections all the time. */
#define ZKZ_PROTECT_TRIES	8

bool zkz_longterm_refused;

static bool unmap = !IS_ENABLED(CONFIG_MAPPING_DIRTY_HELPERS);
module_param(unmap, bool, 0);
MODULE_PARM_DESC(unmap, "take page table entries away instead of protecting them, as kernels without CONFIG_MAPPING_DIRTY_HELPERS have to");

#ifdef CONFIG_MAPPING_DIRTY_HELPERS
static unsigned long make_clean(struct address_space *mapping, pgoff_t first, unsigned long nr,
				unsigned long *scratch)
{
	pgoff_t start = 0, end = 0;

	/* Which ones were dirty says nothing new: the fault handler has recorded every one of them. */
	return clean_record_shared_mapping_range(mapping, first, nr, first, scratch, &start, &end);
}

static bool protect(struct address_space *mapping, pgoff_t first, unsigned long nr, unsigned long *scratch, bool once)
{
	unsigned long protected, cleaned;
	int try;

	/*
	 * Between the two walks mprotect() may make a protected entry writable again, because it is still
	 * dirty. A round that found nothing to do, in this order, proves that none is left: what is writable
	 * by the second walk was dirty at the first, and the second would have found it so.
	 *
	 * Core ends a walk, without a word, at the first mapping that may never become writable; zkz_mmap() admits
	 * none.
	 */
	for (try = 0; try < ZKZ_PROTECT_TRIES; try++) {
		protected = wp_shared_mapping_range(mapping, first, nr);
		if (once)
			return true;
		cleaned = make_clean(mapping, first, nr, scratch);
		if (!protected && !cleaned)
			return true;
	}
	return false;
}
#else
static bool protect(struct address_space *mapping, pgoff_t first, unsigned long nr, unsigned long *scratch, bool once)
{
	return false;
}
#endif

bool zkz_wrprotect(struct zkz_mem *mem, pgoff_t first, unsigned long nr, unsigned long *scratch, bool once)
{
	struct address_space *mapping = zkz_mem_mapping(mem);

	if (!unmap)
		return protect(mapping, first, nr, scratch, once);
	unmap_mapping_range(mapping, (loff_t)first << PAGE_SHIFT, (loff_t)nr << PAGE_SHIFT, 0);
	return true;
}

void zkz_unmap(struct zkz_mem *mem, unsigned long chunk, unsigned long nr)
{
	unmap_mapping_range(zkz_mem_mapping(mem), (loff_t)chunk << ZKZ_CHUNK_SHIFT, (loff_t)nr << ZKZ_CHUNK_SHIFT, 0);
}

/*
 * A new single page waits in a per-CPU batch, which holds a reference, to be put on the unevictable list. On an
 * idle CPU it waits for ever. Once there it keeps the flag, so without it that reference is still held.
 */
static bool waits_for_lru(struct folio *folio)
{
	return !folio_test_unevictable(folio);
}

bool zkz_folio_pinned(struct folio *folio)
{
	bool waits = waits_for_lru(folio);
	/*
	 * Under the folio lock mappings only go away, and each drops its count before its reference. So read
	 * the references first: what goes away in between makes us say "pinned" once too often, never hides
	 * a pin.
	 */
	int refs = folio_ref_count(folio);

	/* memory_failure() keeps a reference for ever; what is lost need not be waited for */
	if (!folio_test_large(folio) && zkz_folio_poisoned(folio))
		return false;
	/* Pairs with the full barrier of the atomic that drops a reference. */
	smp_rmb();
	waits = waits && waits_for_lru(folio);
	return refs > folio_nr_pages(folio) + zkz_folio_mapcount(folio) + waits + 1;
}

/* One of many looks is enough to tell a pin that ends from one that stays. */
static bool folio_stays_pinned(struct folio *folio)
{
	int i;

	for (i = 0; i < ZKZ_PIN_POLLS; i++) {
		if (!folio_maybe_dma_pinned(folio))
			return false;
		if (fatal_signal_pending(current))
			return true;
		msleep(ZKZ_PIN_POLL_MS);
	}
	return true;
}

bool zkz_pinned_longterm(struct zkz_mem *mem, pgoff_t first, unsigned long nr)
{
	struct address_space *mapping = zkz_mem_mapping(mem);
	unsigned long index = first, max = first + nr - 1;
	bool pinned = false;

	if (READ_ONCE(zkz_longterm_refused))
		return false;
	while (!pinned && xa_find(&mapping->i_pages, &index, max, XA_PRESENT)) {
		struct folio *folio = zkz_find_folio(mapping, index);

		if (!folio) {
			index++;
			continue;
		}
		pinned = folio_stays_pinned(folio);
		index = folio_next_index(folio);
		folio_put(folio);
		cond_resched();
	}
	return pinned;
}
