// SPDX-License-Identifier: GPL-2.0
#include "track.h"
#include "bitmap.h"
#include "harvest.h"
#include "rehuge.h"
#include "wrprotect.h"

#include <linux/bitmap.h>
#include <linux/ktime.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

/* Of write-around: chunks next to each other, and how many dirty pages make one of them evidence for the others. */
#define ZKZ_GROUP	8UL
#define ZKZ_NEARLY	(ZKZ_CHUNK_PAGES / 8 * 7)

static void track_free(struct zkz_track *t)
{
	kvfree(t->notices);
	kvfree(t->noticed);
	kvfree(t->whole);
	kvfree(t->tracked);
	kvfree(t->dirty);
	kvfree(t->window);
	kvfree(t->scratch);
	kvfree(t->folios);
	free_percpu(t->counts);
	kfree(t);
}

static struct zkz_track *track_alloc(unsigned long nr_chunks)
{
	struct zkz_track *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return NULL;
	t->nr_chunks = nr_chunks;
	t->tracked = kvcalloc(BITS_TO_LONGS(nr_chunks), sizeof(long), GFP_KERNEL);
	t->whole = kvcalloc(BITS_TO_LONGS(nr_chunks), sizeof(long), GFP_KERNEL);
	t->noticed = kvcalloc(BITS_TO_LONGS(nr_chunks), sizeof(long), GFP_KERNEL);
	t->notices = kvcalloc(nr_chunks, sizeof(*t->notices), GFP_KERNEL);
	t->dirty = kvcalloc(nr_chunks, ZKZ_CHUNK_LONGS * sizeof(long), GFP_KERNEL);
	t->window = kvcalloc(ZKZ_WINDOW, ZKZ_CHUNK_LONGS * sizeof(long), GFP_KERNEL);
	t->scratch = kvcalloc(ZKZ_WINDOW, ZKZ_CHUNK_LONGS * sizeof(long), GFP_KERNEL);
	t->folios = kvcalloc(ZKZ_WINDOW_FOLIOS + ZKZ_CHUNK_PAGES, sizeof(*t->folios), GFP_KERNEL);
	t->counts = alloc_percpu(struct zkz_track_counts);
	if (t->counts && t->tracked && t->whole && t->noticed && t->notices && t->dirty && t->window && t->scratch &&
	    t->folios)
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
	if (zkz_pinned_longterm(mem, 0, zkz_mem_pages(mem))) {
		err = -EOPNOTSUPP;
		goto out;
	}
	t = track_alloc(zkz_mem_pages(mem) / ZKZ_CHUNK_PAGES);
	if (!t) {
		err = -ENOMEM;
		goto out;
	}
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

/* Marks those pages of a range that are in tracked chunks; RCU read lock held. */
static void mark(struct zkz_track *t, pgoff_t first, unsigned long nr)
{
	pgoff_t end = min(first + nr, t->nr_chunks * ZKZ_CHUNK_PAGES);

	while (first < end) {
		pgoff_t stop = min(end, round_down(first, ZKZ_CHUNK_PAGES) + ZKZ_CHUNK_PAGES);

		if (test_bit(first / ZKZ_CHUNK_PAGES, t->tracked))
			zkz_track_count_dirty(t, zkz_bitmap_set(t->dirty, first, stop - first));
		first = stop;
	}
}

/* Is there reason to believe that this chunk, whose only folio the caller has locked, will be filled? */
static bool write_around(struct zkz_track *t, unsigned long chunk)
{
	unsigned long other = round_down(chunk, ZKZ_GROUP), end = min(other + ZKZ_GROUP, t->nr_chunks);

	/* A harvest that says that it walks looks for folios after that: it finds ours, or we see that it does. */
	smp_mb();
	if (!READ_ONCE(t->around) || READ_ONCE(t->walking))
		return false;
	for (; other < end; other++)
		if (!test_bit(other, t->whole) &&
		    bitmap_weight(t->dirty + other * ZKZ_CHUNK_LONGS, ZKZ_CHUNK_PAGES) >= ZKZ_NEARLY)
			return true;
	return false;
}

bool zkz_track_write(struct zkz_mem *mem, pgoff_t index, bool huge)
{
	unsigned long chunk = index / ZKZ_CHUNK_PAGES;
	bool alone = false;
	struct zkz_track *t;

	rcu_read_lock();
	t = rcu_dereference(mem->track);
	if (t && chunk < t->nr_chunks && !test_bit(chunk, t->tracked)) {
		zkz_watch_notice(t, chunk);
	} else if (t && chunk < t->nr_chunks) {
		alone = !huge || !write_around(t, chunk);
		if (!alone) {
			set_bit(chunk, t->whole);
			mark(t, chunk * ZKZ_CHUNK_PAGES, ZKZ_CHUNK_PAGES);
		} else if (!test_and_set_bit(index, t->dirty)) {
			zkz_track_count_dirty(t, 1);
		}
		this_cpu_inc(t->counts->faults);
	}
	rcu_read_unlock();
	return alone;
}

u64 zkz_track_turn(struct zkz_mem *mem, pgoff_t index)
{
	struct zkz_track *t;
	u64 wait = 0;

	rcu_read_lock();
	t = rcu_dereference(mem->track);
	if (t && index / ZKZ_CHUNK_PAGES < t->nr_chunks && test_bit(index / ZKZ_CHUNK_PAGES, t->tracked) &&
	    !test_bit(index, t->dirty))
		wait = zkz_brake_turn(&t->brake, task_pid_nr(current), ktime_get_ns());
	rcu_read_unlock();
	return wait;
}

void zkz_track_pass(struct zkz_mem *mem, u32 slow, bool around)
{
	struct zkz_track *t;

	mutex_lock(&mem->track_lock);
	t = rcu_dereference_protected(mem->track, lockdep_is_held(&mem->track_lock));
	if (t) {
		zkz_brake_set(&t->brake, slow, ktime_get_ns());
		WRITE_ONCE(t->around, around);
		t->mixed |= around;
	}
	mutex_unlock(&mem->track_lock);
}

u64 zkz_track_slowed(struct zkz_mem *mem)
{
	struct zkz_track *t;
	u64 ns = 0;

	rcu_read_lock();
	t = rcu_dereference(mem->track);
	if (t)
		ns = atomic64_read(&t->brake.total);
	rcu_read_unlock();
	return ns;
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
		this_cpu_add(t->counts->seen, nr);
	rcu_read_unlock();
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
		n = zkz_harvest_window(mem, t, first, nr, send, final, out);
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

unsigned long zkz_track_again(struct zkz_mem *mem, unsigned long chunk, unsigned long *marks)
{
	unsigned long again = 0;
	struct zkz_track *t;

	rcu_read_lock();
	t = rcu_dereference(mem->track);
	if (t)
		again = zkz_bitmap_drop(marks, t->dirty + chunk * ZKZ_CHUNK_LONGS, ZKZ_CHUNK_LONGS);
	rcu_read_unlock();
	return again;
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

/* Writers may be counting meanwhile. */
static struct zkz_track_counts sum_counts(struct zkz_track *t)
{
	struct zkz_track_counts sum = {};
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct zkz_track_counts *counts = per_cpu_ptr(t->counts, cpu);

		sum.dirty += READ_ONCE(counts->dirty);
		sum.seen += READ_ONCE(counts->seen);
		sum.faults += READ_ONCE(counts->faults);
	}
	return sum;
}

u64 zkz_track_dirty(struct zkz_mem *mem)
{
	struct zkz_track_counts sum;
	long dirty = 0, unseen;
	struct zkz_track *t;

	rcu_read_lock();
	t = rcu_dereference(mem->track);
	if (t) {
		sum = sum_counts(t);
		dirty = max(sum.dirty, 0L);
		unseen = zkz_mem_present(mem) - sum.seen;
		if (READ_ONCE(t->nr_tracked) < t->nr_chunks && unseen > 0)
			dirty += unseen;
	}
	rcu_read_unlock();
	return dirty;
}

u64 zkz_track_faults(struct zkz_mem *mem)
{
	struct zkz_track *t;
	u64 faults = 0;

	rcu_read_lock();
	t = rcu_dereference(mem->track);
	if (t)
		faults = sum_counts(t).faults;
	rcu_read_unlock();
	return faults;
}
