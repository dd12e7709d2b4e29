/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a page (or a disk block of the same size) contains. Everything follows from the region's seed, the
 * page's number and a sequence number, so that a page which is lost, old, torn or of another place is seen.
 *
 *	word 0	magic			word 3	sequence of the body
 *	word 1	page number		word 4	seed
 *	word 2	sequence		word 5	checksum of words 0..4
 *	6...	body: base + index * step, base from (seed, page number, sequence of the body)
 */
#ifndef _PATTERN_H
#define _PATTERN_H

#include <stdint.h>

#define PAGE_BYTES	4096
#define PAGE_WORDS	(PAGE_BYTES / 8)

uint64_t pattern_mix(uint64_t a, uint64_t b, uint64_t c);
void pattern_write(uint64_t *page, uint64_t seed, uint64_t number, uint64_t seq);
void pattern_touch(uint64_t *page, uint64_t seq);
const char *pattern_check_head(const uint64_t *page, uint64_t seed, uint64_t number, uint64_t seq);
const char *pattern_check(const uint64_t *page, uint64_t seed, uint64_t number, uint64_t seq);

#endif
