// SPDX-License-Identifier: GPL-2.0
/*
 * The hold of a migration worker, see migrate/guard.h for the contract. When it
 * ends, for whatever reason, the owner file alone says what becomes of the zone:
 * the worker wrote it before it let go, or died without having written it.
 *
 * A QEMU that does not answer now (its storage hangs, say) may do so later, and
 * a zone in doubt will be told whose it is. So the keeper looks again each
 * second until the zone is where the file says.
 */
#include "keeper/keeper.h"

#include <stdio.h>
#include <string.h>

#include "lib/hold.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "migrate/commit/rules.h"
#include "qemu/vm.h"
#include "zone/owner.h"

#define REQUEST_MS	5000
/* The worker takes hold as soon as it has read that QEMU has started. */
#define HOLD_MS		15000
#define LOOK_AGAIN_MS	1000
/* Less patience where nobody waits: other requests do, and there is a next time. */
#define ALIVE_MS	1000

void keeper_expect_guard(struct keeper *k)
{
	if (k->mode == KEEPER_INCOMING)
		k->look_at = deadline_in_ms(HOLD_MS);
}

static int no_monitor(const struct keeper *k, struct zkz_err *err)
{
	return err_qemu_no_monitor(err, k->z.name);
}

int keeper_guard(struct keeper *k, bool target, int fd, struct zkz_err *err)
{
	int ran = 1;

	if (k->guard_fd >= 0)
		return err_zone_migrating_already(err, k->z.name);
	if (k->next.vm.pid)
		return err_zone_upgrading(err, k->z.name);
	if (k->unsettled && !target)
		return err_zone_not_recovered(err, k->z.name,
					      k->trouble[0] ? k->trouble : "QEMU does not answer");

	if (target ? k->mode != KEEPER_INCOMING : k->mode == KEEPER_INCOMING)
		return target ? err_keeper_not_incoming(err,
							k->z.name) : err_zone_not_running(err, k->z.name);
	if (!k->vm.qmp)
		return no_monitor(k, err);
	if (!target) {
		if (k->pause.on)
			return keeper_paused_error(k, true, err);
		ran = vm_running(k->vm.qmp, err);
		if (ran < 0)
			return -1;
		log_note("migration to another host begins");
		keeper_set_aux(k, AUX_MIGRATING_OUT);
	}
	k->ran = ran;
	k->unsettled = false;
	k->guard_fd = fd;
	k->look_at = DEADLINE_NONE;
	return 0;
}

static int answers(struct keeper *k, struct zkz_err *err)
{
	if (!k->vm.qmp)
		return no_monitor(k, err);
	if (!qmp_exec(k->vm.qmp, "query-status", NULL, NULL, deadline_in_ms(ALIVE_MS), err))
		return 0;
	return err_qemu_silent_yet(err);
}

/* A target that gives the zone back may have announced it before it found that it cannot start it. */
static int let_run(struct keeper *k, struct zkz_err *err)
{
	int runs = vm_running(k->vm.qmp, err);

	if (runs < 0 || vm_resume(k->vm.qmp, err))
		return -1;
	if (!runs)
		keeper_announce(k);
	return 0;
}

/* A guest that was stopped before, on purpose or by an error, stays so. */
static int run_on(struct keeper *k, struct zkz_err *err)
{
	if (!k->vm.qmp)
		return no_monitor(k, err);
	if (k->ran && let_run(k, err))
		return -1;
	/* keeper_adopt() had set the state before QEMU answered. */
	if (k->moving == AUX_NONE)
		log_event(LOG_NOTE, k->told ? EVENT_NONE : EVENT_ARRIVED, "the guest runs here");
	else
		log_note("the %s did not take place; the guest %s",
			 k->moving == AUX_UPGRADING ? "upgrade" : "migration", k->ran ? "runs on" : "stays stopped, as it was");
	k->told = true;
	keeper_set_aux(k, AUX_NONE);
	return 0;
}

/* QEMU lets the guest run on by itself when it could not migrate: too early, in doubt. */
static void keep_still(struct keeper *k)
{
	struct zkz_err err = { 0 };

	if (answers(k, &err) || vm_running(k->vm.qmp, &err) <= 0)
		return;
	if (vm_stop(k->vm.qmp, deadline_in_ms(ALIVE_MS), &err))
		log_warn("%s", err.text);
	else
		log_warn("QEMU had let the guest run on; it is stopped again");
}

/* What the owner file says of a run that began here, or of one that came here. */
static enum commit_standing standing(const struct keeper *k, const struct zone_owner *o)
{
	bool incoming = k->mode == KEEPER_INCOMING;

	switch (o->kind) {
	case OWNER_HERE:
		return incoming ? COMMIT_OWNER : COMMIT_HERE;
	case OWNER_ARRIVED:
		return incoming ? COMMIT_ARRIVED : COMMIT_OWNER;
	case OWNER_IN_DOUBT:
		return incoming ? COMMIT_COMING : COMMIT_DOUBT;
	default:
		return incoming ? COMMIT_COMING : COMMIT_AWAY;
	}
}

