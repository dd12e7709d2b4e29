// SPDX-License-Identifier: GPL-2.0
/*
 * Source: the guest stops, and the rest travels. The order matters:
 *
 *   "in-doubt" is written    guest runs (later, if the last pass will take long)
 *   QEMU sends its setup     guest runs
 *   STOP                     guest stopped
 *   end of the setup         its disks are drained: QEMU collects the device state ...
 *   last harvest             ... while the module sends what is dirty
 *   end of memory            GO, and the device state may pass
 *   completed, and the target has committed
 *                            so may its last byte, with which the guest starts
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "lib/hold.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "migrate/figures/digest.h"
#include "migrate/source/commit.h"
#include "migrate/source/freeze.h"
#include "migrate/source/passes.h"
#include "migrate/source/report.h"
#include "migrate/source/wait.h"
#include "qemu/vm.h"

#define PING_MS		15000
#define VERIFY_MS	(3600 * 1000)

/* What QEMU said of its last migration is not to be taken for news of the next. */
static void forget_qemu(struct leaving *v)
{
	qmp_forget(v->qmp);
	v->status[0] = '\0';
	v->stop_ns = 0;
}

/* With disks that go along QEMU waits before it lets them go. */
static bool stands_still(const struct source *s)
{
	bool waits = s->mirror.nr && !s->mirror.over;

	return s->vm.stop_ns && (waits ? !strcmp(s->vm.status, VM_PAUSED) : s->vm.state.phase == DEVSTATE_HELD);
}

static int wait_stopped(struct source *s, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(SOURCE_SWITCH_MS);

	while (!stands_still(s)) {
		if (!deadline_left_ms(dl))
			return err_qemu_slow_stop(err, s->rq->zone, SOURCE_SWITCH_MS / 1000);
		if (source_wait(s, err))
			return -1;
	}
	return 0;
}

static int begin_stop(struct source *s, struct zkz_err *err)
{
	forget_qemu(&s->vm);
	return devstate_begin(&s->vm.state, s->vm.qmp, err) || wait_stopped(s, err) ? -1 : 0;
}

/* What goes along is complete, and QEMU may let its disks go. */
static int let_disks_go(struct source *s, struct zkz_err *err)
{
	if (!s->mirror.nr)
		return 0;
	return source_mirror_end(s, err) || vm_go_on(s->vm.qmp, err) || wait_stopped(s, err) ? -1 : 0;
}

static uint64_t since_stop(const struct leaving *v)
{
	uint64_t now = clock_real_ns();

	return now > v->stop_ns ? now - v->stop_ns : 0;
}

/* The guest was too quick: let it run on and try again after another pass. */
static int thaw(struct source *s, struct zkz_err *err)
{
	enum policy_verdict verdict = POLICY_AGAIN;
	uint64_t ms = s->policy.forecast_ns / NSEC_PER_MSEC;
	struct zkz_err warning = { 0 };

	if (vm_resume(s->vm.qmp, err) || source_no_doubt(s, err) || commit_prepare(&s->commit, err))
		return -1;
	err_guest_let_go(&warning, since_stop(&s->vm) / NSEC_PER_MSEC, ms);
	out_warning(&s->rq->out, &warning);
	io_close(&s->vm.state.in);
	forget_qemu(&s->vm);
	if (vm_prepare_out(s->vm.qmp, s->mirror.nr, err))
		return -1;
	while (verdict == POLICY_AGAIN && policy_thawed(&s->policy))
		if (source_pass(s, &verdict, err))
			return -1;
	if (verdict != POLICY_CUT)
		return err_downtime_forecast(err, ms, s->opt.limits.downtime_ms);
	source_warn_forecast(s);
	return 0;
}

/*
 * The ways of GO and of the device state have been idle since the first pass. A guest
 * is not stopped for a target that they do not reach any more.
 */
static int look_at_ways(struct source *s, struct zkz_err *err)
{
	struct pollfd state = { .fd = s->vm.state.out };

	s->link.decision.watch = s->link.ch.watch;
	if (poll(&state, 1, 0) > 0 && state.revents & (POLLERR | POLLHUP)) {
		err_peer_state_broke(err, s->link.ch.peer);
	} else if (!channel_call(&s->link.decision, "ping", NULL, NULL, deadline_in_ms(PING_MS), err)) {
		s->link.decision.watch = -1;
		return 0;
	}
	if (err_is(err, ERR_CANCELLED))
		return -1;
	return err_peer_decision_way(err);
}

/* Return: 1 if the guest is stopped and the rest fits, 0 if it was let go, -1. */
static int stop_guest(struct source *s, struct zkz_err *err)
{
	struct session_info info;

	if (look_at_ways(s, err))
		return -1;
	if (policy_short_stop(&s->policy) && source_doubt(&s->commit, err))
		return -1;
	if (begin_stop(s, err) || session_get(s->mover.genl, s->mover.session, &info, err))
		return -1;
	if (policy_frozen(&s->policy, info.counters[ZKZ_A_COUNTERS_PAGES_DIRTY], since_stop(&s->vm))) {
		source_warn_forecast(s);
		return let_disks_go(s, err) ? -1 : 1;
	}
	return thaw(s, err) ? -1 : 0;
}

int source_stop(struct source *s, struct zkz_err *err)
{
	int fits;

	do {
		fits = stop_guest(s, err);
		if (fits < 0)
			return -1;
	} while (!fits);
	return 0;
}

int source_last_pass(struct source *s, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(policy_rest_ms(&s->policy));

	HOLD("source.frozen");
	if (s->policy.fetch ? session_fetch(s->mover.genl, s->mover.session, err) :
			      session_pass(s->mover.genl, s->mover.session, true, err))
		return -1;
	HOLD("source.last-pass");
	while (!(s->mover.ended || s->mover.fetching)) {
		if (!deadline_left_ms(dl))
			return err_last_pass_slow(err, s->rq->zone, policy_rest_ms(&s->policy) / 1000,
						  s->link.uri.host);
		if (source_wait(s, err))
			return -1;
	}
	log_debug("zone %s: last pass: %llu pages, %llu us, harvest %llu us, wait %llu us",
		  s->rq->zone,
		  (unsigned long long)s->mover.info.counters[ZKZ_A_COUNTERS_PASS_PAGES_DATA],
		  (unsigned long long)s->mover.info.counters[ZKZ_A_COUNTERS_NS_PASS] / 1000,
		  (unsigned long long)s->mover.info.counters[ZKZ_A_COUNTERS_PASS_NS_HARVEST] / 1000,
		  (unsigned long long)s->mover.info.counters[ZKZ_A_COUNTERS_PASS_NS_WAIT] / 1000);
	return 0;
}

static int wait_digest(struct source *s, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(VERIFY_MS);

	while (!s->digest) {
		if (!deadline_left_ms(dl))
			return err_verify_slow(err);
		if (source_wait(s, err))
			return -1;
	}
	return 0;
}

/* Before GO, so that a difference costs nothing but the downtime. */
int source_verify(struct source *s, struct zkz_err *err)
{
	struct memory_digest ours;
	const char *theirs;

	if (!s->opt.verify)
		return 0;
	if (memory_digest(s->mover.memory, &ours, err) || wait_digest(s, err))
		return -1;
	theirs = json_str(s->digest, "digest");
	if (theirs && !strcmp(theirs, ours.text)) {
		out_step(&s->rq->out, "Verified the memory on both hosts: 0 pages differ (%llu compared).",
			 (unsigned long long)ours.pages);
		return 0;
	}
	return err_memory_differs(err, s->rq->zone, ours.pages, json_int(s->digest, "pages", 0));
}
