// SPDX-License-Identifier: GPL-2.0
#include "bitmap.h"

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/minmax.h>

/* Atomically sets the bits of @mask and tells how many of them are new. */
static unsigned long set_mask(unsigned long *word, unsigned long mask)
{
	unsigned long old;

	/* Most faults and put-backs change nothing: do not dirty the cache line for them. */
	if ((READ_ONCE(*word) & mask) == mask)
		return 0;
	old = atomic_long_fetch_or(mask, (atomic_long_t *)word);
	return hweight_long(mask & ~old);
}

unsigned long zkz_bitmap_set(unsigned long *map, unsigned long start, unsigned long nr)
{
	unsigned long end = start + nr, fresh = 0;

	while (start < end) {
		unsigned long stop = min(end, round_down(start, BITS_PER_LONG) + BITS_PER_LONG);
		unsigned long mask = BITMAP_FIRST_WORD_MASK(start) & BITMAP_LAST_WORD_MASK(stop);

		fresh += set_mask(map + BIT_WORD(start), mask);
		start = stop;
	}
	return fresh;
}

unsigned long zkz_bitmap_take(unsigned long *map, unsigned long *out, unsigned long longs)
{
	unsigned long i, taken = 0;

	for (i = 0; i < longs; i++) {
		out[i] = READ_ONCE(map[i]) ? xchg(&map[i], 0) : 0;
		taken += hweight_long(out[i]);
	}
	return taken;
}

unsigned long zkz_bitmap_put(unsigned long *map, const unsigned long *in, unsigned long longs)
{
	unsigned long i, fresh = 0;

	for (i = 0; i < longs; i++)
		if (in[i])
			fresh += set_mask(map + i, in[i]);
	return fresh;
}

unsigned long zkz_bitmap_drop(unsigned long *map, const unsigned long *other, unsigned long longs)
{
	unsigned long i, dropped = 0;

	for (i = 0; i < longs; i++) {
		unsigned long both = map[i] & READ_ONCE(other[i]);

		map[i] &= ~both;
		dropped += hweight_long(both);
	}
	return dropped;
}

bool zkz_bitmap_any(const unsigned long *map, unsigned long longs)
{
	unsigned long i;

	for (i = 0; i < longs; i++)
		if (READ_ONCE(map[i]))
			return true;
	return false;
}

bool zkz_bitmap_run(const unsigned long *map, unsigned long bits, unsigned long gap, unsigned long *start,
		    unsigned long *end)
{
	unsigned long next;

	*start = find_next_bit(map, bits, *start);
	if (*start >= bits)
		return false;
	next = *start;
	do {
		*end = find_next_zero_bit(map, bits, next);
		next = find_next_bit(map, bits, *end);
	} while (next < bits && next - *end <= gap);
	return true;
}
