// SPDX-License-Identifier: GPL-2.0
/*
 * Locks: mem->absent is read under RCU; it is written by the session that has claimed the memory, or when the
 * file goes. Order: fill[] > folio lock > (heads, lock). Nobody who waits for a page holds any of them.
 */
#include "absent.h"
#include "folio.h"
#include "poison.h"
#include "rehuge.h"
#include "wrprotect.h"

#include <linux/bitmap.h>
#include <linux/highmem.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

/* How often a kernel thread that waits for others looks whether they are still there. */
#define LOOK	(HZ / 5)

struct waiter {
	struct list_head list;
	pgoff_t index;
};

struct zkz_absent *zkz_absent_new(unsigned long pages)
{
	struct zkz_absent *a = kvzalloc(sizeof(*a), GFP_KERNEL);
	unsigned int i;

	if (!a)
		return NULL;
	kref_init(&a->ref);
	a->pages = pages;
	a->missing = kvcalloc(BITS_TO_LONGS(pages), sizeof(long), GFP_KERNEL);
	a->asked = kvcalloc(BITS_TO_LONGS(pages), sizeof(long), GFP_KERNEL);
	a->touched = kvcalloc(BITS_TO_LONGS(pages / ZKZ_CHUNK_PAGES), sizeof(long), GFP_KERNEL);
	spin_lock_init(&a->lock);
	INIT_LIST_HEAD(&a->waiters);
	init_waitqueue_head(&a->ask);
	for (i = 0; i < ZKZ_ABSENT_HEADS; i++)
		init_waitqueue_head(&a->heads[i]);
	for (i = 0; i < ZKZ_ABSENT_FILLS; i++)
		mutex_init(&a->fill[i]);
	if (a->missing && a->asked && a->touched)
		return a;
	zkz_absent_put(a);
	return NULL;
}

static void absent_free(struct kref *ref)
{
	struct zkz_absent *a = container_of(ref, struct zkz_absent, ref);

	kvfree(a->missing);
	kvfree(a->asked);
	kvfree(a->touched);
	kvfree(a);
}

void zkz_absent_put(struct zkz_absent *a)
{
	if (a)
		kref_put(&a->ref, absent_free);
}

void zkz_absent_add(struct zkz_absent *a, unsigned long chunk, const u64 *bits)
{
	unsigned long *map = a->missing + chunk * ZKZ_CHUNK_LONGS;

	bitmap_copy(map, (const unsigned long *)bits, ZKZ_CHUNK_PAGES);
	atomic_long_add(bitmap_weight(map, ZKZ_CHUNK_PAGES), &a->nr);
}

static bool armed(struct zkz_absent *a)
{
	/* the state before the bits; pairs with zkz_absent_arm() */
	return smp_load_acquire(&a->state) == ZKZ_ABSENT_ARMED;
}

static bool chunk_misses(struct zkz_absent *a, pgoff_t index)
{
	pgoff_t first = round_down(index, ZKZ_CHUNK_PAGES), end = first + ZKZ_CHUNK_PAGES;

	return index < a->pages && find_next_bit(a->missing, end, first) < end;
}

/* A fault that looked at the set before holds the lock of its folio until it has mapped it. */
static void wait_for_faults(struct zkz_mem *mem, pgoff_t first, pgoff_t last)
{
	struct address_space *mapping = zkz_mem_mapping(mem);
	unsigned long index = first;
	struct folio *folio;

	while (index <= last && xa_find(&mapping->i_pages, &index, last, XA_PRESENT)) {
		folio = zkz_lock_folio(mapping, index);
		if (folio) {
			index = folio_next_index(folio);
			folio_unlock(folio);
			folio_put(folio);
		} else {
			index++;
		}
		cond_resched();
	}
}

