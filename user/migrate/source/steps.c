// SPDX-License-Identifier: GPL-2.0
/*
 * Source: what a migration does, in order. The source goes through the table below and
 * asks the target for its part of each step. If one fails, what the source did before is
 * taken back from there to the beginning, and the target, which is told, takes back all
 * that it did by its own records (target_undo(), commit/undo.c).
 *
 * Two things are not as plain as a table. The guest comes first: what lets it run on is the
 * undoing of the first step, and is done before all other. And from GO to its answer the
 * decision is the target's: the step "commit" fails only if the target has given the zone
 * back, or nobody can tell who has it; commit.c finds that out, and says itself when it
 * waits for the answer.
 */
#include "migrate/source/steps.h"

#include "lib/hold.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "migrate/guard.h"
#include "migrate/source/commit.h"
#include "migrate/source/copy.h"
#include "migrate/source/disks.h"
#include "migrate/source/fetch.h"
#include "migrate/source/forecast.h"
#include "migrate/source/freeze.h"
#include "migrate/source/passes.h"
#include "migrate/source/prepare.h"
#include "migrate/source/report.h"
#include "zone/lock.h"

#define SETTLE_MS	60000

/* How long the target may take to clean up before we stop watching it. */
#define FAREWELL_MS	30000

/* The owner file says "here", unless GO was said: so the keeper lets the guest run on. */
static void let_guest_run(struct source *s, const struct zkz_err *failure)
{
	struct zkz_err why = { 0 };
	int rc = source_no_doubt(s, &why);

	(void)failure;
	if (guard_end(s->rq->zone, &s->guard, NULL, deadline_in_ms(SETTLE_MS), rc ? NULL : &why))
		rc = -1;
	if (!rc)
		return;
	log_error("zone %s: %s", s->rq->zone, why.text);
	err_guest_may_be_stopped(&why, s->rq->zone);
	out_warning(&s->rq->out, &why);
}

static void tell_target(struct source *s, const struct zkz_err *why)
{
	if (!s->link.up)
		return;
	channel_send_error(&s->link.ch, why);
	link_farewell(&s->link, deadline_in_ms(FAREWELL_MS));
}

static void drop_probes(struct source *s, const struct zkz_err *why)
{
	(void)why;
	measure_close(&s->times.measure);
}

static void drop_streams(struct source *s, const struct zkz_err *why)
{
	(void)why;
	link_drop_streams(&s->link);
}

static void end_session(struct source *s, const char *why)
{
	/* Where nobody knows who owns the zone, its guest may run on the target and need what is fetched. */
	if (s->mover.session && !(s->verdict.doubtful && s->mover.fetching) &&
	    (s->mover.ended || session_abort(s->mover.genl, s->mover.session, why, NULL)))
		session_close(s->mover.genl, s->mover.session, NULL);
	s->mover.session = 0;
	mover_close(&s->mover);
}

static void drop_session(struct source *s, const struct zkz_err *why)
{
	end_session(s, why->text);
}

/* The target owns the zone: what is left here is only memory. */
static int leave(struct source *s, struct zkz_err *failure)
{
	struct zkz_err err = { 0 };
	int rc = 0;

	/* The guest needs us more than the figures do. */
	if (s->mover.fetching)
		rc = source_fetch_rest(s, failure);
	source_measure(s);
	if (!rc && !s->verdict.failure.links)
		out_step(&s->rq->out, "Migration successful.");
	out_step(&s->rq->out, "Halting and detaching zone on source host.");
	end_session(s, rc ? failure->text : "done");
	drop_probes(s, NULL);
	drop_streams(s, NULL);
	qmp_close(s->vm.qmp);
	s->vm.qmp = NULL;
	/* In a long fetch the stopped QEMU may have ended, or been killed: nothing is lost by that. */
	if (guard_end(s->rq->zone, &s->guard, NULL, deadline_in_ms(SETTLE_MS), &err) &&
	    zone_alive(s->rq->zone)) {
		err_copy_not_removed(&err, s->rq->zone);
		out_warning(&s->rq->out, &err);
	} else if (!rc && s->verdict.settled && !s->verdict.failure.links) {
		source_mirror_remove(s);
	}
	HOLD("source.before-bye");
	if (s->link.up) {
		channel_send(&s->link.ch, "bye", json_pack("{s:b}", "settled", s->verdict.settled), NULL);
		link_farewell(&s->link, deadline_in_ms(FAREWELL_MS));
	}
	if (s->verdict.failure.links) {
		/* Nobody needs the memory of a guest that did not start: that it is lost is for the log. */
		if (rc)
			log_warn("zone %s: %s", s->rq->zone, failure->text);
		err_peer_zone_not_started(failure, s->rq->zone, s->link.uri.host);
		return err_cause(failure, &s->verdict.failure);
	}
	if (rc)
		return -1;
	source_report(s);
	return 0;
}

