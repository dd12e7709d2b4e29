// SPDX-License-Identifier: GPL-2.0
#include "migrate/plan/policy.h"

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

/*
 * Device state, disk flush, commit: a fixed part, round trips, the
 * target's durable write. How fast QEMU saves and loads devices is not known
 * beforehand; how fast it answers is a measure of how fast it is at all.
 */
#define FIXED_NS	(25 * MSEC)
#define ROUND_TRIPS	5
#define QMP_COMMANDS	6
#define QMP_LIKELY	20

/* A last pass is given this much time even where the budget is shorter. */
#define REST_MS		120000

/* Of what the guest wrote while the stop was prepared, so much is sent before it. */
#define CLOSING_NS	(1 * MSEC)

/* Shorter than what device state and commit take anywhere. */
#define SHORT_STOP_NS	(20 * MSEC)

/* Another pass pays if at least this much of the downtime is memory ... */
#define EXTRA_NS	(10 * MSEC)
/* ... and it is not worth more than so many. */
#define EXTRA_PASSES	4

/* Where a pass leaves this many per mille of what it sent, another will not leave less. */
#define NO_PROGRESS	900

const char *policy_mode_name(enum policy_mode mode)
{
	static const char *const names[] = { "auto", "precopy", "hybrid" };

	return mode < POLICY_MODES ? names[mode] : NULL;
}

enum policy_mode policy_mode_parse(const char *text)
{
	enum policy_mode m = POLICY_AUTO;

	while (m < POLICY_MODES && strcmp(policy_mode_name(m), text))
		m++;
	return m;
}

void policy_init(struct policy *p, const struct policy_limits *limits)
{
	memset(p, 0, sizeof(*p));
	p->limits = *limits;
	p->overhead_ns = p->floor_ns = FIXED_NS;
	p->forecast_ns = UINT64_MAX;
	p->least = UINT64_MAX;
}