int zkz_absent_guard(struct zkz_mem *mem, struct zkz_absent *a)
{
	int ret;

	/* It would go on with the pages that it has, which are none of the file any more. */
	if (zkz_pinned_longterm(mem, 0, a->pages))
		return -EOPNOTSUPP;
	ret = zkz_mem_punch(mem, 0, a->pages);
	if (ret || !zkz_absent_disarm(mem))
		return ret ?: -EIO;
	kref_get(&a->ref);
	rcu_assign_pointer(mem->absent, a);
	/* zkz_map_pages() maps in an RCU section; whoever begins or ends a session waits for us */
	synchronize_rcu_expedited();
	wait_for_faults(mem, 0, a->pages - 1);
	zkz_unmap(mem, 0, a->pages / ZKZ_CHUNK_PAGES);
	return 0;
}

void zkz_absent_relax(struct zkz_absent *a)
{
	WRITE_ONCE(a->state, ZKZ_ABSENT_OFF);
}

int zkz_absent_arm(struct zkz_mem *mem, struct zkz_absent *a)
{
	unsigned long chunk, nr_chunks = a->pages / ZKZ_CHUNK_PAGES;
	bool pinned = false;

	smp_store_release(&a->state, ZKZ_ABSENT_ARMED);	/* the bits before it; pairs with armed() */
	/* What faults have touched is read after that; pairs with zkz_absent_touch(). */
	smp_mb();
	for_each_set_bit(chunk, a->touched, nr_chunks) {
		pgoff_t first = chunk * ZKZ_CHUNK_PAGES;

		if (!chunk_misses(a, first))
			continue;
		wait_for_faults(mem, first, first + ZKZ_CHUNK_PAGES - 1);
		/* A pin begins with a fault, so elsewhere there is none. */
		pinned = pinned || zkz_pinned_longterm(mem, first, ZKZ_CHUNK_PAGES);
	}
	zkz_unmap(mem, 0, nr_chunks);
	return pinned ? -EOPNOTSUPP : 0;
}

void zkz_absent_touch(struct zkz_mem *mem, pgoff_t index)
{
	struct zkz_absent *a;

	if (!rcu_access_pointer(mem->absent))
		return;
	rcu_read_lock();
	a = rcu_dereference(mem->absent);
	if (a && READ_ONCE(a->state) == ZKZ_ABSENT_GUARD && index < a->pages) {
		set_bit(index / ZKZ_CHUNK_PAGES, a->touched);
		/* before the state is read again */
		smp_mb__after_atomic();
	}
	rcu_read_unlock();
}

unsigned long zkz_absent_kill(struct zkz_absent *a)
{
	unsigned int i;
	bool first;

	spin_lock(&a->lock);
	first = !a->dead;
	WRITE_ONCE(a->dead, true);
	spin_unlock(&a->lock);
	for (i = 0; i < ZKZ_ABSENT_HEADS; i++)
		wake_up_all(&a->heads[i]);
	wake_up_all(&a->ask);
	return first && armed(a) ? atomic_long_read(&a->nr) : 0;
}

void zkz_absent_drop(struct zkz_mem *mem)
{
	struct zkz_absent *a = rcu_dereference_protected(mem->absent, true);

	if (!a)
		return;
	RCU_INIT_POINTER(mem->absent, NULL);
	synchronize_rcu_expedited();
	zkz_absent_put(a);
}

bool zkz_absent_disarm(struct zkz_mem *mem)
{
	struct zkz_absent *a = rcu_dereference_protected(mem->absent, true);
	bool fetched;

	if (!a)
		return true;
	fetched = armed(a);
	if (fetched && atomic_long_read(&a->nr))
		return false;
	zkz_absent_drop(mem);
	if (!fetched)
		return true;
	/* the page tables that faults installed keep huge mappings away */
	mutex_lock(&mem->track_lock);
	zkz_rehuge(mem);
	mutex_unlock(&mem->track_lock);
	return true;
}

/* What @look says of the page, if anything can be missing: most memories have no such set. */
static bool ask(struct zkz_mem *mem, pgoff_t index, bool (*look)(struct zkz_absent *a, pgoff_t index))
{
	struct zkz_absent *a;
	bool yes;

	if (!rcu_access_pointer(mem->absent))
		return false;
	rcu_read_lock();
	a = rcu_dereference(mem->absent);
	yes = a && armed(a) && look(a, index);
	rcu_read_unlock();
	return yes;
}

