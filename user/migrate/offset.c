// SPDX-License-Identifier: GPL-2.0
#include "migrate/offset.h"

void offset_init(struct offset *o)
{
	o->low = INT64_MIN;
	o->high = INT64_MAX;
	o->rtt = INT64_MAX;
	o->pings = 0;
}

static bool sane(int64_t a, int64_t b)
{
	return a > 0 && b >= a && b < INT64_MAX / 2;
}

bool offset_add(struct offset *o, const struct offset_ping *p)
{
	int64_t low, high, rtt;

	if (!sane(p->t1, p->t4) || !sane(p->t2, p->t3))
		return false;
	rtt = (p->t4 - p->t1) - (p->t3 - p->t2);
	if (rtt < 0)
		return false;
	low = p->t3 - p->t4;
	high = p->t2 - p->t1;

	/*
	 * Intervals that do not meet mean that a clock was set between pings:
	 * then only what is measured from now on counts.
	 */
	if (o->pings && (low > o->high || high < o->low))
		offset_init(o);
	if (low > o->low)
		o->low = low;
	if (high < o->high)
		o->high = high;
	if (rtt < o->rtt)
		o->rtt = rtt;
	o->pings++;
	return true;
}

bool offset_valid(const struct offset *o)
{
	return o->pings > 0;
}

struct offset offset_join(const struct offset *before, const struct offset *after)
{
	struct offset o = *before;

	if (!offset_valid(after))
		return o;
	if (!offset_valid(before))
		return *after;
	if (after->low < o.low)
		o.low = after->low;
	if (after->high > o.high)
		o.high = after->high;
	if (after->rtt < o.rtt)
		o.rtt = after->rtt;
	o.pings += after->pings;
	return o;
}

int64_t offset_mid(const struct offset *o)
{
	return o->low + (o->high - o->low) / 2;
}

int64_t offset_bound(const struct offset *o)
{
	return (o->high - o->low + 1) / 2;
}
