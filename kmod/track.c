// SPDX-License-Identifier: GPL-2.0
#include "track.h"
#include "bitmap.h"
#include "folio.h"
#include "fs.h"
#include "rehuge.h"
#include "wrprotect.h"

#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

/* Chunks protected together. A walk over page tables costs much for itself and little for its length. */
#define ZKZ_WINDOW	512UL
/* Folios locked together; a chunk of single pages more than that ends the window. */
#define ZKZ_WINDOW_FOLIOS	1024UL
/* Walks per window; gaps are taken along until there are no more of them. */
#define ZKZ_WINDOW_WALKS	16
#define ZKZ_PIN_RETRIES	3

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
};

static void track_free(struct zkz_track *t)
{
	kvfree(t->tracked);
	kvfree(t->dirty);
	kvfree(t->window);
	kvfree(t->scratch);
	kvfree(t->folios);
	kfree(t);
}

static struct zkz_track *track_alloc(unsigned long nr_chunks)
{
	struct zkz_track *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return NULL;
	t->nr_chunks = nr_chunks;
	t->tracked = kvcalloc(BITS_TO_LONGS(nr_chunks), sizeof(long), GFP_KERNEL);
	t->dirty = kvcalloc(nr_chunks, ZKZ_CHUNK_LONGS * sizeof(long), GFP_KERNEL);
	t->window = kvcalloc(ZKZ_WINDOW, ZKZ_CHUNK_LONGS * sizeof(long), GFP_KERNEL);
	t->scratch = kvcalloc(ZKZ_WINDOW, ZKZ_CHUNK_LONGS * sizeof(long), GFP_KERNEL);
	t->folios = kvcalloc(ZKZ_WINDOW_FOLIOS + ZKZ_CHUNK_PAGES, sizeof(*t->folios), GFP_KERNEL);
	if (t->tracked && t->dirty && t->window && t->scratch && t->folios)
		return t;
	track_free(t);
	return NULL;
}

int zkz_track_start(struct zkz_mem *mem)
{
	struct zkz_track *t;
	int err = 0;

	mutex_lock(&mem->track_lock);
	if (rcu_access_pointer(mem->track)) {
		err = -EBUSY;
		goto out;
	}
	if (zkz_pinned_longterm(mem)) {
		err = -EOPNOTSUPP;
		goto out;
	}
	t = track_alloc(zkz_mem_pages(mem) / ZKZ_CHUNK_PAGES);
	if (!t) {
		err = -ENOMEM;
		goto out;
	}
	atomic64_set(&mem->faults, 0);
	rcu_assign_pointer(mem->track, t);
out:
	mutex_unlock(&mem->track_lock);
	return err;
}

void zkz_track_stop(struct zkz_mem *mem)
{
	struct zkz_track *t;

	mutex_lock(&mem->track_lock);
	t = rcu_dereference_protected(mem->track, lockdep_is_held(&mem->track_lock));
	if (t) {
		RCU_INIT_POINTER(mem->track, NULL);
		synchronize_rcu();
		if (t->nr_tracked)
			zkz_rehuge(mem);
		track_free(t);
	}
	mutex_unlock(&mem->track_lock);
}

bool zkz_track_write(struct zkz_mem *mem, pgoff_t index)
{
	struct zkz_track *t;
	bool tracked = false;

	rcu_read_lock();
	t = rcu_dereference(mem->track);
	if (t && index / ZKZ_CHUNK_PAGES < t->nr_chunks && test_bit(index / ZKZ_CHUNK_PAGES, t->tracked)) {
		tracked = true;
		if (!test_and_set_bit(index, t->dirty))
			atomic_long_inc(&t->nr_dirty);
		atomic64_inc(&mem->faults);
	}
	rcu_read_unlock();
	return tracked;
}

/* Marks those pages of a range that are in tracked chunks; RCU read lock held. */
static void mark(struct zkz_track *t, pgoff_t first, unsigned long nr)
{
	pgoff_t end = min(first + nr, t->nr_chunks * ZKZ_CHUNK_PAGES);

	while (first < end) {
		pgoff_t stop = min(end, round_down(first, ZKZ_CHUNK_PAGES) + ZKZ_CHUNK_PAGES);

		if (test_bit(first / ZKZ_CHUNK_PAGES, t->tracked))
			atomic_long_add(zkz_bitmap_set(t->dirty, first, stop - first), &t->nr_dirty);
		first = stop;
	}
}

void zkz_track_changed(struct zkz_mem *mem, pgoff_t first, unsigned long nr)
{
	struct zkz_track *t;

	/* The change before the test: a chunk that becomes tracked now is looked through after that. */
	smp_mb();
	rcu_read_lock();
	t = rcu_dereference(mem->track);
	if (t)
		mark(t, first, nr);
	rcu_read_unlock();
}