bool zkz_absent_page(struct zkz_mem *mem, pgoff_t index)
{
	return ask(mem, index, zkz_absent_missing);
}

bool zkz_absent_chunk(struct zkz_mem *mem, pgoff_t index)
{
	return ask(mem, index, chunk_misses);
}

bool zkz_absent_around(struct zkz_mem *mem, pgoff_t first, pgoff_t last)
{
	struct zkz_absent *a = rcu_dereference(mem->absent);

	/* The state once: while it guards nothing is mapped that would have to be noted. */
	if (!a)
		return true;
	switch (smp_load_acquire(&a->state)) {	/* as in armed() */
	case ZKZ_ABSENT_GUARD:
		return false;
	case ZKZ_ABSENT_ARMED:
		return !chunk_misses(a, first) && !chunk_misses(a, last);
	default:
		return true;
	}
}

static bool missing_for_ever(struct zkz_absent *a, pgoff_t index)
{
	return zkz_absent_missing(a, index) && READ_ONCE(a->dead);
}

bool zkz_absent_dead(struct zkz_mem *mem, pgoff_t index)
{
	return ask(mem, index, missing_for_ever);
}

unsigned long zkz_absent_count(struct zkz_mem *mem)
{
	struct zkz_absent *a;
	unsigned long nr;

	rcu_read_lock();
	a = rcu_dereference(mem->absent);
	nr = a && armed(a) ? atomic_long_read(&a->nr) : 0;
	rcu_read_unlock();
	return nr;
}

pgoff_t zkz_absent_find(struct zkz_mem *mem, pgoff_t index, pgoff_t end)
{
	struct zkz_absent *a;

	if (!rcu_access_pointer(mem->absent))
		return end;
	rcu_read_lock();
	a = rcu_dereference(mem->absent);
	if (a && armed(a) && index < min(end, a->pages)) {
		pgoff_t found = find_next_bit(a->missing, min(end, a->pages), index);

		if (found < min(end, a->pages))
			end = found;
	}
	rcu_read_unlock();
	smp_rmb();	/* as in zkz_absent_missing() */
	return end;
}

/* The set, with a reference, if the page is missing. */
static struct zkz_absent *find_set(struct zkz_mem *mem, pgoff_t index)
{
	struct zkz_absent *a;

	rcu_read_lock();
	a = rcu_dereference(mem->absent);
	if (a && (!armed(a) || !zkz_absent_missing(a, index) || !kref_get_unless_zero(&a->ref)))
		a = NULL;
	rcu_read_unlock();
	return a;
}

/*
 * KVM's workers for asynchronous page faults, and vhost's threads, wait on behalf of a process that waits for
 * them when it is killed. Nobody can kill them, or they have taken note of that before, so they look.
 */
static bool owner_killed(struct mm_struct *mm)
{
	bool killed = false;
#ifdef CONFIG_MEMCG
	struct task_struct *owner;

	rcu_read_lock();
	owner = rcu_dereference(mm->owner);
	killed = !owner || READ_ONCE(owner->signal->flags) & SIGNAL_GROUP_EXIT;
	rcu_read_unlock();
#endif
	return killed;
}

static int sleep_until_here(struct zkz_absent *a, pgoff_t index, unsigned int state, struct mm_struct *mm)
{
	wait_queue_head_t *head = &a->heads[index / ZKZ_CHUNK_PAGES % ZKZ_ABSENT_HEADS];
	bool look = mm && zkz_works_for_others(current);
	DEFINE_WAIT(wait);
	int ret;

	for (;;) {
		prepare_to_wait(head, &wait, state);
		ret = 0;
		if (!zkz_absent_missing(a, index))
			break;
		ret = -EIO;
		if (READ_ONCE(a->dead))
			break;
		ret = -EINTR;
		if (signal_pending_state(state, current) || (look && owner_killed(mm)))
			break;
		schedule_timeout(look ? LOOK : MAX_SCHEDULE_TIMEOUT);
	}
	finish_wait(head, &wait);
	return ret;
}

