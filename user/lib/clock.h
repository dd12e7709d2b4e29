/* SPDX-License-Identifier: GPL-2.0 */
/* Clocks and deadlines. Every wait in zkz takes a deadline made here. */
#ifndef ZKZ_LIB_CLOCK_H
#define ZKZ_LIB_CLOCK_H

#include <stdint.h>
#include <stddef.h>

#define NSEC_PER_SEC	1000000000ULL
#define NSEC_PER_MSEC	1000000ULL
#define UTC_TEXT_SIZE	32

/** clock_mono_ns() - CLOCK_MONOTONIC in nanoseconds */
uint64_t clock_mono_ns(void);

/** clock_real_ns() - CLOCK_REALTIME in nanoseconds */
uint64_t clock_real_ns(void);

/**
 * clock_utc_text() - "2026-01-31T12:00:00.123Z" for a CLOCK_REALTIME value
 * @real_ns: time to format
 * @buf:     at least UTC_TEXT_SIZE bytes
 *
 * Return: @buf.
 */
const char *clock_utc_text(uint64_t real_ns, char *buf);

/** typedef deadline_t - absolute CLOCK_MONOTONIC time in nanoseconds */
typedef uint64_t deadline_t;

/** DEADLINE_NONE - for waits that end by a signal or a hang-up only */
#define DEADLINE_NONE	UINT64_MAX

/** deadline_in_ms() - the deadline @ms milliseconds from now */
deadline_t deadline_in_ms(uint64_t ms);

/**
 * deadline_left_ms() - what to pass to poll(2)
 *
 * Return: milliseconds left rounded up, 0 if passed, -1 for DEADLINE_NONE.
 */
int deadline_left_ms(deadline_t dl);

/** clock_sleep_ms() - sleep, restarted after signals */
void clock_sleep_ms(uint64_t ms);

#endif
