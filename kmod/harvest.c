// SPDX-License-Identifier: GPL-2.0
#include "harvest.h"
#include "bitmap.h"
#include "wrprotect.h"

#include <linux/delay.h>
#include <linux/pagemap.h>

/*
 * Walks per window; gaps are taken along until there are no more of them. A guest that runs is interrupted by each
 * walk, so there are few. In the final pass it stands still, and what KVM drops needlessly in the gaps costs more than
 * walks do: so gaps are small, unless that makes very many walks.
 */
#define ZKZ_WINDOW_WALKS	16
#define ZKZ_FINAL_WALKS		256
#define ZKZ_FINAL_GAP		32
#define ZKZ_PIN_RETRIES	3

/* Locks the folio of a page for the window. Returns the index of the first page after it. */
static pgoff_t lock_folio(struct zkz_mem *mem, struct zkz_track *t, pgoff_t index)
{
	struct folio *folio = zkz_lock_folio(zkz_mem_mapping(mem), index);

	if (!folio)
		return index + 1;
	t->folios[t->nr_folios++] = folio;
	return folio_next_index(folio);
}

/*
 * A chunk that somebody may make writable as a whole must not become so while tables around it are walked: the walk
 * takes a writable huge entry for a mistake. It is left alone but for that.
 */
static void hold_chunk(struct zkz_mem *mem, struct zkz_track *t, unsigned long index)
{
	struct folio *folio = zkz_lock_folio(zkz_mem_mapping(mem), index);

	if (folio && folio_test_large(folio)) {
		t->folios[t->nr_folios++] = folio;
	} else if (folio) {
		folio_unlock(folio);
		folio_put(folio);
	}
}

/*
 * A chunk's first harvest: from now on its writes are recorded. A fault that did not see that yet holds
 * the lock of its folio, so it has finished when we have all locks; the unmapping then takes its page away.
 */
static unsigned long gather_fresh(struct zkz_mem *mem, struct zkz_track *t, unsigned long chunk, unsigned long *bits)
{
	struct xarray *pages = &zkz_mem_mapping(mem)->i_pages;
	unsigned long base = chunk * ZKZ_CHUNK_PAGES, index = base, last = base + ZKZ_CHUNK_PAGES - 1, present = 0;

	memset(bits, 0, ZKZ_CHUNK_LONGS * sizeof(long));
	set_bit(chunk, t->tracked);
	/* Pairs with the atomics of a fault that adds its folio before it looks whether we track. */
	smp_mb__after_atomic();
	t->nr_tracked++;
	while (index <= last && xa_find(pages, &index, last, XA_PRESENT)) {
		unsigned long locked = t->nr_folios, next = lock_folio(mem, t, index);

		if (t->nr_folios > locked)
			present += zkz_bitmap_set(bits, index - base, next - index);
		index = next;
	}
	this_cpu_add(t->counts->seen, present);
	return present;
}

/*
 * A later harvest: take the bits first, then the locks. A fault sets its bit and makes the page writable
 * with the folio locked, so what we took is writable, if at all, by the time we have the lock, and what we
 * did not take comes next time.
 */
static unsigned long gather_dirty(struct zkz_mem *mem, struct zkz_track *t, unsigned long chunk, unsigned long *bits)
{
	unsigned long base = chunk * ZKZ_CHUNK_PAGES, bit = 0, taken;

	taken = zkz_bitmap_take(t->dirty + chunk * ZKZ_CHUNK_LONGS, bits, ZKZ_CHUNK_LONGS);
	if (!taken && t->mixed)
		hold_chunk(mem, t, base);
	if (!taken)
		return 0;
	zkz_track_count_dirty(t, -taken);
	for (;;) {
		bit = find_next_bit(bits, ZKZ_CHUNK_PAGES, bit);
		if (bit >= ZKZ_CHUNK_PAGES)
			break;
		bit = lock_folio(mem, t, base + bit) - base;
	}
	return taken;
}

/* Gives a range of the window back to the tracker, as dirty as it was. Returns how many pages that were. */
static unsigned long put_back(struct zkz_track *t, unsigned long first, unsigned long start, unsigned long end)
{
	unsigned long bit = start, pages = 0;

	for_each_set_bit_from(bit, t->window, end) {
		__clear_bit(bit, t->window);
		zkz_track_count_dirty(t, zkz_bitmap_set(t->dirty, first * ZKZ_CHUNK_PAGES + bit, 1));
		pages++;
	}
	return pages;
}

/* How long gaps must be, from @gap on, to leave at most so many walks. */
static unsigned long widen(const unsigned long *map, unsigned long first, unsigned long bits, unsigned long gap,
			   unsigned int most)
{
	unsigned long start, end;
	unsigned int walks;

	for (;; gap *= 2) {
		walks = 0;
		for (start = first; zkz_bitmap_run(map, bits, gap, &start, &end); start = end)
			walks++;
		if (walks <= most)
			return gap;
	}
}

