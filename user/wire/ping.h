/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Times of many short exchanges over a connection of two workers. The bytes, all
 * numbers little-endian and of 8 bytes each:
 *
 *	question	number
 *	answer		number, when the question came, when the answer left
 *
 * Fixed and short, because both hosts have guests to run meanwhile.
 */
#ifndef ZKZ_WIRE_PING_H
#define ZKZ_WIRE_PING_H

#include <stdint.h>

#include "lib/clock.h"
#include "lib/err.h"

/* No side asks for more. */
#define PING_MOST	10000

/**
 * struct ping - the four times of one exchange, CLOCK_REALTIME in nanoseconds
 * @t1: the question left
 * @t2: it came, by the other host's clock
 * @t3: the answer left, likewise
 * @t4: it came
 *
 * @t2 and @t3 are whatever the peer says.
 */
struct ping {
	int64_t t1;
	int64_t t2;
	int64_t t3;
	int64_t t4;
};

/** typedef ping_fn - what to do with one exchange */
typedef void (*ping_fn)(const struct ping *p, void *arg);

/** ping_ask() - @count exchanges, several at a time; @fd is a connected socket */
int ping_ask(int fd, unsigned int count, ping_fn fn, void *arg, deadline_t dl, struct zkz_err *err);

/** ping_answer() - the other side; reads no byte beyond the last question */
int ping_answer(int fd, unsigned int count, deadline_t dl, struct zkz_err *err);

#endif
