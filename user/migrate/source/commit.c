// SPDX-License-Identifier: GPL-2.0
/*
 * Source: the commit. Once all memory is at the target, the decision passes to it:
 * GO tells it to take the zone over when its QEMU has loaded the devices, or to
 * give it back. It need not ask again then, which would cost the guest a round
 * trip. (Among databases this is two-phase commit with the "last agent"
 * optimization.) The devices follow, so the target makes its decision durable
 * while it would have nothing else to do. It says so, and only then the last byte of
 * the devices leaves, with which its QEMU starts the guest.
 *
 * The owner file says "in doubt" before GO leaves, so from there on nothing on this
 * host starts the guest by itself. What the target answers, now or when asked later,
 * decides. Where something fails here before the last byte of the devices was sent,
 * the target cannot start the guest; but it is the target that must say so, because
 * what it wrote down would survive a crash.
 */
#include <stdio.h>
#include <string.h>

#include "lib/hold.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "migrate/commit/resolve.h"
#include "migrate/pump.h"
#include "migrate/source/clocks.h"
#include "migrate/source/commit.h"
#include "migrate/source/fetch.h"
#include "migrate/source/wait.h"
#include "qemu/vm.h"

#define STARTED_MS	90000
#define ASK_MS		90000
/* QEMU of the target sees its stream end, and the keeper removes it. */
#define GIVE_BACK_MS	15000
#define STOP_MS		1000

int source_doubt(struct commit *c, struct zkz_err *err)
{
	const struct commit_rule *rule;

	return commit_do(c, COMMIT_GO_DUE, &rule, err);
}

int source_no_doubt(struct source *s, struct zkz_err *err)
{
	const struct commit_rule *rule;

	/* After GO it is not ours to say; and there may have been nothing yet. */
	if (s->verdict.go_ns || !s->commit.zone)
		return 0;
	return commit_do(&s->commit, COMMIT_CALLED_OFF, &rule, err);
}

/* The answer to GO; where memory follows, no longer than it may still come. */
static int wait_answer(struct source *s, json_t **ans, struct zkz_err *err)
{
	struct pump p = { .peer = &s->link.ch, .mover = &s->mover };
	deadline_t dl = deadline_in_ms(STARTED_MS);
	int rc;

	if (!s->mover.fetching)
		return channel_recv_type(&s->link.ch, "go-ok", ans, dl, err);
	while (!(rc = channel_poll(&s->link.ch, ans, err))) {
		if (!deadline_left_ms(dl))
			return err_peer_slow(err, s->link.ch.peer);
		pump_wait(&p, dl);
		if (source_fetch_broke(s, err))
			return -1;
	}
	if (rc > 0 && strcmp(json_str(*ans, "type"), "go-ok")) {
		rc = err_peer_other_answer(err, s->link.ch.peer, json_str(*ans, "type"), "go-ok");
		json_decref(*ans);
	}
	return rc < 0 ? -1 : 0;
}

static int answer(struct source *s, struct zkz_err *err)
{
	json_t *ans;

	if (wait_answer(s, &ans, err))
		return -1;
	source_take_answer(&s->verdict, s->link.ch.peer, ans);
	json_decref(ans);
	if (!s->verdict.failure.links)
		return 0;
	/* Out of sight there. It has to be written down there, too, before it is here: so it is asked. */
	*err = s->verdict.failure;
	return -1;
}

static bool given_back(const struct zkz_err *err)
{
	return err_is(err, ERR_ZONE_GIVEN_BACK);
}

/*
 * Something failed here, and the target waits for devices that will not come: it
 * learns that from the end of their stream. A QEMU that failed lets the guest run on,
 * which is too early. Return: true if the zone is given back.
 */
static bool withhold(struct source *s)
{
	struct zkz_err err = { 0 };
	json_t *ans;

	if (vm_stop(s->vm.qmp, deadline_in_ms(STOP_MS), &err))
		log_warn("zone %s: %s", s->rq->zone, err.text);
	io_close(&s->vm.state.out);
	if (s->verdict.answered)
		return false;
	if (channel_recv_type(&s->link.ch, "go-ok", &ans, deadline_in_ms(GIVE_BACK_MS), &err))
		return given_back(&err);
	source_take_answer(&s->verdict, s->link.ch.peer, ans);
	json_decref(ans);
	return false;
}

/*
 * GO was not followed by what should follow: the target tells what became of it.
 * Return: 0 with @event, or -1 if it cannot be asked.
 */