static void count_wait(struct zkz_absent *a, u64 ns, bool came)
{
	u64 us = ns / NSEC_PER_USEC;

	a->stats.ns_blocked += ns;
	if (!came)
		return;
	a->stats.waits++;
	a->stats.latency[us ? min(ilog2(us), ZKZ_ABSENT_BUCKETS - 1) : 0]++;
}

int zkz_absent_wait(struct zkz_mem *mem, pgoff_t index, unsigned int state, struct mm_struct *mm)
{
	struct zkz_absent *a = find_set(mem, index);
	struct waiter waiter = { .index = index };
	u64 began = ktime_get_ns();
	int ret;

	if (!a)
		return 0;
	spin_lock(&a->lock);
	list_add_tail(&waiter.list, &a->waiters);
	spin_unlock(&a->lock);
	wake_up(&a->ask);
	ret = sleep_until_here(a, index, state, mm);
	spin_lock(&a->lock);
	list_del(&waiter.list);
	count_wait(a, ktime_get_ns() - began, !ret);
	spin_unlock(&a->lock);
	zkz_absent_put(a);
	return ret;
}

/* The first page that is waited for and not asked for; the lock is held. */
static bool find_request(struct zkz_absent *a, pgoff_t *index)
{
	struct waiter *waiter;

	list_for_each_entry(waiter, &a->waiters, list) {
		if (!test_bit(waiter->index, a->asked) && zkz_absent_missing(a, waiter->index)) {
			*index = waiter->index;
			return true;
		}
	}
	return false;
}

bool zkz_absent_next(struct zkz_absent *a, pgoff_t *index)
{
	bool found;

	spin_lock(&a->lock);
	found = find_request(a, index);
	if (found) {
		__set_bit(*index, a->asked);
		a->stats.requests++;
	}
	spin_unlock(&a->lock);
	return found;
}

bool zkz_absent_pending(struct zkz_absent *a)
{
	pgoff_t index;
	bool found;

	spin_lock(&a->lock);
	found = find_request(a, &index);
	spin_unlock(&a->lock);
	return found;
}

void zkz_absent_ask_again(struct zkz_absent *a)
{
	spin_lock(&a->lock);
	bitmap_zero(a->asked, a->pages);
	spin_unlock(&a->lock);
	wake_up(&a->ask);
}

/*
 * Pages of one chunk that were missing have their content now. The folio, if there is one, is locked. Returns how
 * many of them had been asked for.
 */
static unsigned long arrived(struct zkz_absent *a, pgoff_t first, unsigned int nr)
{
	unsigned long demanded = 0;
	unsigned int i;

	smp_mb__before_atomic();	/* the content before the bits */
	for (i = 0; i < nr; i++) {
		demanded += test_bit(first + i, a->asked);
		clear_bit(first + i, a->missing);
	}
	atomic_long_sub(nr, &a->nr);
	/* A waiter is in the queue before it looks at its bit, so it sees the bit clear or is woken here. */
	wake_up_all(&a->heads[first / ZKZ_CHUNK_PAGES % ZKZ_ABSENT_HEADS]);
	return demanded;
}

/* The first run of missing pages in [first, end). */
static bool next_run(struct zkz_absent *a, pgoff_t *first, pgoff_t end, unsigned int *nr)
{
	*first = find_next_bit(a->missing, end, *first);
	if (*first >= end)
		return false;
	*nr = find_next_zero_bit(a->missing, end, *first) - *first;
	return true;
}

static struct mutex *fill_lock(struct zkz_absent *a, pgoff_t index)
{
	return &a->fill[index / ZKZ_CHUNK_PAGES % ZKZ_ABSENT_FILLS];
}

static void copy_pages(const struct zkz_fill *fill, const void *content)
{
	unsigned int i, at = fill->first - fill->folio->index;

	for (i = 0; i < fill->nr; i++)
		memcpy_to_page(folio_page(fill->folio, at + i), 0, content + i * PAGE_SIZE, PAGE_SIZE);
}

