// SPDX-License-Identifier: GPL-2.0
/* Target: GO, the question after a broken migration, and undoing. */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "lib/hold.h"
#include "lib/id.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "migrate/commit/journal.h"
#include "migrate/commit/undo.h"
#include "migrate/guard.h"
#include "migrate/target/target.h"
#include "zone/keeper.h"
#include "zone/lock.h"
#include "zone/store.h"

#define SETTLE_MS	60000
#define LOCK_MS		60000
#define ENDING_MS	10000
#define INHERIT_MS	10000
/* For virtual CPUs that sleep, to enter the guest by themselves. */
#define MEASURE_MS	500
/* For a guest that has just arrived, to find its feet: see let_guest_run(). */
#define GUEST_FIRST_MS	300

int target_give_back(struct target *t, struct zkz_err *err)
{
	struct zkz_err why = { 0 };

	/* The record makes this final: a question that comes later is answered alike. */
	if (journal_write(t->migration, t->zone, OUTCOME_REFUSED, &why))
		log_warn("zone %s: %s", t->zone, why.text);
	else
		err->code = ERR_GIVEN_BACK;
	return err_prefix(err, "The target gives the zone back");
}

/*
 * The guest has not run here, and does not while we hold its keeper: the commit can
 * be taken back. The owner file says so before the source may hear it, and before
 * target_undo() lets the keeper act on it; from then on this host cannot take the
 * zone over any more.
 */
static int take_back(struct target *t)
{
	struct zone_owner o = { .kind = OWNER_INCOMING, .epoch = t->epoch };
	struct zkz_err why = { 0 };

	memcpy(o.migration, t->migration, sizeof(o.migration));
	memcpy(o.peer, t->peer, sizeof(o.peer));
	if (zone_owner_write(t->zone, &o, &why)) {
		log_error("zone %s: %s", t->zone, why.text);
		return -1;
	}
	t->owned = false;
	return 0;
}

int target_go(struct target *t, const json_t *msg, struct zkz_err *err)
{
	enum outcome written;

	if (t->go || json_int(msg, "epoch", 0) != (long long)t->epoch + 1)
		return err_set(err, ERR_PROTOCOL, "The source sent GO twice, or for another epoch");
	if (journal_read(t->migration, &written, err))
		return -1;
	if (written != OUTCOME_NONE)
		return err_set(err, ERR_PROTOCOL, "This migration was refused before");
	t->go = true;
	t->guest = json_incref(json_object_get(msg, "guest"));
	t->go_fetch = json_bool(msg, "fetch", false);
	return 0;
}

/*
 * A host with few processors has them for the guest first: it has everything to fault in
 * again, and much to catch up with. What is left is bookkeeping, and then the source
 * compares the clocks once more; all of that can wait, but not when the fetch is over.
 */
static void let_guest_run(struct target *t)
{
	struct pollfd p = { .fd = genl_events_fd(t->genl), .events = POLLIN };
	deadline_t dl = deadline_in_ms(GUEST_FIRST_MS);
	struct zkz_err err = { 0 };
	int left;

	while ((left = deadline_left_ms(dl)) > 0) {
		if (t->fetching && (target_look_at_module(t, &err) || t->ended))
			return;
		poll(&p, t->fetching ? 1 : 0, left);
	}
}

/* That its kernel has panicked, say: no state of QEMU's tells. */
static void tell_of_guest(struct target *t)
{
	struct zkz_err err = { 0 };

	if (t->guest && keeper_call(t->zone, "inherit", json_pack("{s:O}", "guest", t->guest), NULL,
				    deadline_in_ms(INHERIT_MS), &err))
		log_warn("zone %s: %s", t->zone, err.text);
}

