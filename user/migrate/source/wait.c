// SPDX-License-Identifier: GPL-2.0
/* Source: waiting, from the first pass to the answer to GO. What the module, QEMU, the target and the keeper say. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "lib/jsonl.h"
#include "migrate/source/source.h"

#define ROUND_MS	500

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

void source_take_answer(struct source *s, const json_t *ans)
{
	const char *failure = json_str(ans, "failure");

	s->answered = true;
	s->loaded_ns = json_int(ans, "loaded-ns", 0);
	s->resume_ns = json_int(ans, "resume-ns", 0);
	snprintf(s->failure, sizeof(s->failure), "%s", failure ? failure : "");
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

/* Most often it waits for a disk. */
int source_slow_qemu(struct source *s, const char *what, struct zkz_err *err)
{
	err_set(err, ERR_QEMU, "QEMU of zone %s does not %s within %d seconds", s->rq->zone, what,
		SOURCE_SWITCH_MS / 1000);
	return err_remedy(err, "See that its storage answers, and what 'zkz log %s' shows.", s->rq->zone);
}
