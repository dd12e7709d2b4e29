// SPDX-License-Identifier: GPL-2.0
/* Source: copying memory while the guest runs. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "lib/hold.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "migrate/plan/width.h"
#include "migrate/source/source.h"
#include "qemu/vm.h"
#include "zone/paths.h"

#define ANSWER_MS	60000
#define ROUND_MS	500
#define QMP_SAMPLES	5

/* May be made up from the state, so more than once. */
static void note_fetch(struct source *s)
{
	if (s->fetching)
		return;
	s->fetching = true;
	s->passes = s->info.pass + 1;
	s->to_fetch = s->info.counters[ZKZ_A_COUNTERS_FETCH_MISSING];
	s->at.memory = clock_real_ns();
}

static void on_event(const struct session_info *info, void *arg)
{
	struct source *s = arg;

	s->info = *info;
	s->heard_ns = clock_mono_ns();
	switch (info->event) {
	case ZKZ_EVENT_PROGRESS:
		source_progress(s);
		break;
	case ZKZ_EVENT_PASS_END:
		/* Made up from the state, see session_look(), it may be an old one. */
		if (info->pass + 1 > s->passes)
			s->passes = info->pass + 1;
		break;
	case ZKZ_EVENT_FETCH:
		note_fetch(s);
		break;
	case ZKZ_EVENT_END:
		s->passes = info->pass + 1;
		s->ended = true;
		if (!s->fetching)
			s->at.memory = clock_real_ns();
		break;
	case ZKZ_EVENT_LOST:
	case ZKZ_EVENT_ERROR:
		snprintf(s->reason, sizeof(s->reason), "%s",
			 info->reason[0] ? info->reason : "no reason given");
		break;
	}
}

static int look_at_module(struct source *s, struct zkz_err *err)
{
	if (!s->session || s->ended)
		return 0;
	if (session_events(s->genl, s->session, on_event, s, err))
		return -1;
	/* The end of a pass may have been lost; the module has deadlines for the rest. */
	if (clock_mono_ns() - s->heard_ns > SESSION_QUIET_NS &&
	    session_look(s->genl, s->session, on_event, s, err))
		return -1;
	if (!s->reason[0] || s->ended)
		return 0;
	err_set(err, ERR_KERNEL, "The memory stream failed: %s", s->reason);
	if (s->info.error == -EKEYEXPIRED)
		err_remedy(err, "Use more --streams, or -c chacha20-poly1305, whose keys have no such limit.");
	return -1;
}

static void note_qemu(struct source *s, const char *status, uint64_t when)
{
	snprintf(s->qemu, sizeof(s->qemu), "%s", status);
	if (!strcmp(status, "completed"))
		s->at.device = when;
}

static int look_at_qemu(struct source *s, struct zkz_err *err)
{
	struct qmp_event ev;

	if (qmp_pump(s->qmp, err))
		return err_prefix(err, "QEMU of the source");
	while (qmp_take(s->qmp, &ev)) {
		const char *status = json_str(ev.data, "status");

		if (!strcmp(ev.name, "STOP"))
			s->stop_ns = ev.real_ns;
		else if (!strcmp(ev.name, "GUEST_PANICKED") || !strcmp(ev.name, "RESET"))
			json_object_set_new(s->guest, "panicked", json_boolean(ev.name[0] == 'G'));
		else if (!strcmp(ev.name, "MIGRATION") && status)
			note_qemu(s, status, ev.real_ns);
		qmp_event_clear(&ev);
	}
	/* Nobody has begun to stop it: the keeper will find out why, and what is to be done. */
	if (s->stop_ns && s->state.in < 0 && s->state.phase <= STATE_HELD) {
		err_set(err, ERR_ZONE_STATE, "The guest of zone %s was stopped during the migration, by an error of its storage or through QEMU's monitor",
			s->rq->zone);
		return err_remedy(err, "The zone stays here; 'zkz status %s' shows why it is paused.", s->rq->zone);
	}
	if (!strcmp(s->qemu, "failed") || !strcmp(s->qemu, "cancelled")) {
		err_set(err, ERR_QEMU, "QEMU gave the migration up (%s)", s->qemu);
		return err_remedy(err, "'zkz log %s' on both hosts shows what QEMU said.",
				  s->rq->zone);
	}
	return 0;
}