void zkz_track_added(struct zkz_mem *mem, pgoff_t first, unsigned long nr)
{
	struct zkz_track *t;

	rcu_read_lock();
	t = rcu_dereference(mem->track);
	if (t && first / ZKZ_CHUNK_PAGES < t->nr_chunks && test_bit(first / ZKZ_CHUNK_PAGES, t->tracked))
		atomic_long_add(nr, &t->seen);
	rcu_read_unlock();
}

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
	atomic_long_add(present, &t->seen);
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
	if (!taken)
		return 0;
	atomic_long_sub(taken, &t->nr_dirty);
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
		atomic_long_add(zkz_bitmap_set(t->dirty, first * ZKZ_CHUNK_PAGES + bit, 1), &t->nr_dirty);
		pages++;
	}
	return pages;
}

/*
 * Few walks over long ranges: each flushes every mapper's TLB and makes KVM drop its mappings there. What
 * could not be protected stays dirty.
 */
static unsigned long protect(struct zkz_mem *mem, struct zkz_track *t, unsigned long first, unsigned long nr,
			     bool final, struct zkz_harvest *out)
{
	unsigned long bits = nr * ZKZ_CHUNK_PAGES, gap = ZKZ_CHUNK_PAGES / 2, start, end, failed = 0;
	unsigned int walks;

	do {
		gap *= 2;
		walks = 0;
		for (start = 0; zkz_bitmap_run(t->window, bits, gap, &start, &end); start = end)
			walks++;
	} while (walks > ZKZ_WINDOW_WALKS);
	for (start = 0; zkz_bitmap_run(t->window, bits, gap, &start, &end); start = end)
		if (!zkz_wrprotect(mem, first * ZKZ_CHUNK_PAGES + start, end - start, t->scratch) && !final)
			failed += put_back(t, first, start, end);
	out->wp_calls += walks;
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

/*
 * Harvests from @first on as many of @nr chunks as can be protected together: they are all harvested for
 * the first time or all for a later one. Returns how many that were.
 */
static unsigned long harvest_window(struct zkz_mem *mem, struct zkz_track *t, unsigned long first, unsigned long nr,
				    unsigned long *send, bool final, struct zkz_harvest *out)
{
	bool fresh = !test_bit(first, t->tracked);
	unsigned long n = 0, pages = 0, sticky = 0;

	t->nr_folios = 0;
	do {
		unsigned long *bits = t->window + n * ZKZ_CHUNK_LONGS;

		pages += (fresh ? gather_fresh : gather_dirty)(mem, t, first + n, bits);
		n++;
	} while (n < min(nr, ZKZ_WINDOW) && t->nr_folios < ZKZ_WINDOW_FOLIOS &&
		 !test_bit(first + n, t->tracked) == fresh);
	if (!pages)
		return n;

	if (fresh) {
		zkz_unmap(mem, first, n);
		out->wp_calls++;
	} else if (t->nr_folios) {
		sticky = protect(mem, t, first, n, final, out);
	}
	unlock_unpinned(t, final);
	recheck_pinned(t);
	sticky += keep_sticky(t, first);
	zkz_bitmap_put(send + first * ZKZ_CHUNK_LONGS, t->window, n * ZKZ_CHUNK_LONGS);
	out->pages += pages - sticky;
	out->sticky += sticky;
	return n;
}

int zkz_track_harvest(struct zkz_mem *mem, unsigned long first, unsigned long nr, unsigned long *send,
		      bool final, struct zkz_harvest *out)
{
	u64 start = ktime_get_ns();
	struct zkz_track *t;
	unsigned long n;
	int err = 0;

	mutex_lock(&mem->track_lock);
	t = rcu_dereference_protected(mem->track, lockdep_is_held(&mem->track_lock));
	if (!t || first > t->nr_chunks || nr > t->nr_chunks - first)
		err = -EINVAL;
	while (!err && nr) {
		n = harvest_window(mem, t, first, nr, send, final, out);
		first += n;
		nr -= n;
		if (fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	mutex_unlock(&mem->track_lock);
	out->ns += ktime_get_ns() - start;
	return err;
}

bool zkz_track_next(struct zkz_mem *mem, unsigned long *chunk)
{
	struct zkz_track *t;
	bool found = false;

	rcu_read_lock();
	t = rcu_dereference(mem->track);
	for (; t && *chunk < t->nr_chunks; ++*chunk) {
		found = !test_bit(*chunk, t->tracked) ||
			zkz_bitmap_any(t->dirty + *chunk * ZKZ_CHUNK_LONGS, ZKZ_CHUNK_LONGS);
		if (found)
			break;
	}
	rcu_read_unlock();
	return found;
}

u64 zkz_track_dirty(struct zkz_mem *mem)
{
	long dirty = 0, unseen;
	struct zkz_track *t;

	rcu_read_lock();
	t = rcu_dereference(mem->track);
	if (t) {
		dirty = max(atomic_long_read(&t->nr_dirty), 0L);
		unseen = zkz_mem_present(mem) - atomic_long_read(&t->seen);
		if (READ_ONCE(t->nr_tracked) < t->nr_chunks && unseen > 0)
			dirty += unseen;
	}
	rcu_read_unlock();
	return dirty;
}

u64 zkz_track_faults(struct zkz_mem *mem)
{
	return atomic64_read(&mem->faults);
}
