// SPDX-License-Identifier: GPL-2.0
/* Prints the rate of this machine's time stamp counter in kHz: the middle one of several short measurements. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <x86intrin.h>

#define ROUNDS	7
#define TRIES	50

struct sample {
	uint64_t ticks, ns;
};

/* Of several looks at both clocks the one that was interrupted least. */
static struct sample look(void)
{
	struct sample best = { 0, 0 };
	uint64_t least = UINT64_MAX;
	int i;

	for (i = 0; i < TRIES; i++) {
		uint64_t before = __rdtsc(), after;
		struct timespec t;

		clock_gettime(CLOCK_MONOTONIC, &t);
		after = __rdtsc();
		if (after - before >= least)
			continue;
		least = after - before;
		best.ticks = before + least / 2;
		best.ns = t.tv_sec * 1000000000ULL + t.tv_nsec;
	}
	return best;
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

int main(void)
{
	const struct timespec nap = { .tv_nsec = 30000000 };
	uint64_t khz[ROUNDS];
	int i;

	for (i = 0; i < ROUNDS; i++) {
		struct sample a = look(), b;

		nanosleep(&nap, NULL);
		b = look();
		khz[i] = (b.ticks - a.ticks) * 1000000 / (b.ns - a.ns);
	}
	qsort(khz, ROUNDS, sizeof(khz[0]), by_size);
	printf("%lu\n", khz[ROUNDS / 2]);
	return 0;
}