const struct source_step source_steps[] = {
	{ "Prepare", "look-here", NULL, source_local, "", let_guest_run, STEP_TRIED },
	{ "Prepare", "connect", NULL, source_connect, "hello", tell_target, STEP_TRIED },
	{ "Prepare", "configure", NULL, source_config, "config", NULL, STEP_TRIED },
	{ "Prepare", "disks", "Comparing disks.", source_disks, "disk store", NULL, STEP_TRIED },
	{ "Prepare", "attach", "Attaching zone.", source_attach, "attach", NULL, STEP_TRIED },
	{ "Prepare", "boot", "Booting zone in 'migrating-in' mode.", source_boot, "boot", drop_probes, STEP_TRIED },
	{ "Check", "check", "Checking migration compatibility.", source_check, "check", NULL, STEP_TRIED },
	{ "Check", "streams", NULL, source_streams, "streams join", drop_streams, STEP_TRIED },
	/* A dry run ends here, with a forecast. */
	{ "Passes", "ways", "Starting migration.", source_ways, "state clocks", NULL, STEP_REAL },
	{ "Passes", "mirror", NULL, source_copy, "mirror", source_mirror_drop, STEP_REAL },
	{ "Passes", "start", NULL, source_start, "start", drop_session, STEP_REAL },
	{ "Passes", "passes", NULL, source_passes, "freeze", NULL, STEP_REAL },
	{ "Freeze", "stop", "Suspending zone on source host.", source_stop, "ping", NULL, STEP_REAL },
	{ "Freeze", "last-pass", NULL, source_last_pass, "", NULL, STEP_REAL },
	{ "Freeze", "verify", NULL, source_verify, "", NULL, STEP_REAL },
	{ "Commit", "commit", NULL, source_commit, "go clocks", NULL, STEP_REAL },
	/* With "fetch" in a hybrid migration, and "clocks" after that. */
	{ "Commit", "leave", NULL, leave, "fetch clocks measure bye", NULL, STEP_OVER },
};

const unsigned int source_steps_nr = sizeof(source_steps) / sizeof(source_steps[0]);

static int finish_dry_run(struct source *s)
{
	json_t *told = source_forecast(s), *result = json_pack("{s:b}", "dry-run", 1);

	if (told)
		json_object_set_new(result, "forecast", told);
	out_step(&s->rq->out, "Cleaning up.");
	guard_end(s->rq->zone, &s->guard, NULL, deadline_in_ms(SETTLE_MS), NULL);
	channel_send(&s->link.ch, "bye", NULL, NULL);
	link_farewell(&s->link, deadline_in_ms(FAREWELL_MS));
	out_result(&s->rq->out, result, "Dry-run migration successful.");
	return 0;
}

/* From step @i, which failed, back to the beginning; the guest first, the rest can wait. */
static void undo(struct source *s, unsigned int i, const struct zkz_err *why)
{
	s->verdict.doubtful = s->verdict.go_ns &&
		(err_has(why, ERR_IN_DOUBT) || err_has(why, ERR_IN_DOUBT_OTHER_HOST));
	source_steps[0].undo(s, why);
	for (; i > 0; i--)
		if (source_steps[i].undo)
			source_steps[i].undo(s, why);
}

int steps_walk(struct source *s, struct zkz_err *err)
{
	unsigned int i;

	for (i = 0; i < source_steps_nr; i++) {
		const struct source_step *step = &source_steps[i];

		if (s->opt.dry_run && step->kind != STEP_TRIED)
			return finish_dry_run(s);
		if (step->says)
			out_step(&s->rq->out, "%s", step->says);
		if (!step->run(s, err))
			continue;
		if (step->kind != STEP_OVER)
			undo(s, i, err);
		return -1;
	}
	return 0;
}
