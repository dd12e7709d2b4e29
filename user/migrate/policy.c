// SPDX-License-Identifier: GPL-2.0
#include "migrate/policy.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NSEC		UINT64_C(1000000000)
#define MSEC		UINT64_C(1000000)

/* Announcing a zero page costs about this many times less than its content. */
#define CHEAP_FACTOR	64

/* Passes shorter than this say nothing about the rate of the link. */
#define SHORT_PASS_NS	(5 * MSEC)
#define FEW_PAGES	256

/* Device state, disk flush, journals: the part that no round trip explains. */
#define FIXED_NS	(25 * MSEC)
#define QMP_COMMANDS	6
#define ROUND_TRIPS	5

void policy_init(struct policy *p, const struct policy_limits *limits)
{
	memset(p, 0, sizeof(*p));
	p->limits = *limits;
	p->overhead_ns = FIXED_NS;
	p->best_ns = UINT64_MAX;
	p->forecast_ns = UINT64_MAX;
}

void policy_overhead(struct policy *p, uint64_t rtt_ns, uint64_t qmp_ns)
{
	p->overhead_ns = FIXED_NS + ROUND_TRIPS * rtt_ns + QMP_COMMANDS * qmp_ns;
}

static uint64_t budget_ns(const struct policy *p)
{
	return p->limits.downtime_ms * MSEC;
}

/* a * b / c without overflow for what can occur; c of 0 means "never" */
static uint64_t scale(uint64_t a, uint64_t b, uint64_t c)
{
	unsigned __int128 wide = (unsigned __int128)a * b;

	if (!c)
		return a ? UINT64_MAX : 0;
	wide /= c;
	return wide > UINT64_MAX ? UINT64_MAX : (uint64_t)wide;
}

static uint64_t add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/*
 * The first pass also allocates and zeroes at the target, so it underrates the
 * link; later passes are short and noisy. Half and half follows both. A pass
 * that is too small to measure keeps the old rate.
 */
static void learn_rates(struct policy *p, const struct policy_pass *pass)
{
	uint64_t sent = pass->pages + pass->cheap / CHEAP_FACTOR;
	uint64_t rate;

	if (pass->ns)
		p->dirty_rate = scale(pass->dirty, NSEC, pass->ns);
	if (!pass->ns || !sent)
		return;
	if (p->send_rate && (pass->ns < SHORT_PASS_NS || sent < FEW_PAGES))
		return;
	rate = scale(sent, NSEC, pass->ns);
	p->send_rate = p->send_rate ? p->send_rate / 2 + rate / 2 : rate;
}

static uint64_t forecast(const struct policy *p, uint64_t dirty)
{
	return add(scale(dirty, NSEC, p->send_rate), p->overhead_ns);
}

/* What is dirty now, plus what will be while the stop is being arranged. */
static uint64_t dirty_at_stop(const struct policy *p, uint64_t dirty)
{
	return add(dirty, scale(p->dirty_rate, p->overhead_ns / 2, NSEC));
}

enum policy_verdict policy_after(struct policy *p, const struct policy_pass *pass)
{
	p->passes++;
	learn_rates(p, pass);
	p->forecast_ns = forecast(p, dirty_at_stop(p, pass->dirty));
	if (p->forecast_ns < p->best_ns)
		p->best_ns = p->forecast_ns;
	p->prev_dirty = pass->dirty;

	if (p->forecast_ns <= budget_ns(p))
		return POLICY_CUT;
	/* No number of passes makes the overhead smaller. */
	if (p->overhead_ns > budget_ns(p))
		return POLICY_GIVE_UP;
	return p->passes < p->limits.passes ? POLICY_AGAIN : POLICY_GIVE_UP;
}

bool policy_frozen(struct policy *p, uint64_t dirty, uint64_t spent_ns)
{
	p->forecast_ns = add(forecast(p, dirty), spent_ns);
	return p->forecast_ns <= budget_ns(p);
}

bool policy_thawed(struct policy *p)
{
	return p->passes < p->limits.passes;
}

void policy_why(const struct policy *p, char *text, int size)
{
	if (p->overhead_ns > budget_ns(p)) {
		snprintf(text, size,
			 "Between these hosts the stop alone takes about %" PRIu64
			 " ms, more than the allowed downtime of %" PRIu32 " ms",
			 p->overhead_ns / MSEC, p->limits.downtime_ms);
		return;
	}
	snprintf(text, size,
		 "After %" PRIu32 " passes the downtime would still be about %" PRIu64
		 " ms, more than the allowed %" PRIu32 " ms: the guest dirties %" PRIu64
		 " MiB/s and the link carries %" PRIu64 " MiB/s",
		 p->passes, p->forecast_ns / MSEC, p->limits.downtime_ms,
		 p->dirty_rate / 256, p->send_rate / 256);
}
