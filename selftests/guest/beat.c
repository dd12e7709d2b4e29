// SPDX-License-Identifier: GPL-2.0
#include <sched.h>
#include <time.h>

#include "guest.h"

#define BEAT_NS 100000000

/*
 * Real-time priority: a gap between two lines then means that the guest stood still, and not that its own
 * memory writer was served first.
 */
void *beat_thread(void *arg)
{
	const struct sched_param rt = { .sched_priority = 10 };
	struct timespec next;
	unsigned long n = 0;

	sched_setscheduler(0, SCHED_FIFO, &rt);
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (;;) {
		uint64_t now = now_ns();

		say("beat %lu %lu.%06lu", n++, now / 1000000000, now / 1000 % 1000000);
		next.tv_nsec += BEAT_NS;
		if (next.tv_nsec >= 1000000000) {
			next.tv_nsec -= 1000000000;
			next.tv_sec++;
		}
		/* After a long stop, go on from now instead of sending what was missed. */
		if (now_ns() > next.tv_sec * 1000000000ULL + next.tv_nsec + 10ULL * BEAT_NS)
			clock_gettime(CLOCK_MONOTONIC, &next);
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
	}
	return arg;
}
