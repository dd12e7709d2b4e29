// SPDX-License-Identifier: GPL-2.0
#include "pace.h"

#include <time.h>

#include "guest.h"
#include "pattern.h"

#define TICK_NS		10000000ULL
#define UNLIMITED	64

void pace_begin(struct pace *p, uint64_t rate)
{
	p->rate = rate;
	p->last = now_ns();
	p->credit = 0;
}

/* What was missed while the guest stood still is not made up for: at most 100 ms are granted at once. */
uint64_t pace_wait(struct pace *p)
{
	const struct timespec tick = { .tv_nsec = TICK_NS };
	uint64_t now, passed, pages;

	if (!p->rate)
		return UNLIMITED;
	do {
		nanosleep(&tick, NULL);
		now = now_ns();
		passed = now - p->last;
		if (passed > 10 * TICK_NS)
			passed = 10 * TICK_NS;
		p->last = now;
		p->credit += p->rate * (passed / 1000) / 1000000;
		pages = p->credit / PAGE_BYTES;
	} while (!pages);
	p->credit -= pages * PAGE_BYTES;
	return pages;
}