int target_commit(struct target *t, struct zkz_err *err)
{
	json_t *kept = NULL;
	json_int_t resume = 0;
	int started;

	HOLD("target.before-commit");
	/* The commit: one rename. Before it the source owns the zone, after it we do. */
	if (zone_owner_commit(t->zone, err))
		return -1;
	t->owned = true;
	HOLD("target.committed");
	/* The source may have failed meanwhile. Then the devices never end, and QEMU fails. */
	if (channel_send(&t->decision, "committed", NULL, err))
		log_warn("zone %s: %s", t->zone, err->text);
	HOLD("target.before-start");
	started = guard_end(t->zone, &t->guard, &kept, deadline_in_ms(SETTLE_MS), err);
	/* Anything less certain than this and the guest may run: then it is ours. */
	if (started && !strcmp(err->code, ERR_NOT_STARTED) && !take_back(t))
		return target_give_back(t, err);
	if (!started)
		resume = json_int(kept, "resume-ns", 0);
	json_decref(kept);
	/* For when it had loaded the devices; that it has is known. */
	if (!started)
		target_look_at_qemu(t, NULL);

	HOLD("target.before-go-ok");
	if (channel_send(&t->ch, "go-ok",
			 json_pack("{s:I, s:I, s:o}", "loaded-ns", (json_int_t)t->loaded_ns,
				   "resume-ns", resume,
				   "failure", json_text(started ? err->text : "")), err))
		log_warn("zone %s: %s", t->zone, err->text);
	if (!started) {
		let_guest_run(t);
		tell_of_guest(t);
	}
	HOLD("target.before-journal");
	/* Without the journal the note stays: undo_run() writes it then. */
	if (journal_write(t->migration, t->zone, OUTCOME_OWNED, err) ||
	    undo_forget(t->zone, err))
		log_warn("zone %s: %s", t->zone, err->text);
	/* The decision is made, and the source may have to come again. */
	if (t->fetching) {
		io_close(&t->lock);
		return 0;
	}
	session_close(t->genl, t->session, NULL);
	t->session = 0;
	return 0;
}

int target_measure(struct target *t, const json_t *msg, struct zkz_err *err)
{
	long long nr = json_int(msg, "vcpus", 0);
	struct blackout_in in;

	if (nr < 0 || nr > PROBE_MAX_VCPUS)
		return err_set(err, ERR_PROTOCOL, "The request 'measure' is malformed");
	in = measure_in(&t->measure, nr, deadline_in_ms(MEASURE_MS));
	measure_close(&t->measure);
	return channel_send(&t->ch, "measure-ok",
			    json_pack("{s:i, s:I, s:I, s:I, s:s}", "vcpus", (int)in.nr,
				      "entry-ns", (json_int_t)in.entry,
				      "first-ns", (json_int_t)in.first_back,
				      "last-ns", (json_int_t)in.last_back,
				      "blind", t->measure.blind), err);
}

int target_query(struct target *t, const json_t *msg, struct zkz_err *err)
{
	const char *zone = json_str(msg, "zone"), *id = json_str(msg, "migration");
	enum outcome written, answer;
	struct zone_owner o;

	if (!zone || !id || !id_ok(id) || zone_check_name(zone, NULL))
		return err_set(err, ERR_PROTOCOL, "The request 'query' is malformed");
	/* With the lock no worker is between GO and its decision. */
	t->lock = zone_lock_new(zone, deadline_in_ms(LOCK_MS), err);
	if (t->lock < 0)
		return -1;
	if (journal_read(id, &written, err) || zone_owner_read(zone, &o, err))
		return -1;
	answer = journal_decide(written, &o, id);
	if (written != answer && journal_write(id, zone, answer, err))
		return -1;
	io_close(&t->lock);
	return channel_send(&t->ch, "query-ok",
			    json_pack("{s:s}", "outcome", outcome_text(answer)), err);
}

static void close_all(struct target *t)
{
	unsigned int i;

	measure_close(&t->measure);
	genl_close(t->genl);
	qmp_close(t->qmp);
	io_close(&t->state);
	channel_fini(&t->decision);
	for (i = 0; i < ZKZ_MAX_STREAMS; i++)
		io_close(&t->fd[i]);
	io_close(&t->lsock);
	io_close(&t->memory);
	stream_secret_wipe(t->plan.secret);
}

void target_undo(struct target *t, const char *why)
{
	struct zkz_err err = { 0 };

	if (t->session)
		session_abort(t->genl, t->session, why, NULL);
	/* QEMU quits before its stream ends, so that it does not complain of that. */
	if (t->guard >= 0)
		guard_end(t->zone, &t->guard, NULL, deadline_in_ms(SETTLE_MS), &err);
	else if (t->booted && zone_alive(t->zone))
		keeper_call(t->zone, "discard", NULL, NULL, deadline_in_ms(SETTLE_MS), &err);
	close_all(t);
	if (t->lock >= 0 && t->zone[0]) {
		undo_wait(t->zone, deadline_in_ms(ENDING_MS));
		undo_run(t->zone, &err);
	}
	io_close(&t->lock);
	if (err.code)
		log_warn("zone %s: cleaning up after a migration: %s", t->zone, err.text);
}