void policy_overhead(struct policy *p, uint64_t rtt_ns, uint64_t qmp_ns, uint64_t log_ns)
{
	/* One slow write says little: it must not make a migration impossible. */
	p->floor_ns = FIXED_NS + ROUND_TRIPS * rtt_ns + QMP_COMMANDS * qmp_ns;
	p->overhead_ns = p->floor_ns + (QMP_LIKELY - QMP_COMMANDS) * qmp_ns + log_ns;
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

static uint64_t memory_ns(const struct policy *p, uint64_t dirty)
{
	return scale(dirty, NSEC, p->send_rate);
}

/* What is dirty now, plus what will be while the stop is being arranged. */
static uint64_t dirty_at_stop(const struct policy *p, uint64_t dirty)
{
	return add(dirty, scale(p->dirty_rate, p->overhead_ns / 2, NSEC));
}

/* Passes shorten the memory's part only: is there hardly anything of it left? */
static bool passes_help(const struct policy *p, uint64_t memory)
{
	return memory > budget_ns(p) / 10;
}

/*
 * Stop now? The likely overhead is a guess that a slow moment spoils, so it
 * alone keeps no zone here: the user is warned instead. What is sure to be
 * needed has to fit.
 */
static bool may_cut(const struct policy *p, uint64_t memory)
{
	return !policy_exceeds(p) ||
	       (!passes_help(p, memory) && add(memory, p->floor_ns) <= budget_ns(p));
}

/* May there be another pass while the guest runs? */
static bool may_pass(const struct policy *p)
{
	return p->passes < p->limits.passes && !p->spent;
}

/*
 * What a pass that sends @dirty pages would leave, if the guest goes on like that. It
 * writes for as long as the pass takes. A set that it writes again and again is not left
 * smaller by a shorter pass: pages that were written twice in the little time between
 * harvest and send will be again.
 */
static uint64_t would_leave(const struct policy *p, uint64_t dirty)
{
	uint64_t left = scale(p->dirty_rate, memory_ns(p, dirty), NSEC);

	if (left < p->rewritten)
		left = p->rewritten;
	return left < dirty ? left : dirty;
}

/*
 * A short pass more makes the downtime shorter; only while that gets somewhere. A guest
 * that writes in bursts has left less before, and will again.
 */
static bool extra_pays(struct policy *p, const struct policy_pass *pass, uint64_t memory)
{
	uint64_t left = would_leave(p, pass->dirty);

	if (left > p->least)
		left = p->least;
	if (memory < EXTRA_NS || left > pass->dirty / 2 || p->extra == EXTRA_PASSES || !may_pass(p))
		return false;
	p->extra++;
	return true;
}

/*
 * Do the passes that are allowed get below the budget? If each leaves as large a
 * part of what it sent as the last one did: a guest that writes the same pages
 * again and again leaves as much of a short pass as of a long one.
 */
static bool converges(const struct policy *p, const struct policy_pass *pass)
{
	uint64_t left = pass->dirty, shrink = scale(left, 1000, add(pass->pages, pass->skipped));
	uint32_t n;

	if (shrink >= NO_PROGRESS || p->spent)
		return false;
	for (n = p->passes; n < p->limits.passes && left; n++) {
		left = scale(left, shrink, 1000);
		if (add(memory_ns(p, left), p->overhead_ns) <= budget_ns(p))
			return true;
	}
	return false;
}

/* Before anything else is done about a guest that writes too fast: is there a budget for that? */
static bool slow_down(struct policy *p)
{
	if (!p->limits.slowdown || p->slow || !may_pass(p))
		return false;
	p->slow = true;
	return true;
}

static enum policy_verdict fetch(struct policy *p)
{
	p->fetch = true;
	p->forecast_ns = p->overhead_ns;
	return POLICY_FETCH;
}

static enum policy_verdict decide(struct policy *p, const struct policy_pass *pass, uint64_t memory)
{
	/* No number of passes makes the overhead smaller. */
	if (p->floor_ns > budget_ns(p))
		return POLICY_GIVE_UP;
	if (p->limits.mode == POLICY_HYBRID)
		return fetch(p);
	if (may_cut(p, memory))
		return extra_pays(p, pass, memory) ? POLICY_AGAIN : POLICY_CUT;
	if (p->send_rate && !converges(p, pass)) {
		if (slow_down(p))
			return POLICY_AGAIN;
		if (p->limits.mode == POLICY_AUTO)
			return fetch(p);
	}
	return may_pass(p) ? POLICY_AGAIN : POLICY_GIVE_UP;
}

enum policy_verdict policy_after(struct policy *p, const struct policy_pass *pass)
{
	enum policy_verdict verdict;
	uint64_t memory;

	p->passes++;
	learn_rates(p, pass);
	p->sent = add(p->sent, pass->pages);
	/* a pass of what is dirty now, and after it a last one of as much */
	p->spent = p->limits.pages && add(p->sent, add(pass->dirty, pass->dirty)) > p->limits.pages;
	p->rewritten = pass->skipped;
	memory = memory_ns(p, dirty_at_stop(p, pass->dirty));
	p->forecast_ns = add(memory, p->overhead_ns);
	verdict = decide(p, pass, memory);
	if (p->least > pass->dirty)
		p->least = pass->dirty;
	return verdict;
}

bool policy_closing_pass(const struct policy *p, uint64_t dirty)
{
	return memory_ns(p, dirty) >= CLOSING_NS && would_leave(p, dirty) <= dirty - dirty / 4 && may_pass(p);
}

bool policy_short_stop(const struct policy *p)
{
	return p->forecast_ns <= add(p->overhead_ns, SHORT_STOP_NS);
}

bool policy_frozen(struct policy *p, uint64_t dirty, uint64_t spent_ns)
{
	uint64_t memory = p->fetch ? 0 : memory_ns(p, dirty);

	p->forecast_ns = add(add(memory, p->overhead_ns), spent_ns);
	/* What the stop itself took would be lost once more. */
	if (!policy_exceeds(p) || !passes_help(p, memory))
		return true;
	if (p->limits.mode != POLICY_AUTO)
		return false;
	fetch(p);
	p->forecast_ns = add(p->overhead_ns, spent_ns);
	return true;
}

uint32_t policy_rest_ms(const struct policy *p)
{
	return p->limits.downtime_ms > REST_MS ? p->limits.downtime_ms : REST_MS;
}

bool policy_exceeds(const struct policy *p)
{
	return p->forecast_ns > budget_ns(p);
}

bool policy_thawed(struct policy *p)
{
	return may_pass(p);
}

int policy_why(const struct policy *p, struct zkz_err *err)
{
	uint32_t allowed = p->limits.downtime_ms;
	uint64_t ms = p->forecast_ns / MSEC, dirty = p->dirty_rate / 256, link = p->send_rate / 256;

	if (p->floor_ns > budget_ns(p))
		return err_downtime_floor(err, p->floor_ns / MSEC, allowed);
	if (p->spent)
		return err_downtime_keys(err, p->passes, ms, allowed);
	if (p->slow)
		return err_downtime_slowed(err, p->passes, ms, allowed, dirty, link);
	return err_downtime_budget(err, p->passes, ms, allowed, dirty, link);
}