int zkz_absent_fill(struct zkz_mem *mem, struct zkz_absent *a, pgoff_t first, unsigned int nr, const void *content,
		    unsigned long *fresh, unsigned long *demanded)
{
	pgoff_t at = first, end = first + nr;
	unsigned int run;
	int ret = 0;

	mutex_lock(fill_lock(a, first));
	while (next_run(a, &at, end, &run)) {
		struct zkz_fill fill;

		ret = zkz_fill_begin(mem, at, run, &fill);
		if (ret == -EHWPOISON) {
			/* memory of this host failed; whoever wants the page is told so */
			*demanded += arrived(a, at++, 1);
			++*fresh;
			ret = 0;
			continue;
		}
		if (ret)
			break;
		/* under the fill lock nobody else clears bits of this chunk */
		copy_pages(&fill, content + (at - first) * PAGE_SIZE);
		zkz_poison_clear(mem, at, fill.nr);
		*demanded += arrived(a, at, fill.nr);
		*fresh += fill.nr;
		at += fill.nr;
		zkz_fill_end(&fill, true);
	}
	mutex_unlock(fill_lock(a, first));
	return ret;
}

int zkz_absent_poison(struct zkz_mem *mem, struct zkz_absent *a, pgoff_t first, unsigned int nr, unsigned long *fresh,
		      unsigned long *demanded)
{
	pgoff_t at = first, end = first + nr;
	unsigned int run;
	int ret = 0;

	mutex_lock(fill_lock(a, first));
	for (; next_run(a, &at, end, &run); at += run) {
		ret = zkz_poison_add(mem, at, run);
		if (ret)
			break;
		*demanded += arrived(a, at, run);
		*fresh += run;
	}
	mutex_unlock(fill_lock(a, first));
	return ret;
}

/* Missing pages of one chunk read as zero from now on; those in holes do already. */
static unsigned long zero_run(struct zkz_mem *mem, struct zkz_absent *a, pgoff_t first, unsigned int nr,
			      unsigned long *demanded)
{
	struct address_space *mapping = zkz_mem_mapping(mem);
	pgoff_t at = first, end = first + nr;

	while (at < end) {
		struct folio *folio = zkz_lock_folio(mapping, at);
		pgoff_t stop = folio ? min(end, folio_next_index(folio)) : at + 1;

		if (folio)
			zkz_zero_sound(folio, (at - folio->index) * PAGE_SIZE, (stop - folio->index) * PAGE_SIZE);
		zkz_poison_clear(mem, at, stop - at);
		*demanded += arrived(a, at, stop - at);
		if (folio) {
			folio_unlock(folio);
			folio_put(folio);
		}
		at = stop;
	}
	return nr;
}

unsigned long zkz_absent_zero(struct zkz_mem *mem, struct zkz_absent *a, pgoff_t first, unsigned long nr,
			      unsigned long *demanded)
{
	pgoff_t at = first, end = min(first + nr, a->pages);
	unsigned long fresh = 0;
	unsigned int run;

	*demanded = 0;
	while (at < end) {
		pgoff_t stop = min(end, round_down(at, ZKZ_CHUNK_PAGES) + ZKZ_CHUNK_PAGES);
		struct mutex *lock = fill_lock(a, at);

		/* No hole gets a new folio between the look at it and the bits: there it is not cleared. */
		mutex_lock(lock);
		for (; next_run(a, &at, stop, &run); at += run)
			fresh += zero_run(mem, a, at, run, demanded);
		mutex_unlock(lock);
		at = stop;
		cond_resched();
	}
	return fresh;
}

void zkz_absent_punch(struct zkz_mem *mem, pgoff_t first, unsigned long nr)
{
	struct zkz_absent *a;
	unsigned long ignored;

	if (!rcu_access_pointer(mem->absent))
		return;
	rcu_read_lock();
	a = rcu_dereference(mem->absent);
	if (a && (!armed(a) || !kref_get_unless_zero(&a->ref)))
		a = NULL;
	rcu_read_unlock();
	if (!a)
		return;
	zkz_absent_zero(mem, a, first, nr, &ignored);
	zkz_absent_put(a);
}
