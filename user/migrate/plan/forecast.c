// SPDX-License-Identifier: GPL-2.0
#include "migrate/plan/forecast.h"

#include <string.h>

/* A link that carries nothing at all would make passes that never end. */
#define LEAST_RATE	1

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t time_of(uint64_t pages, uint64_t rate)
{
	return (uint64_t)((double)pages * 1e9 / (double)rate);
}

void forecast(const struct forecast_in *in, struct forecast *out)
{
	uint64_t rate = in->send_rate ? in->send_rate : LEAST_RATE, left = in->pages;
	struct policy p;

	memset(out, 0, sizeof(*out));
	policy_init(&p, &in->limits);
	policy_overhead(&p, in->rtt_ns, in->qmp_ns, 0);
	do {
		struct policy_pass pass = { .pages = left, .ns = time_of(left, rate) };
		double dirty = (double)in->dirty_rate * (double)pass.ns / 1e9;

		/* At best: who waits does not write. */
		if (p.slow)
			dirty *= (100 - p.limits.slowdown) / 100.0;

		/* The bulk pass finds no page dirty twice, and later ones no more than there are. */
		pass.dirty = least(dirty < 1e18 ? (uint64_t)dirty : UINT64_MAX, in->pages);
		out->passes_ns += pass.ns;
		out->verdict = policy_after(&p, &pass);
		left = pass.dirty;
	} while (out->verdict == POLICY_AGAIN);
	out->passes = p.passes;
	out->downtime_ns = p.forecast_ns;
	if (out->verdict == POLICY_FETCH) {
		out->rest = left;
		out->rest_ns = time_of(left, rate);
	}
	if (out->verdict == POLICY_GIVE_UP)
		policy_why(&p, &out->why);
}

const char *forecast_verdict_name(enum policy_verdict verdict)
{
	switch (verdict) {
	case POLICY_CUT:
		return "precopy";
	case POLICY_FETCH:
		return "hybrid";
	default:
		return "refused";
	}
}
