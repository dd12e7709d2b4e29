/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_BITMAP_H
#define _ZKZ_BITMAP_H

#include <linux/types.h>

/*
 * Bitmaps that many write-faulting threads set and one harvester empties, without a lock: every change of
 * a word is one atomic operation. Lengths are in longs, positions in bits.
 */

/**
 * zkz_bitmap_set() - set a range of bits
 * @map: the bitmap
 * @start: first bit
 * @nr: number of bits
 *
 * Return: how many of them were clear.
 */
unsigned long zkz_bitmap_set(unsigned long *map, unsigned long start, unsigned long nr);

/**
 * zkz_bitmap_take() - move all bits out of a bitmap
 * @map: the bitmap, empty afterwards but for bits set at the same time
 * @out: receives the bits; what was there is overwritten
 * @longs: length of both
 *
 * Return: how many bits were moved.
 */
unsigned long zkz_bitmap_take(unsigned long *map, unsigned long *out, unsigned long longs);

/**
 * zkz_bitmap_put() - add the bits of one bitmap to another
 * @map: the bitmap
 * @in: bits to add
 * @longs: length of both
 *
 * Return: how many of them were clear in @map.
 */
unsigned long zkz_bitmap_put(unsigned long *map, const unsigned long *in, unsigned long longs);

/**
 * zkz_bitmap_drop() - take those bits out of a bitmap that another one has too
 * @map: the bitmap; nobody else uses it
 * @other: looked at only; its bits may change meanwhile
 * @longs: length of both
 *
 * Return: how many bits were dropped.
 */
unsigned long zkz_bitmap_drop(unsigned long *map, const unsigned long *other, unsigned long longs);

/**
 * zkz_bitmap_any() - is a bit set?
 * @map: the bitmap
 * @longs: its length
 *
 * Return: true if so.
 */
bool zkz_bitmap_any(const unsigned long *map, unsigned long longs);

/**
 * zkz_bitmap_run() - find the next run of bits, taking small gaps along
 * @map: the bitmap; nobody else changes it
 * @bits: its length in bits
 * @gap: a run ends where more than so many bits in a row are clear
 * @start: in: where to begin to look; out: first bit of the run
 * @end: out: the bit after its last one
 *
 * Return: false if no bit is set from @start on.
 */
bool zkz_bitmap_run(const unsigned long *map, unsigned long bits, unsigned long gap, unsigned long *start,
		    unsigned long *end);

#endif /* _ZKZ_BITMAP_H */
