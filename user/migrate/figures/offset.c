// SPDX-License-Identifier: GPL-2.0
#include "migrate/figures/offset.h"

/* NTP slews a clock by 500 millionths at most; two of them may go apart. */
#define DRIFT_MAX	0.001

void offset_init(struct offset *o)
{
	o->low = INT64_MIN;
	o->high = INT64_MAX;
	o->rtt = INT64_MAX;
	o->pings = 0;
	o->since = 0;
	o->until = 0;
}

static bool sane(int64_t a, int64_t b)
{
	return a > 0 && b >= a && b < INT64_MAX / 2;
}

bool offset_add(struct offset *o, const struct ping *p)
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
	if (!o->pings++)
		o->since = p->t1;
	o->until = p->t4;
	return true;
}

bool offset_valid(const struct offset *o)
{
	return o->pings > 0;
}

static double middle(const struct offset *o)
{
	return ((double)o->since + (double)o->until) / 2;
}

static struct offset either(const struct offset *a, const struct offset *b)
{
	struct offset o = *a;

	if (b->low < o.low)
		o.low = b->low;
	if (b->high > o.high)
		o.high = b->high;
	return o;
}

struct offset offset_at(const struct offset *before, const struct offset *after, int64_t when)
{
	double apart = middle(after) - middle(before), part, gap;
	struct offset o = *before;

	if (!offset_valid(after))
		return *before;
	if (!offset_valid(before))
		return *after;
	/* How far the two intervals are from meeting; negative if they do. */
	gap = after->low > before->high ? (double)(after->low - before->high) :
					  (double)(before->low - after->high);
	if (apart <= 0 || gap > apart * DRIFT_MAX)
		return either(before, after);
	part = ((double)when - middle(before)) / apart;
	part = part < 0 ? 0 : part > 1 ? 1 : part;
	o.low += (int64_t)(part * (double)(after->low - before->low));
	o.high += (int64_t)(part * (double)(after->high - before->high));
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