/* Chunks that were writable as a whole lose their mappings: no walk protects such a one. All of them are locked. */
static void unmap_whole(struct zkz_mem *mem, struct zkz_track *t, unsigned long first, unsigned long nr,
			struct zkz_harvest *out)
{
	unsigned long end, start = first, last = first + nr;
	unsigned long gap = widen(t->whole, first, last, 1, ZKZ_WINDOW_WALKS);

	for (; zkz_bitmap_run(t->whole, last, gap, &start, &end); start = end) {
		zkz_unmap(mem, start, end - start);
		out->wp_calls++;
		for (; start < end; start++)
			clear_bit(start, t->whole);
	}
}

/*
 * Few walks over long ranges: each flushes every mapper's TLB and makes KVM drop its mappings there. What
 * could not be protected stays dirty.
 */
static unsigned long protect(struct zkz_mem *mem, struct zkz_track *t, unsigned long first, unsigned long nr,
			     bool final, struct zkz_harvest *out)
{
	unsigned long bits = nr * ZKZ_CHUNK_PAGES, start, end, failed = 0;
	unsigned long gap = widen(t->window, 0, bits, final ? ZKZ_FINAL_GAP : ZKZ_CHUNK_PAGES,
				  final ? ZKZ_FINAL_WALKS : ZKZ_WINDOW_WALKS);

	for (start = 0; zkz_bitmap_run(t->window, bits, gap, &start, &end); start = end) {
		if (!zkz_wrprotect(mem, first * ZKZ_CHUNK_PAGES + start, end - start, t->scratch, final))
			failed += put_back(t, first, start, end);
		out->wp_calls++;
	}
	return failed;
}

/* Unlocks the window's folios, and keeps of @folios only those that may be pinned. */
static void unlock_unpinned(struct zkz_track *t, bool final)
{
	unsigned long i, kept = 0;

	for (i = 0; i < t->nr_folios; i++) {
		struct folio *folio = t->folios[i];
		bool pinned = !final && zkz_folio_pinned(folio);

		folio_unlock(folio);
		if (pinned)
			t->folios[kept++] = folio;
		else
			folio_put(folio);
	}
	t->nr_folios = kept;
}

/* Faults and sends that were in flight let go soon. One look without extra references proves no pin. */
static void recheck_pinned(struct zkz_track *t)
{
	unsigned int try;
	unsigned long i;

	for (try = 0; t->nr_folios && try < ZKZ_PIN_RETRIES; try++) {
		usleep_range(200, 500);
		for (i = 0; i < t->nr_folios; i++)
			folio_lock(t->folios[i]);
		unlock_unpinned(t, false);
	}
}

/* Pinned folios stay dirty. Returns how many of the window's pages that were. */
static unsigned long keep_sticky(struct zkz_track *t, unsigned long first)
{
	unsigned long i, sticky = 0;

	for (i = 0; i < t->nr_folios; i++) {
		struct folio *folio = t->folios[i];
		unsigned long start = folio->index - first * ZKZ_CHUNK_PAGES;

		sticky += put_back(t, first, start, start + folio_nr_pages(folio));
		folio_put(folio);
	}
	t->nr_folios = 0;
	return sticky;
}

unsigned long zkz_harvest_window(struct zkz_mem *mem, struct zkz_track *t, unsigned long first, unsigned long nr,
				 unsigned long *send, bool final, struct zkz_harvest *out)
{
	bool fresh = !test_bit(first, t->tracked);
	unsigned long n = 0, pages = 0, sticky = 0;

	t->nr_folios = 0;
	if (!fresh && t->mixed) {
		WRITE_ONCE(t->walking, true);
		/* Pairs with write_around() */
		smp_mb();
	}
	do {
		unsigned long *bits = t->window + n * ZKZ_CHUNK_LONGS;

		pages += (fresh ? gather_fresh : gather_dirty)(mem, t, first + n, bits);
		n++;
	} while (n < min(nr, ZKZ_WINDOW) && t->nr_folios < ZKZ_WINDOW_FOLIOS &&
		 !test_bit(first + n, t->tracked) == fresh);
	if (fresh && pages) {
		zkz_unmap(mem, first, n);
		out->wp_calls++;
	} else if (!fresh && t->nr_folios) {
		unmap_whole(mem, t, first, n, out);
		sticky = protect(mem, t, first, n, final, out);
	}
	WRITE_ONCE(t->walking, false);
	unlock_unpinned(t, final);
	recheck_pinned(t);
	sticky += keep_sticky(t, first);
	zkz_bitmap_put(send + first * ZKZ_CHUNK_LONGS, t->window, n * ZKZ_CHUNK_LONGS);
	out->pages += pages - sticky;
	out->sticky += sticky;
	return n;
}