static int look_at_target(struct source *s, struct zkz_err *err)
{
	json_t *msg;
	int rc;

	while ((rc = channel_poll(&s->ch, &msg, err)) > 0) {
		/* Earlier than it should: something failed there, between the commit and the start. */
		if (s->at.go && !strcmp(json_str(msg, "type"), "go-ok")) {
			source_take_answer(s, msg);
			json_decref(msg);
			return err_set(err, ERR_PEER, "%s could not start the zone: %s", s->ch.peer, s->failure);
		}
		if (strcmp(json_str(msg, "type"), "digest") || s->digest || !s->opt.verify) {
			err_set(err, ERR_PROTOCOL, "%s sent '%.40s' at the wrong time", s->ch.peer,
				json_str(msg, "type"));
			json_decref(msg);
			return -1;
		}
		s->digest = msg;
	}
	return rc;
}

/* After GO. Its end may be seen before the target's reason, which comes by another way. */
static int look_at_decision(struct source *s, struct zkz_err *err)
{
	json_t *msg;
	int rc = s->at.go && !s->committed ? channel_poll(&s->decision, &msg, err) : 0;

	if (rc <= 0)
		return rc;
	s->committed = !strcmp(json_str(msg, "type"), "committed");
	json_decref(msg);
	if (!s->committed)
		return err_set(err, ERR_PROTOCOL, "%s answers GO with nonsense", s->ch.peer);
	return 0;
}

int source_wait(struct source *s, struct zkz_err *err)
{
	struct pollfd p[] = {
		{ .fd = s->ch.in, .events = POLLIN },
		{ .fd = s->genl && !s->ended ? genl_events_fd(s->genl) : -1, .events = POLLIN },
		{ .fd = qmp_fd(s->qmp), .events = POLLIN },
		{ .fd = s->guard, .events = POLLIN },
		{ .fd = s->state.phase == STATE_HELD ? -1 : s->state.in, .events = POLLIN },
		{ .fd = s->ch.watch, .events = POLLRDHUP },
		{ .fd = s->at.go && !s->committed ? s->decision.in : -1, .events = POLLIN },
	};

	if (poll(p, 7, ROUND_MS) < 0 && errno != EINTR)
		return err_errno(err, ERR_IO, errno, "Cannot wait");
	if (look_at_module(s, err) || look_at_target(s, err) || look_at_decision(s, err) ||
	    state_pump(s, err) || look_at_qemu(s, err))
		return -1;
	if (!p[3].revents)
		return 0;
	err_set(err, ERR_KEEPER, "QEMU of the source ended during the migration");
	return err_remedy(err, "'zkz log %s' shows why.", s->rq->zone);
}

static int begin_session(struct source *s, struct zkz_err *err)
{
	struct session_want want = {
		.role = ZKZ_ROLE_SOURCE, .stream_fd = s->fd, .streams = s->opt.streams,
		.cookie = session_cookie(s->commit.migration), .timeout_ms = SESSION_TIMEOUT_MS,
		.limit = cipher_limit(s->opt.cipher),
	};
	char path[ZONE_PATH_MAX];
	unsigned int i;

	s->memory = open(zone_path(ZF_MEMORY, s->rq->zone, path), O_RDWR | O_CLOEXEC);
	if (s->memory < 0)
		return err_errno(err, ERR_IO, errno, "Cannot open %s", path);
	s->genl = genl_open(err);
	if (!s->genl)
		return -1;
	want.memory_fd = s->memory;
	if (channel_call(&s->ch, "start",
			 json_pack("{s:b, s:i}", "verify", s->opt.verify,
				   "fetch-timeout", (int)s->opt.patience_s), NULL,
			 deadline_in_ms(ANSWER_MS), err) ||
	    session_new(s->genl, &want, &s->session, err))
		return -1;
	for (i = 0; i < s->opt.streams; i++)
		io_close(&s->fd[i]);
	return 0;
}

