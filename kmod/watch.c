// SPDX-License-Identifier: GPL-2.0
/*
 * Which chunks are written before their first harvest?
 *
 *   chunk      0      1       2      3      4
 *            sent   sent   written   -   written     notices: 4, 2
 *
 * Whoever sends a memory for the first time does best to leave for the end what is being written: it would only be
 * dirty again. All of this is a hint. Nothing is lost where a write is not noticed.
 */
#include "folio.h"
#include "harvest.h"
#include "wrprotect.h"

#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

static bool is_huge(struct zkz_mem *mem, unsigned long chunk)
{
	struct folio *folio = zkz_folio_get(mem, chunk * ZKZ_CHUNK_PAGES);
	bool huge = folio && folio_test_large(folio);

	if (folio)
		folio_put(folio);
	return huge;
}

void zkz_track_watch(struct zkz_mem *mem)
{
	unsigned long first, nr, nr_chunks = zkz_mem_pages(mem) / ZKZ_CHUNK_PAGES;

	for (first = 0; first < nr_chunks; first += nr ?: 1) {
		/* not all at once: while a range is taken away, a guest waits that needs anything of it */
		for (nr = 0; nr < min(nr_chunks - first, ZKZ_WINDOW) && is_huge(mem, first + nr); nr++)
			;
		if (nr)
			zkz_unmap(mem, first, nr);
		cond_resched();
	}
}

void zkz_watch_notice(struct zkz_track *t, unsigned long chunk)
{
	/* each chunk once, so there is room */
	if (!test_bit(chunk, t->noticed) && !test_and_set_bit(chunk, t->noticed))
		WRITE_ONCE(t->notices[atomic_inc_return(&t->nr_notices) - 1], chunk);
}

unsigned long zkz_track_fresh(struct zkz_mem *mem, bool calm, unsigned long *chunk, unsigned long most)
{
	unsigned long nr = 0;
	struct zkz_track *t;

	rcu_read_lock();
	t = rcu_dereference(mem->track);
	while (t && nr < most && *chunk + nr < t->nr_chunks) {
		unsigned long next = *chunk + nr;
		bool wanted = !test_bit(next, t->tracked) && !(calm && test_bit(next, t->noticed));

		if (nr && !wanted)
			break;
		nr += wanted;
		*chunk += !wanted;
	}
	rcu_read_unlock();
	return nr;
}

bool zkz_track_latest(struct zkz_mem *mem, unsigned long *left, unsigned long *chunk)
{
	struct zkz_track *t;
	bool found = false;

	rcu_read_lock();
	t = rcu_dereference(mem->track);
	if (t)
		*left = min_t(unsigned long, *left, atomic_read(&t->nr_notices));
	while (t && !found && *left) {
		*chunk = READ_ONCE(t->notices[--*left]);
		found = !test_bit(*chunk, t->tracked);
	}
	rcu_read_unlock();
	return found;
}
