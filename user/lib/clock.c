// SPDX-License-Identifier: GPL-2.0
#include "lib/clock.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <time.h>

static uint64_t read_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
}

uint64_t clock_mono_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

uint64_t clock_real_ns(void)
{
	return read_ns(CLOCK_REALTIME);
}

const char *clock_utc_text(uint64_t real_ns, char *buf)
{
	time_t sec = (time_t)(real_ns / NSEC_PER_SEC);
	unsigned int ms = (unsigned int)(real_ns % NSEC_PER_SEC / NSEC_PER_MSEC);
	struct tm tm;
	size_t n;

	gmtime_r(&sec, &tm);
	n = strftime(buf, UTC_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + n, UTC_TEXT_SIZE - n, ".%03uZ", ms);
	return buf;
}

deadline_t deadline_in_ms(uint64_t ms)
{
	return clock_mono_ns() + ms * NSEC_PER_MSEC;
}

int deadline_left_ms(deadline_t dl)
{
	uint64_t now, left;

	if (dl == DEADLINE_NONE)
		return -1;
	now = clock_mono_ns();
	if (now >= dl)
		return 0;
	left = (dl - now + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC;
	return left > INT_MAX ? INT_MAX : (int)left;
}

void clock_sleep_ms(uint64_t ms)
{
	uint64_t end = deadline_in_ms(ms);
	struct timespec ts = {
		.tv_sec = (time_t)(end / NSEC_PER_SEC),
		.tv_nsec = (long)(end % NSEC_PER_SEC),
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}
