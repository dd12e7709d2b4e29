/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How far the clocks of two hosts are apart, from pings over the control
 * channel. Pure.
 *
 *	source  t1 ----->            t4
 *	              \             /
 *	target         t2 ------> t3
 *
 * One ping bounds the offset (target minus source): the ping cannot arrive
 * before it was sent, so t2 - t1 >= offset >= t3 - t4. The true offset lies in
 * the intersection of the intervals of all pings.
 */
#ifndef ZKZ_MIGRATE_OFFSET_H
#define ZKZ_MIGRATE_OFFSET_H

#include <stdbool.h>
#include <stdint.h>

#define OFFSET_PINGS	20

/** struct offset_ping - the four times of one ping, in nanoseconds */
struct offset_ping {
	int64_t t1;	/* source sent it */
	int64_t t2;	/* target got it */
	int64_t t3;	/* target answered */
	int64_t t4;	/* source got the answer */
};

/**
 * struct offset - what some pings together say
 * @low:   the offset is at least this
 * @high:  and at most this
 * @rtt:   shortest round trip seen, without the target's own time
 * @pings: pings that were counted
 */
struct offset {
	int64_t low;
	int64_t high;
	int64_t rtt;
	unsigned int pings;
};

/** offset_init() - nothing known yet */
void offset_init(struct offset *o);

/** offset_add() - count one ping; false if its times make no sense */
bool offset_add(struct offset *o, const struct offset_ping *p);

/**
 * offset_join() - one offset for a span of time from two measurements
 * @before: made at the start of the span
 * @after:  made at its end
 *
 * The clocks may drift against each other meanwhile, so the result covers
 * both: it is the union of the two.
 */
struct offset offset_join(const struct offset *before, const struct offset *after);

/** offset_valid() - was there at least one usable ping? */
bool offset_valid(const struct offset *o);

/** offset_mid() - best guess of target minus source */
int64_t offset_mid(const struct offset *o);

/** offset_bound() - the guess is wrong by at most this */
int64_t offset_bound(const struct offset *o);

#endif