static void stand_still(struct keeper *k)
{
	if (k->moving != AUX_IN_DOUBT)
		log_warn("the guest stays stopped until it is known who owns it; see 'zkz recover'");
	keeper_set_aux(k, AUX_IN_DOUBT);
	keep_still(k);
}

static void end_copy(struct keeper *k, const struct zone_owner *o)
{
	if (k->mode == KEEPER_INCOMING) {
		keeper_halt(k, "the migration to this host was given up");
		return;
	}
	snprintf(k->handed, sizeof(k->handed), "%s", o->peer);
	keeper_halt(k, "the zone was handed over to another host");
}

static int start_or_run_on(struct keeper *k, const struct zone_owner *o, bool patient, uint64_t *resume_ns,
			   struct zkz_err *err)
{
	if (!patient && answers(k, err))
		return -1;
	return k->mode == KEEPER_INCOMING ? keeper_adopt(k, o->epoch, resume_ns, err) : run_on(k, err);
}

static int bring_home(struct keeper *k, bool patient, uint64_t *resume_ns, struct zkz_err *err)
{
	struct zone_owner o;

	if (zone_owner_read(k->z.name, &o, err))
		return -1;
	switch (commit_rule(standing(k, &o), COMMIT_LOOK)->guest) {
	case COMMIT_GUEST_RUN:
	case COMMIT_GUEST_START:
		return start_or_run_on(k, &o, patient, resume_ns, err);
	case COMMIT_GUEST_STILL:
		stand_still(k);
		return 0;
	default:
		end_copy(k, &o);
		return 0;
	}
}

/* Also says when to look again. */
static int settle(struct keeper *k, bool patient, uint64_t *resume_ns, struct zkz_err *err)
{
	int rc = bring_home(k, patient, resume_ns, err);

	k->unsettled = rc || (!k->stopping && k->moving == AUX_IN_DOUBT);
	k->look_at = k->unsettled ? deadline_in_ms(LOOK_AGAIN_MS) : DEADLINE_NONE;
	if (!rc) {
		k->trouble[0] = '\0';
	} else if (strncmp(k->trouble, err->text, sizeof(k->trouble) - 1)) {
		log_error("the zone is not where it belongs, trying again: %s", err->text);
		snprintf(k->trouble, sizeof(k->trouble), "%.*s",
			 (int)sizeof(k->trouble) - 1, err->text);
	}
	return rc;
}

int keeper_settle(struct keeper *k, bool *did, struct zkz_err *err)
{
	struct zone_owner o;
	uint64_t ns;

	*did = k->unsettled;
	if (k->guard_fd >= 0)
		return err_zone_migrating(err, k->z.name);
	if (zone_owner_read(k->z.name, &o, err))
		return -1;
	*did |= o.kind != OWNER_HERE;
	return *did ? settle(k, true, &ns, err) : 0;
}

void keeper_look_after(struct keeper *k)
{
	struct zkz_err err = { 0 };
	uint64_t ns;

	if (k->vm.ended || deadline_left_ms(k->look_at))
		return;
	k->look_at = DEADLINE_NONE;
	/* It is on its way out and cannot be killed: there is nothing else to do. */
	if (k->stopping)
		return;
	if (k->unsettled)
		settle(k, false, &ns, &err);
	else
		keeper_halt(k, "the migration that it was started for is gone");
}

/* The worker said "settle" and waits, or its connection ended and nobody does. */
void keeper_guard_end(struct keeper *k)
{
	struct zkz_err err = { 0 };
	json_t *req = NULL;
	struct jsonl in;
	int fd = k->guard_fd, rc;
	uint64_t ns = 0;

	k->guard_fd = -1;
	jsonl_init(&in, fd);
	if (jsonl_read(&in, &req, deadline_in_ms(REQUEST_MS), NULL) || !req)
		log_warn("the worker of a migration is gone");
	jsonl_fini(&in);

	HOLD("keeper.before-settle");
	rc = settle(k, true, &ns, &err);
	/* The worker keeps its hold, to write down that the zone is given back. */
	if (rc && req && err_is(&err, ERR_GUEST_NOT_STARTED)) {
		k->guard_fd = fd;
		k->unsettled = false;
		k->look_at = DEADLINE_NONE;
	}
	/* Where QEMU was told to quit, the answer comes when nothing is left of it. */
	if (req && !rc && k->stopping)
		keeper_wait_end(k, &fd);
	else if (req && rc)
		keeper_answer(fd, NULL, &err);
	else if (req)
		keeper_answer(fd, ns ? json_pack("{s:I}", "resume-ns", (json_int_t)ns) :
			      json_object(), NULL);
	json_decref(req);
	if (k->guard_fd < 0)
		io_close(&fd);
}
