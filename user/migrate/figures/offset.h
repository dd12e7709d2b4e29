/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How far the clocks of two hosts are apart, from pings that one
 * answers at once. Pure.
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

#include "wire/ping.h"

#define OFFSET_PINGS	200

/**
 * struct offset - what some pings together say
 * @low:   the offset is at least this
 * @high:  and at most this
 * @rtt:   shortest round trip seen, without the target's own time
 * @pings: pings that were counted
 * @since: when the first of them left, by the source's clock
 * @until: when the last answer came
 */
struct offset {
	int64_t low;
	int64_t high;
	int64_t rtt;
	unsigned int pings;
	int64_t since;
	int64_t until;
};

/** offset_init() - nothing known yet */
void offset_init(struct offset *o);

/** offset_add() - count one ping; false if its times make no sense */
bool offset_add(struct offset *o, const struct ping *p);

/**
 * offset_at() - the offset at a moment between two measurements
 * @before: made earlier
 * @after:  made later; one of the two may have failed
 * @when:   by the source's clock
 *
 * Clocks drift against each other, evenly enough to interpolate, and so do the
 * limits of what is known. Where they have moved further than clocks drift, one
 * was set meanwhile: then nothing better is known than that either may be true.
 */
struct offset offset_at(const struct offset *before, const struct offset *after, int64_t when);

/** offset_valid() - was there at least one usable ping? */
bool offset_valid(const struct offset *o);

/** offset_mid() - best guess of target minus source */
int64_t offset_mid(const struct offset *o);

/** offset_bound() - the guess is wrong by at most this */
int64_t offset_bound(const struct offset *o);

#endif
