/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_ABSENT_H
#define _ZKZ_ABSENT_H

#include "mem.h"

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

/*
 * The pages of a memory that have not come yet, while its guest runs already. A target watches its memory from the
 * beginning, so that next to nothing is left to do when the guest already stands still:
 *
 *   session begins                   zkz_absent_guard(): faults note what they map, and map nothing around
 *   no fetch: session ends           zkz_absent_relax()
 *   a fetch: all are named           zkz_absent_arm(): waits for faults where some were, then pages are missing
 *
 *   fault, read()                    zkz_absent_wait(): on the list of waiters, sleep
 *     ... a request leaves           zkz_absent_next(), called by whoever can ask for pages
 *     ... the page comes             zkz_absent_fill(), zkz_absent_zero(): content, then the bit, then wake
 *
 * A bit goes from set to clear once, with the folio locked and after the content is there; never back. What no
 * bit is set for is an ordinary page. When the rest will never come (zkz_absent_kill()), the bits stay and
 * whoever waits, now or later, gets an error.
 */
#define ZKZ_ABSENT_HEADS	64
#define ZKZ_ABSENT_FILLS	16
#define ZKZ_ABSENT_BUCKETS	32

/**
 * struct zkz_absent_stats - what waiting cost; under the lock
 * @requests: pages asked for
 * @waits: times that somebody waited for a page and got it
 * @ns_blocked: how long, summed over all of them, also those that gave up
 * @latency: of @waits: bucket i has those of 2^i up to 2^(i+1) us, bucket 0 also shorter ones
 */
struct zkz_absent_stats {
	u64 requests;
	u64 waits;
	u64 ns_blocked;
	u64 latency[ZKZ_ABSENT_BUCKETS];
};

/* What faults make of a set. It only goes on; those who set it are the ones who may write mem->absent. */
enum zkz_absent_state {
	ZKZ_ABSENT_GUARD,	/* nothing is missing yet */
	ZKZ_ABSENT_ARMED,	/* they look at the bits */
	ZKZ_ABSENT_OFF,		/* nothing */
};

/**
 * struct zkz_absent - the pages that have not come
 * @ref: the memory has one while it points here, the session one, every waiter one
 * @pages: size of the memory
 * @missing: a bit a page; see above. Before it is armed owned by those who fill it, chunk by chunk
 * @nr: bits set in @missing
 * @dead: they never come; set once, under @lock
 * @state: see above
 * @touched: a bit a chunk: a fault maps a page of it, or has; set before it is armed, under the lock of the folio
 * @lock: guards the group below
 * @asked: a bit a page: a request for it has left
 * @waiters: all who wait
 * @stats: counters
 * @ask: woken when there may be something to ask for
 * @heads: waiters sleep here, by chunk
 * @fill: one page of a chunk at a time gets its content, by chunk; outside of the folio lock
 */
struct zkz_absent {
	struct kref ref;
	unsigned long pages;
	unsigned long *missing;
	atomic_long_t nr;
	bool dead;
	enum zkz_absent_state state;
	unsigned long *touched;

	spinlock_t lock;	/* see above */
	unsigned long *asked;
	struct list_head waiters;
	struct zkz_absent_stats stats;

	wait_queue_head_t ask;
	wait_queue_head_t heads[ZKZ_ABSENT_HEADS];
	struct mutex fill[ZKZ_ABSENT_FILLS];	/* see above */
};

/**
 * zkz_absent_new() - prepare to name the pages that have not come
 * @pages: size of the memory
 *
 * Return: none is missing yet; one reference. NULL if there is no memory.
 */
struct zkz_absent *zkz_absent_new(unsigned long pages);

/**
 * zkz_absent_put() - drop a reference
 * @a: may be NULL
 */
void zkz_absent_put(struct zkz_absent *a);

/**
 * zkz_absent_add() - name pages of one chunk as missing
 * @a: not armed; nobody else names pages of this chunk
 * @chunk: its number
 * @bits: ZKZ_CHUNK_PAGES of them
 */
void zkz_absent_add(struct zkz_absent *a, unsigned long chunk, const u64 *bits);

/**
 * zkz_absent_guard() - the memory begins to be a target's, some of whose pages may come late
 * @mem: claimed by the caller
 * @a: new
 *
 * It is emptied, and what is mapped from then on is noted. Sleeps, for a grace period of RCU too.
 *
 * Return: 0, -EOPNOTSUPP if a device has pages of it, or another negative error if it cannot be emptied.
 */
int zkz_absent_guard(struct zkz_mem *mem, struct zkz_absent *a);

/**
 * zkz_absent_relax() - all pages have come before the guest runs
 * @a: guarding a memory
 */
void zkz_absent_relax(struct zkz_absent *a);

/**
 * zkz_absent_arm() - from now on access to the missing pages waits
 * @mem: claimed by the caller
 * @a: complete, guarding the memory
 *
 * Mappings of the memory are taken away, so that every access to a missing page faults. The guest stands still
 * meanwhile: what this takes grows with the number of chunks that were touched, which are few, not with the memory.
 * Sleeps.
 *
 * Return: 0, or -EOPNOTSUPP if a device has such a page and would see it without a fault.
 */
int zkz_absent_arm(struct zkz_mem *mem, struct zkz_absent *a);

