// SPDX-License-Identifier: GPL-2.0
/* Target: GO, the question after a broken migration, and undoing. */
#include <stdio.h>
#include <string.h>

#include "lib/errjson.h"
#include "lib/hold.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "migrate/commit/journal.h"
#include "migrate/commit/undo.h"
#include "migrate/guard.h"
#include "migrate/pump.h"
#include "migrate/target/commit.h"
#include "migrate/target/mirror.h"
#include "migrate/target/wait.h"
#include "zone/keeper.h"
#include "zone/lock.h"
#include "zone/store.h"

#define SETTLE_MS	60000
/* The keeper waits for QEMU to load the guest and to start it, and then for its end: see keeper/incoming.c, stop.c. */
#define STARTED_MS	120000
#define ENDING_MS	10000
#define INHERIT_MS	10000
/* For virtual CPUs that sleep, to enter the guest by themselves. */
#define MEASURE_MS	500
/* For a guest that has just arrived, to find its feet: see let_guest_run(). */
#define GUEST_FIRST_MS	300

/* Says so, if it is so: the records do, durably. */
int target_give_back(struct target *t, struct zkz_err *err)
{
	const struct commit_rule *rule;
	struct zkz_err why = { 0 };

	if (commit_do(&t->commit, COMMIT_NEVER_RAN, &rule, &why)) {
		log_error("zone %s: %s", t->zone, why.text);
		err_not_given_back(err);
		return err_also(err, &why);
	}
	t->owned = false;
	why = *err;
	err_zone_given_back(err);
	return err_cause(err, &why);
}

int target_go(struct go *go, uint64_t epoch, const json_t *msg, struct zkz_err *err)
{
	if (go->said || json_int(msg, "epoch", 0) != (long long)epoch + 1)
		return err_source_go_twice(err);
	go->said = true;
	go->guest = json_incref(json_object_get(msg, "guest"));
	go->fetch = json_bool(msg, "fetch", false);
	return 0;
}

/*
 * A host with few processors has them for the guest first: it has everything to fault in
 * again, and much to catch up with. What is left is bookkeeping, and then the source
 * compares the clocks once more; all of that can wait, but not when the fetch is over.
 */
static void let_guest_run(struct target *t)
{
	struct pump p = { .mover = t->mover.fetching ? &t->mover : NULL };
	deadline_t dl = deadline_in_ms(GUEST_FIRST_MS);
	struct zkz_err err = { 0 };

	while (deadline_left_ms(dl)) {
		if (t->mover.fetching && (target_look_at_module(&t->mover, &err) || t->mover.ended))
			return;
		pump_wait(&p, dl);
	}
}

/* That its kernel has panicked, say: no state of QEMU's tells. */
static void tell_of_guest(struct target *t)
{
	struct zkz_err err = { 0 };

	if (t->go.guest && keeper_call(t->zone, "inherit", json_pack("{s:O}", "guest", t->go.guest), NULL,
				       deadline_in_ms(INHERIT_MS), &err))
		log_warn("zone %s: %s", t->zone, err.text);
}

/*
 * Return: 0 with the time of the start. -1 if it did not start for sure: then the zone is
 * given back. 1 if nobody can tell, with the reason.
 */
static int wait_started(struct target *t, json_int_t *resume, struct zkz_err *err)
{
	json_t *kept = NULL;

	if (!guard_end(t->zone, &t->guard, &kept, deadline_in_ms(STARTED_MS), err)) {
		*resume = json_int(kept, "resume-ns", 0);
		json_decref(kept);
		/* For when it had loaded the devices; that it has is known. */
		target_look_at_qemu(t, NULL);
		return 0;
	}
	return !err_is(err, ERR_GUEST_NOT_STARTED) ? 1 : -1;
}

static void answer_go(struct target *t, json_int_t resume, const struct zkz_err *why)
{
	struct zkz_err err;

	if (channel_send(&t->ch, "go-ok",
			 json_pack("{s:I, s:I, s:o}", "loaded-ns", (json_int_t)t->loaded_ns,
				   "resume-ns", resume, "why", why ? err_to_json(why) : json_null()), &err))
		log_warn("zone %s: %s", t->zone, err.text);
}

