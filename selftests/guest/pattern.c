// SPDX-License-Identifier: GPL-2.0
#include "pattern.h"

#include <stddef.h>

#define MAGIC	0x7a677565737421a5ULL
#define STEP	0x9e3779b97f4a7c15ULL
#define HEAD	6

enum { W_MAGIC, W_NUMBER, W_SEQ, W_BODY_SEQ, W_SEED, W_SUM };

static uint64_t scramble(uint64_t x)
{
	x ^= x >> 31;
	x *= 0xd6e8feb86659fd93ULL;
	x ^= x >> 29;
	x *= 0xa0761d6478bd642fULL;
	return x ^ (x >> 32);
}

uint64_t pattern_mix(uint64_t a, uint64_t b, uint64_t c)
{
	return scramble(scramble(scramble(a + STEP) + b) + c);
}

static uint64_t sum(const uint64_t *page)
{
	return pattern_mix(page[W_MAGIC] ^ page[W_SEED], page[W_NUMBER], page[W_SEQ] ^ page[W_BODY_SEQ] << 32);
}

void pattern_write(uint64_t *page, uint64_t seed, uint64_t number, uint64_t seq)
{
	uint64_t value = pattern_mix(seed, number, seq);
	int i;

	page[W_MAGIC] = MAGIC;
	page[W_NUMBER] = number;
	page[W_SEQ] = seq;
	page[W_BODY_SEQ] = seq;
	page[W_SEED] = seed;
	page[W_SUM] = sum(page);
	for (i = HEAD; i < PAGE_WORDS; i++, value += STEP)
		page[i] = value;
}

/* Makes a page dirty at the least cost: the body stays what it was. */
void pattern_touch(uint64_t *page, uint64_t seq)
{
	page[W_SEQ] = seq;
	page[W_SUM] = sum(page);
}

/* NULL if the head is what it must be, else what is wrong. */
const char *pattern_check_head(const uint64_t *page, uint64_t seed, uint64_t number, uint64_t seq)
{
	if (page[W_MAGIC] != MAGIC)
		return page[W_MAGIC] ? "overwritten" : "zero";
	if (page[W_SUM] != sum(page))
		return "torn head";
	if (page[W_SEED] != seed)
		return "of an older region";
	if (page[W_NUMBER] != number)
		return "of another place";
	if (page[W_SEQ] < seq)
		return "old";
	if (page[W_SEQ] > seq)
		return "too new";
	return NULL;
}

const char *pattern_check(const uint64_t *page, uint64_t seed, uint64_t number, uint64_t seq)
{
	const char *wrong = pattern_check_head(page, seed, number, seq);
	uint64_t value;
	int i;

	if (wrong)
		return wrong;
	value = pattern_mix(seed, number, page[W_BODY_SEQ]);
	for (i = HEAD; i < PAGE_WORDS; i++, value += STEP)
		if (page[i] != value)
			return "torn body";
	return NULL;
}