/**
 * zkz_absent_touch() - a fault is about to map a page
 * @mem: the memory
 * @index: the page; its folio is locked until it is mapped
 *
 * Called before it looks whether the page is missing: either it sees that, or who arms waits for it.
 */
void zkz_absent_touch(struct zkz_mem *mem, pgoff_t index);

/**
 * zkz_absent_kill() - the pages that are missing now will never come
 * @a: armed or not
 *
 * Context: may sleep not.
 * Return: how many pages that are.
 */
unsigned long zkz_absent_kill(struct zkz_absent *a);

/**
 * zkz_absent_disarm() - the memory becomes an ordinary one, if nothing is missing any more
 * @mem: claimed by the caller, or going away
 *
 * Lets huge mappings come back after a fetch. Sleeps.
 *
 * Return: true if nothing is missing.
 */
bool zkz_absent_disarm(struct zkz_mem *mem);

/**
 * zkz_absent_drop() - forget what is missing
 * @mem: nobody can reach its pages
 */
void zkz_absent_drop(struct zkz_mem *mem);

/**
 * zkz_absent_wait() - wait until a page has come
 * @mem: the memory; the caller keeps it
 * @index: the page
 * @state: %TASK_KILLABLE or %TASK_INTERRUPTIBLE
 * @mm: on behalf of which a kernel thread waits; it gives up when the owner is killed. May be NULL.
 *
 * Return: 0, -EINTR, or -EIO if it will never come.
 */
int zkz_absent_wait(struct zkz_mem *mem, pgoff_t index, unsigned int state, struct mm_struct *mm);

/**
 * zkz_absent_fill() - pages have come, with their content
 * @mem: the memory
 * @a: armed
 * @first: first page
 * @nr: number of pages, in one chunk
 * @content: of all of them
 * @fresh: increased by how many were new
 * @demanded: increased by how many of those had been asked for
 *
 * Pages that are not missing (any more) keep what they have, so what failed half way can be tried again. Sleeps.
 *
 * Return: 0, or a negative error if there is no memory for them: -ENOMEM, -ENOSPC.
 */
int zkz_absent_fill(struct zkz_mem *mem, struct zkz_absent *a, pgoff_t first, unsigned int nr, const void *content,
		    unsigned long *fresh, unsigned long *demanded);

/**
 * zkz_absent_poison() - pages have come, but their content is lost
 * @mem: the memory
 * @a: armed
 * @first: first page
 * @nr: number of pages, in one chunk
 * @fresh: as for zkz_absent_fill()
 * @demanded: likewise
 *
 * Return: as zkz_absent_fill().
 */
int zkz_absent_poison(struct zkz_mem *mem, struct zkz_absent *a, pgoff_t first, unsigned int nr, unsigned long *fresh,
		      unsigned long *demanded);

/**
 * zkz_absent_zero() - pages have come, and read as zero
 * @mem: the memory
 * @a: armed
 * @first: first page
 * @nr: number of pages
 * @demanded: as for zkz_absent_fill()
 *
 * Return: how many were new.
 */
unsigned long zkz_absent_zero(struct zkz_mem *mem, struct zkz_absent *a, pgoff_t first, unsigned long nr,
			      unsigned long *demanded);

/**
 * zkz_absent_punch() - somebody here discards pages: they need not come any more
 * @mem: the memory
 * @first: first page
 * @nr: number of pages
 */
void zkz_absent_punch(struct zkz_mem *mem, pgoff_t first, unsigned long nr);

/**
 * zkz_absent_next() - a page to ask for
 * @a: armed
 * @index: the page
 *
 * It counts as asked for afterwards.
 *
 * Return: false if there is none.
 */
bool zkz_absent_next(struct zkz_absent *a, pgoff_t *index);

/**
 * zkz_absent_pending() - is there a page to ask for?
 * @a: armed
 *
 * Return: true if zkz_absent_next() would find one.
 */
bool zkz_absent_pending(struct zkz_absent *a);

/**
 * zkz_absent_ask_again() - requests that have left may be lost
 * @a: armed
 */
void zkz_absent_ask_again(struct zkz_absent *a);

/**
 * zkz_absent_missing() - has this page still to come?
 * @a: armed
 * @index: the page
 *
 * Return: true if so. If not, its content can be seen.
 */
static inline bool zkz_absent_missing(struct zkz_absent *a, pgoff_t index)
{
	bool missing = index < a->pages && test_bit(index, a->missing);

	smp_rmb();	/* the bit before the content; pairs with arrived() */
	return missing;
}

/* For the memory side, none of them sleeps. Is this page missing, is a page of its chunk? */
bool zkz_absent_page(struct zkz_mem *mem, pgoff_t index);
bool zkz_absent_chunk(struct zkz_mem *mem, pgoff_t index);
/* May pages be mapped that nobody has asked for? To be called, and the answer used, in one RCU section. */
bool zkz_absent_around(struct zkz_mem *mem, pgoff_t first, pgoff_t last);
/* Is it missing for ever? */
bool zkz_absent_dead(struct zkz_mem *mem, pgoff_t index);
/* How many pages are missing. */
unsigned long zkz_absent_count(struct zkz_mem *mem);
/* The first missing page of [index, end), or end. */
pgoff_t zkz_absent_find(struct zkz_mem *mem, pgoff_t index, pgoff_t end);

#endif /* _ZKZ_ABSENT_H */