/* The shortest of a few: what is measured is the machine, not its other work. */
int source_time_qemu(struct source *s, uint64_t *ns, struct zkz_err *err)
{
	int i;

	*ns = UINT64_MAX;
	for (i = 0; i < QMP_SAMPLES; i++) {
		uint64_t t0 = clock_mono_ns(), took;

		if (vm_running(s->qmp, err) < 0)
			return -1;
		took = clock_mono_ns() - t0;
		if (took < *ns)
			*ns = took;
	}
	return 0;
}

/* Preparing a durable write takes about twice as long as making it true. */
static int time_journal(struct source *s, uint64_t *ns, struct zkz_err *err)
{
	uint64_t t0 = clock_mono_ns();

	if (commit_prepare(&s->commit, err))
		return -1;
	*ns = (clock_mono_ns() - t0) / 2;
	return 0;
}

static int calibrate(struct source *s, struct zkz_err *err)
{
	uint64_t qmp, log;

	s->opt.limits.pages = width_pages(s->opt.streams, cipher_limit(s->opt.cipher));
	policy_init(&s->policy, &s->opt.limits);
	if (vm_prepare_out(s->qmp, err) || source_time_qemu(s, &qmp, err) || time_journal(s, &log, err))
		return -1;
	policy_overhead(&s->policy, s->before.rtt, qmp, log);
	log_debug("zone %s: round trip %llu us, monitor %llu us, journal %llu us, overhead %llu us",
		  s->rq->zone, (unsigned long long)s->before.rtt / 1000,
		  (unsigned long long)qmp / 1000, (unsigned long long)log / 1000,
		  (unsigned long long)s->policy.overhead_ns / 1000);
	return 0;
}

static int begin_pass(struct source *s, struct zkz_err *err)
{
	if (!s->policy.slow)
		return session_pass(s->genl, s->session, false, err);
	if (!s->slowed)
		out_step(&s->rq->out, "The guest writes memory faster than passes get done: its writers wait up to %u %% of their time from now on.",
			 s->opt.limits.slowdown);
	s->slowed = true;
	return session_slow_pass(s->genl, s->session, s->opt.limits.slowdown, err);
}

int source_pass(struct source *s, enum policy_verdict *verdict, struct zkz_err *err)
{
	const uint64_t *c = s->info.counters;
	struct policy_pass pass;
	uint32_t wanted = s->passes + 1;

	if (begin_pass(s, err))
		return -1;
	HOLD(wanted == 1 ? "source.first-pass" : "source.pass");
	while (s->passes < wanted)
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
		  s->rq->zone, s->info.pass, (unsigned long long)pass.pages,
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

	if (channel_send(&s->ch, "freeze", NULL, err))
		return -1;
	measure_attach(&s->measure, s->rq->zone);
	if (*verdict == POLICY_FETCH)
		return 0;
	if (session_get(s->genl, s->session, &now, err))
		return -1;
	if (!policy_closing_pass(&s->policy, now.counters[ZKZ_A_COUNTERS_PAGES_DIRTY]))
		return 0;
	return pass_on(s, verdict, err);
}

int source_passes(struct source *s, struct zkz_err *err)
{
	enum policy_verdict verdict;
	char why[400];

	if (state_connect(s, err) || source_compare_clocks(s, &s->before, err) || begin_session(s, err) ||
	    calibrate(s, err))
		return -1;
	s->passes_ns = clock_mono_ns();
	if (pass_on(s, &verdict, err))
		return -1;
	if (verdict != POLICY_GIVE_UP && close_passes(s, &verdict, err))
		return -1;
	if (verdict == POLICY_CUT || verdict == POLICY_FETCH)
		return 0;
	policy_why(&s->policy, why, sizeof(why));
	err_set(err, ERR_DOWNTIME, "%s", why);
	return err_remedy(err, "The zone runs on here, unharmed. Allow a longer downtime (--max-downtime), more streams or passes, or migrate when it is less busy.");
}