static int find_out(struct source *s, enum commit_event *event, struct zkz_err *err)
{
	bool unsent = s->vm.state.phase != DEVSTATE_SENT;
	const struct commit_rule *rule;
	struct zkz_err warning;

	*event = COMMIT_HEARD_BACK;
	if (given_back(err) || (unsent && withhold(s)))
		return 0;
	warning = *err;
	err_target_is_asked(&warning, s->link.uri.host);
	out_warning(&s->rq->out, &warning);
	link_close(&s->link);
	commit_do(&s->commit, COMMIT_SILENCE, &rule, NULL);
	/* The guest may need its memory to start there. One that cannot start needs none. */
	if (!unsent)
		source_fetch_reconnect(s);
	return resolve_ask(&s->commit, s->opt.to, unsent, deadline_in_ms(ASK_MS), event, err);
}

/*
 * Nothing writes to the memory of a stopped guest, not even QEMU while it saves
 * its devices. Were that ever untrue, a page would be lost: better not to move.
 */
static int nothing_left(struct source *s, struct zkz_err *err)
{
	struct session_info info;
	uint64_t left;

	if (session_get(s->mover.genl, s->mover.session, &info, err))
		return -1;
	left = info.counters[ZKZ_A_COUNTERS_PAGES_DIRTY];
	if (!left)
		return 0;
	return err_memory_written(err, left, s->rq->zone);
}

static int send_devices(struct source *s, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(SOURCE_SWITCH_MS);
	const struct commit_rule *rule;

	if (devstate_release(&s->vm.state, err))
		return -1;
	while (!source_has_devices(&s->vm)) {
		if (!deadline_left_ms(dl))
			return err_qemu_slow_send(err, s->rq->zone, SOURCE_SWITCH_MS / 1000);
		if (source_wait(s, err))
			return -1;
	}
	HOLD("source.devices-sent");
	/* To take a zone over is one durable write. All of the guest is here: its QEMU is needed no more. */
	while (!s->verdict.committed) {
		if (!deadline_left_ms(dl))
			return err_target_slow(err, s->link.ch.peer, SOURCE_SWITCH_MS / 1000, s->rq->zone);
		if (source_wait(s, err))
			return -1;
	}
	HOLD("source.before-last-byte");
	/* It may have failed since; without this byte the guest is still ours. */
	if (source_look_at_target(s, err))
		return -1;
	if (nothing_left(s, err) || commit_do(&s->commit, COMMIT_SEND, &rule, err) ||
	    devstate_finish(&s->vm.state, err))
		return -1;
	HOLD("source.after-last-byte");
	return 0;
}

static int go(struct source *s, struct zkz_err *err)
{
	json_int_t epoch = (json_int_t)s->commit.epoch + 1;

	s->verdict.go_ns = clock_real_ns();
	if (channel_send(&s->link.decision, "go",
			 json_pack("{s:I, s:b, s:O*}", "epoch", epoch, "fetch", s->policy.fetch,
				   "guest", s->guest), err))
		return -1;
	HOLD("source.after-go");
	if (send_devices(s, err))
		return -1;
	out_step(&s->rq->out, "Waiting for migration to complete.");
	return answer(s, err);
}

/* @err says why the zone is ours again. */
static int take_back(struct source *s, const struct zkz_err *reason, struct zkz_err *err)
{
	const struct commit_rule *rule;

	if (!commit_do(&s->commit, COMMIT_HEARD_BACK, &rule, err)) {
		*err = *reason;
		return -1;
	}
	return err_zone_given_back_unwritten(err, s->rq->zone);
}

/* The target owns the zone. Without a record here the question stays, and is answered alike. */
static void hand_over(struct source *s, enum commit_event event)
{
	const struct commit_rule *rule;
	struct zkz_err err = { 0 };

	s->verdict.settled = !commit_do(&s->commit, event, &rule, &err);
	if (s->verdict.settled)
		return;
	err_handed_over_unwritten(&err, s->rq->zone);
	out_warning(&s->rq->out, &err);
}

int source_commit(struct source *s, struct zkz_err *err)
{
	enum commit_event event;
	struct zkz_err first;

	if (source_doubt(&s->commit, err))
		return -1;
	HOLD("source.before-go");
	if (channel_cancelled(&s->link.ch, err))
		return -1;
	/* From here on neither the user nor a failure takes GO back. */
	s->link.ch.watch = -1;
	event = COMMIT_HEARD_RUNS;
	if (go(s, err)) {
		first = *err;
		if (find_out(s, &event, err))
			return -1;
		if (event == COMMIT_HEARD_BACK)
			return take_back(s, &first, err);
		if (event == COMMIT_HEARD_RUNS)
			err_clear(&s->verdict.failure);
		else if (!s->verdict.failure.links)
			s->verdict.failure = first;
	}
	HOLD("source.answered");
	s->times.done_ns = clock_mono_ns();
	/* A link full of pages would say little of clocks, and the fetch needs us. */
	if (!s->mover.fetching)
		source_compare_after(&s->link, s->rq->zone, &s->times.after);
	hand_over(s, event);
	return 0;
}
