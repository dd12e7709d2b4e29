// SPDX-License-Identifier: GPL-2.0
/* Source: waiting, from the first pass to the answer to GO. What the module, QEMU, the target and the keeper say. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/errjson.h"
#include "lib/jsonl.h"
#include "migrate/guard.h"
#include "migrate/pump.h"
#include "migrate/source/report.h"
#include "migrate/source/wait.h"

static void on_event(const struct session_info *info, void *arg)
{
	struct source *s = arg;
	bool fetched = s->mover.fetching;

	mover_note(&s->mover, info);
	if (info->event == ZKZ_EVENT_PROGRESS)
		source_progress(s);
	/* What was made up from the state may be old: only the first counts. */
	if (info->event == ZKZ_EVENT_FETCH && !fetched)
		s->fetch.pages = info->counters[ZKZ_A_COUNTERS_FETCH_MISSING];
	if ((info->event == ZKZ_EVENT_FETCH || info->event == ZKZ_EVENT_END) && !fetched)
		s->times.memory_ns = clock_real_ns();
}

static int look_at_module(struct source *s, struct zkz_err *err)
{
	if (mover_listen(&s->mover, on_event, s, err))
		return -1;
	if (!s->mover.reason[0] || s->mover.ended)
		return 0;
	return s->mover.info.error == -EKEYEXPIRED ? err_memory_stream_keys(err, s->mover.reason) :
		err_memory_stream(err, s->mover.reason);
}

static void note_qemu(struct leaving *v, const char *status, uint64_t when)
{
	snprintf(v->status, sizeof(v->status), "%s", status);
	if (!strcmp(status, "completed"))
		v->completed_ns = when;
}

static int look_at_qemu(struct source *s, struct zkz_err *err)
{
	struct qmp_event ev;
	int rc = qmp_pump(s->vm.qmp, err);

	/* One that has ended may have said before that it has completed. */
	while (qmp_take(s->vm.qmp, &ev)) {
		const char *status = json_str(ev.data, "status");

		if (!strcmp(ev.name, "STOP"))
			s->vm.stop_ns = ev.real_ns;
		else if (!strcmp(ev.name, "GUEST_PANICKED") || !strcmp(ev.name, "RESET"))
			json_object_set_new(s->guest, "panicked", json_boolean(ev.name[0] == 'G'));
		else if (!strcmp(ev.name, "MIGRATION") && status)
			note_qemu(&s->vm, status, ev.real_ns);
		source_mirror_hear(s, &ev);
		qmp_event_clear(&ev);
	}
	if (rc)
		return err_qemu_of_source(err);
	if (s->mirror.failed && !s->verdict.go_ns)
		return err_qemu_mirror(err, s->rq->zone, s->mirror.why);
	/* Nobody has begun to stop it: the keeper will find out why, and what is to be done. */
	if (s->vm.stop_ns && s->vm.state.in < 0 && s->vm.state.phase <= DEVSTATE_HELD)
		return err_qemu_stopped_source(err, s->rq->zone);
	if (!strcmp(s->vm.status, "failed") || !strcmp(s->vm.status, "cancelled"))
		return err_qemu_gave_up(err, s->vm.status, s->rq->zone);
	return 0;
}

void source_take_answer(struct verdict *v, const char *peer, const json_t *ans)
{
	const json_t *why = json_object_get(ans, "why");

	v->answered = true;
	v->loaded_ns = json_int(ans, "loaded-ns", 0);
	v->resume_ns = json_int(ans, "resume-ns", 0);
	err_clear(&v->failure);
	if (json_is_object(why))
		err_from_json(&v->failure, why, peer);
}

int source_look_at_target(struct source *s, struct zkz_err *err)
{
	json_t *msg;
	int rc;

	while ((rc = channel_poll(&s->link.ch, &msg, err)) > 0) {
		/* Earlier than it should: something failed there, between the commit and the start. */
		if (s->verdict.go_ns && !strcmp(json_str(msg, "type"), "go-ok")) {
			source_take_answer(&s->verdict, s->link.ch.peer, msg);
			json_decref(msg);
			err_target_not_started(err, s->link.ch.peer, s->rq->zone);
			return err_cause(err, &s->verdict.failure);
		}
		if (strcmp(json_str(msg, "type"), "digest") || s->digest || !s->opt.verify) {
			err_peer_wrong_time(err, s->link.ch.peer, json_str(msg, "type"));
			json_decref(msg);
			return -1;
		}
		s->digest = msg;
	}
	return rc;
}

/* After GO, until the target has said that it owns the zone, or not. */
static bool decision_due(const struct verdict *v)
{
	return v->go_ns && !v->committed;
}

/* Its end may be seen before the target's reason, which comes by another way. */
static int look_at_decision(struct source *s, struct zkz_err *err)
{
	json_t *msg;
	int rc = decision_due(&s->verdict) ? channel_poll(&s->link.decision, &msg, err) : 0;

	if (rc <= 0)
		return rc;
	s->verdict.committed = !strcmp(json_str(msg, "type"), "committed");
	json_decref(msg);
	if (!s->verdict.committed)
		return err_peer_nonsense(err, s->link.ch.peer, "go-ok");
	return 0;
}

bool source_has_devices(const struct leaving *v)
{
	return v->state.in < 0 && !strcmp(v->status, "completed");
}

int source_wait(struct source *s, struct zkz_err *err)
{
	bool needed = !source_has_devices(&s->vm), keeper_gone;
	struct pump p = {
		.peer = &s->link.ch, .mover = &s->mover, .qmp = needed ? s->vm.qmp : NULL,
		.decision = decision_due(&s->verdict) ? &s->link.decision : NULL,
		.fd = {
			needed ? s->guard : -1,
			s->vm.state.phase == DEVSTATE_HELD ? -1 : s->vm.state.in,
		},
		.nr = 2,
	};
	int rc;

	pump_wait(&p, DEADLINE_NONE);
	/* Asked before what has come, and heeded after it: that may be the last that was needed of QEMU. */
	keeper_gone = guard_ended(s->guard);
	if (look_at_module(s, err) || source_look_at_target(s, err) || look_at_decision(s, err))
		return -1;
	if (!needed)
		return 0;
	rc = look_at_qemu(s, err);
	if (devstate_pump(&s->vm.state, rc ? NULL : err))
		return -1;
	if (source_has_devices(&s->vm)) {
		err_clear(err);
		return 0;
	}
	if (rc)
		return -1;
	return keeper_gone ? err_qemu_ended_source(err, s->rq->zone) : 0;
}