/* The source has been told what is known of the guest; now that is written down. */
static void note_start(struct target *t, bool started)
{
	const struct commit_rule *rule;

	if (!started) {
		/* The source knows whether it can have run. Whoever of us writes first, decides. */
		commit_do(&t->commit, COMMIT_LOST_SIGHT, &rule, NULL);
		return;
	}
	let_guest_run(t);
	tell_of_guest(t);
	/* Where it cannot be written now, zkzd does it later: the guest runs, and is asked. */
	commit_do(&t->commit, COMMIT_RAN, &rule, NULL);
}

int target_commit(struct target *t, struct zkz_err *err)
{
	const struct commit_rule *rule;
	json_int_t resume = 0;
	int unknown;

	HOLD("target.before-commit");
	/* Without a QEMU nothing can start the guest, and the source still has it. */
	if (target_look_at_keeper(t, err) || target_mirror_end(t, err))
		return target_give_back(t, err);
	/* The commit: one rename. Before it the source owns the zone, after it we do. */
	if (commit_do(&t->commit, COMMIT_GO, &rule, err))
		return target_give_back(t, err);
	t->owned = true;
	HOLD("target.committed");
	/* Before it has heard of the commit, the source keeps the last byte back. */
	if (target_look_at_keeper(t, err))
		return target_give_back(t, err);
	/* The source may have failed meanwhile. Then the devices never end, and QEMU fails. */
	if (channel_send(&t->ways.decision, "committed", NULL, err))
		log_warn("zone %s: %s", t->zone, err->text);
	HOLD("target.before-start");
	unknown = wait_started(t, &resume, err);
	if (unknown < 0)
		return target_give_back(t, err);
	HOLD("target.before-go-ok");
	answer_go(t, resume, unknown ? err : NULL);
	HOLD("target.before-journal");
	note_start(t, !unknown);
	/* The decision is made, and the source may have to come again. */
	if (t->mover.fetching) {
		io_close(&t->lock);
		return 0;
	}
	session_close(t->mover.genl, t->mover.session, NULL);
	t->mover.session = 0;
	return 0;
}

void target_goodbye(struct target *t, bool settled)
{
	const struct commit_rule *rule;
	struct zkz_err err = { 0 };

	if (!t->owned || !settled)
		return;
	/*
	 * Without the lock, of a fetch, the guest runs and that is written already: of one that is out of sight the
	 * source asks, and says no bye to us.
	 */
	if (t->lock >= 0)
		commit_do(&t->commit, COMMIT_BYE, &rule, &err);
	if (!err.id)
		journal_forget(t->commit.migration, &err);
	if (err.id)
		log_warn("zone %s: %s", t->zone, err.text);
}

int target_measure(struct target *t, const json_t *msg, struct zkz_err *err)
{
	long long nr = json_int(msg, "vcpus", 0);
	struct blackout_in in;

	if (nr < 0 || nr > PROBE_MAX_VCPUS)
		return err_source_request(err, "measure");
	in = measure_in(&t->measure, nr, deadline_in_ms(MEASURE_MS));
	measure_close(&t->measure);
	return channel_send(&t->ch, "measure-ok",
			    json_pack("{s:i, s:I, s:I, s:I, s:s}", "vcpus", (int)in.nr,
				      "entry-ns", (json_int_t)in.entry,
				      "first-ns", (json_int_t)in.first_back,
				      "last-ns", (json_int_t)in.last_back,
				      "blind", t->measure.blind), err);
}

static void close_all(struct target *t)
{
	measure_close(&t->measure);
	mover_close(&t->mover);
	qmp_close(t->qmp);
	exports_close(&t->exports);
	ways_close(&t->ways);
}

void target_undo(struct target *t, const char *why)
{
	struct zkz_err err = { 0 };

	if (t->mover.session)
		session_abort(t->mover.genl, t->mover.session, why, NULL);
	/* QEMU quits before its stream ends, so that it does not complain of that. */
	if (t->guard >= 0)
		guard_end(t->zone, &t->guard, NULL, deadline_in_ms(SETTLE_MS), &err);
	else if (t->booted && zone_alive(t->zone))
		keeper_call(t->zone, "discard", NULL, NULL, deadline_in_ms(SETTLE_MS), &err);
	close_all(t);
	if (t->lock >= 0 && t->zone[0]) {
		undo_wait(t->zone, deadline_in_ms(ENDING_MS));
		undo_run(t->zone, &err);
		zone_note_coming(t->zone, NULL, NULL);
	}
	io_close(&t->lock);
	if (err.id)
		log_warn("zone %s: cleaning up after a migration: %s", t->zone, err.text);
}
