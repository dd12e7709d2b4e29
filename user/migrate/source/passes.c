// SPDX-License-Identifier: GPL-2.0
/* Source: copying memory while the guest runs. */
#include "lib/hold.h"
#include "lib/log.h"
#include "migrate/plan/width.h"
#include "migrate/source/clocks.h"
#include "migrate/source/passes.h"
#include "migrate/source/report.h"
#include "migrate/source/wait.h"
#include "qemu/vm.h"

#define ANSWER_MS	60000
#define QMP_SAMPLES	5

static int begin_session(struct source *s, struct zkz_err *err)
{
	if (mover_open(&s->mover, s->rq->zone, err) ||
	    channel_call(&s->link.ch, "start",
			 json_pack("{s:b, s:i}", "verify", s->opt.verify,
				   "fetch-timeout", (int)s->opt.patience_s), NULL,
			 deadline_in_ms(ANSWER_MS), err))
		return -1;
	return mover_begin(&s->mover, ZKZ_ROLE_SOURCE, s->commit.migration, s->opt.cipher, s->link.fd,
			   s->opt.streams, err);
}

/* The shortest of a few: what is measured is the machine, not its other work. */
int source_time_qemu(struct qmp *q, uint64_t *ns, struct zkz_err *err)
{
	int i;

	*ns = UINT64_MAX;
	for (i = 0; i < QMP_SAMPLES; i++) {
		uint64_t t0 = clock_mono_ns(), took;

		if (vm_running(q, err) < 0)
			return -1;
		took = clock_mono_ns() - t0;
		if (took < *ns)
			*ns = took;
	}
	return 0;
}

/* Preparing a durable write takes about twice as long as making it true. */
static int time_journal(const struct commit *c, uint64_t *ns, struct zkz_err *err)
{
	uint64_t t0 = clock_mono_ns();

	if (commit_prepare(c, err))
		return -1;
	*ns = (clock_mono_ns() - t0) / 2;
	return 0;
}

static int calibrate(struct source *s, struct zkz_err *err)
{
	uint64_t qmp, log;

	s->opt.limits.pages = width_pages(s->opt.streams, cipher_limit(s->opt.cipher));
	policy_init(&s->policy, &s->opt.limits);
	if (vm_prepare_out(s->vm.qmp, s->mirror.nr, err) || source_time_qemu(s->vm.qmp, &qmp, err) ||
	    time_journal(&s->commit, &log, err))
		return -1;
	policy_overhead(&s->policy, s->times.before.rtt, qmp, log);
	log_debug("zone %s: round trip %llu us, monitor %llu us, journal %llu us, overhead %llu us",
		  s->rq->zone, (unsigned long long)s->times.before.rtt / 1000,
		  (unsigned long long)qmp / 1000, (unsigned long long)log / 1000,
		  (unsigned long long)s->policy.overhead_ns / 1000);
	return 0;
}

static int begin_pass(struct source *s, struct zkz_err *err)
{
	if (!s->policy.slow)
		return session_pass(s->mover.genl, s->mover.session, false, err);
	if (!s->slowed)
		out_step(&s->rq->out, "The guest writes memory faster than passes get done: its writers wait up to %u %% of their time from now on.",
			 s->opt.limits.slowdown);
	s->slowed = true;
	return session_slow_pass(s->mover.genl, s->mover.session, s->opt.limits.slowdown, err);
}

int source_pass(struct source *s, enum policy_verdict *verdict, struct zkz_err *err)
{
	const uint64_t *c = s->mover.info.counters;
	struct policy_pass pass;
	uint32_t wanted = s->mover.passes + 1;

	if (begin_pass(s, err))
		return -1;
	HOLD(wanted == 1 ? "source.first-pass" : "source.pass");
	while (s->mover.passes < wanted)
		if (source_wait(s, err))
			return -1;
	pass = (struct policy_pass) {
		.pages = c[ZKZ_A_COUNTERS_PASS_PAGES_DATA],
		.skipped = c[ZKZ_A_COUNTERS_PASS_PAGES_SKIPPED],
		.cheap = c[ZKZ_A_COUNTERS_PASS_PAGES_ZERO] + c[ZKZ_A_COUNTERS_PASS_PAGES_HOLE],
		.ns = c[ZKZ_A_COUNTERS_NS_PASS],
		.dirty = c[ZKZ_A_COUNTERS_PAGES_DIRTY],
	};
	*verdict = policy_after(&s->policy, &pass);
	log_debug("zone %s: pass %u: %llu pages, %llu skipped, %llu cheap, %llu ms, %llu dirty; forecast %llu ms",
		  s->rq->zone, s->mover.info.pass, (unsigned long long)pass.pages,
		  (unsigned long long)pass.skipped, (unsigned long long)pass.cheap,
		  (unsigned long long)pass.ns / 1000000,
		  (unsigned long long)pass.dirty,
		  (unsigned long long)s->policy.forecast_ns / 1000000);
	source_progress(s);
	return 0;
}

static int pass_on(struct source *s, enum policy_verdict *verdict, struct zkz_err *err)
{
	do {
		if (source_pass(s, verdict, err))
			return -1;
	} while (*verdict == POLICY_AGAIN);
	return 0;
}

/*
 * What can be done for the stop before it. The guest goes on writing meanwhile, so
 * that one more pass, a short one, makes the stop shorter by much.
 */
static int close_passes(struct source *s, enum policy_verdict *verdict, struct zkz_err *err)
{
	struct session_info now;

	if (channel_send(&s->link.ch, "freeze", NULL, err))
		return -1;
	measure_attach(&s->times.measure, s->rq->zone);
	if (*verdict == POLICY_FETCH)
		return 0;
	if (session_get(s->mover.genl, s->mover.session, &now, err))
		return -1;
	if (!policy_closing_pass(&s->policy, now.counters[ZKZ_A_COUNTERS_PAGES_DIRTY]))
		return 0;
	return pass_on(s, verdict, err);
}

int source_ways(struct source *s, struct zkz_err *err)
{
	return state_connect(&s->vm.state, &s->link, err) ||
		source_compare_clocks(&s->link, s->rq->zone, &s->times.before, err) ? -1 : 0;
}

int source_start(struct source *s, struct zkz_err *err)
{
	return begin_session(s, err) || calibrate(s, err) ? -1 : 0;
}

int source_passes(struct source *s, struct zkz_err *err)
{
	enum policy_verdict verdict;

	s->times.passes_ns = clock_mono_ns();
	if (pass_on(s, &verdict, err))
		return -1;
	if (verdict != POLICY_GIVE_UP && close_passes(s, &verdict, err))
		return -1;
	if (verdict != POLICY_CUT && verdict != POLICY_FETCH)
		return policy_why(&s->policy, err);
	HOLD("source.before-freeze");
	source_warn_forecast(s);
	return 0;
}
