// SPDX-License-Identifier: GPL-2.0
/* Verbs that start and stop zones. */
#include <poll.h>
#include <unistd.h>

#include "lib/aside.h"
#include "lib/io.h"
#include "lib/log.h"
#include "migrate/commit/undo.h"
#include "qemu/agent.h"
#include "zkzd/abort.h"
#include "zkzd/change.h"
#include "zkzd/dispatch.h"
#include "zone/keeper.h"
#include "zone/lock.h"
#include "zone/memfs.h"
#include "zone/owner.h"
#include "zone/state.h"
#include "zone/store.h"

#define BOOT_MS		120000
#define HALT_MS		90000
#define SHUTDOWN_MS	60000
/* A keeper notes at once what it is asked; this is how often, and how long, somebody looks. */
#define LOOK_MS		20
#define NOTED_MS	10000
#define AGENT_S		30

static int boot(struct request *rq, struct zone_status *st, struct zkz_err *err)
{
	/* What a migration to this host left behind may change who owns the zone. */
	if (undo_run(rq->zone, err) || zone_status_read(rq->zone, st, err))
		return -1;
	if (st->state == ZONE_RUNNING)
		return err_zone_running_already(err, rq->zone);
	if (zone_owner_may_run(rq->zone, err) || zone_owner_confirm(rq->zone, err) || memfs_mount(err))
		return -1;
	out_step(&rq->out, "Booting zone.");
	return keeper_start(rq->zone, KEEPER_BOOT, NULL, deadline_in_ms(BOOT_MS), err);
}

int op_boot(struct request *rq, struct zkz_err *err)
{
	struct zone_status st;
	int lock = change_begin(rq, &st, err), rc;

	if (lock < 0)
		return -1;
	rc = boot(rq, &st, err);
	io_close(&lock);
	if (!rc)
		out_result(&rq->out, NULL, "Zone booted.");
	return rc;
}

static int check_running(const struct request *rq, const struct zone_status *st,
			 struct zkz_err *err)
{
	if (st->state == ZONE_RUNNING)
		return 0;
	return err_zone_not_running(err, rq->zone);
}

/* One request to the keeper of a zone that runs, with the zone locked by change_begin(). */
static int ask_locked(struct request *rq, const struct zone_status *st, const char *step, const char *op,
		      struct zkz_err *err)
{
	if (check_running(rq, st, err))
		return -1;
	out_step(&rq->out, "%s", step);
	return keeper_call(rq->zone, op, NULL, NULL, deadline_in_ms(HALT_MS), err);
}

static int ask_keeper(struct request *rq, const char *step, const char *op, const char *done,
		      struct zkz_err *err)
{
	struct zone_status st;
	int lock = change_begin(rq, &st, err), rc;

	if (lock < 0)
		return -1;
	rc = ask_locked(rq, &st, step, op, err);
	io_close(&lock);
	if (!rc)
		out_result(&rq->out, NULL, "%s", done);
	return rc;
}

/* Its worker has the zone's lock. */
static int end_migration(struct request *rq, struct zkz_err *err)
{
	int worker = zone_moving(rq->zone) ? abort_begin(rq->zone, NULL) : -1;
	uint64_t ms;

	if (worker < 0)
		return 0;
	log_note("zone %s: user %u halts it while it is migrated", rq->zone, (unsigned int)rq->uid);
	out_step(&rq->out, "Aborting the zone's migration.");
	return abort_wait(rq->zone, worker, &ms, err);
}

/* What another host has to do with it says more than that it is locked. */
static int may_halt(const struct request *rq, int lock, struct zkz_err *err)
{
	if (abort_too_late(rq->zone, err))
		return -1;
	if (lock < 0)
		abort_at_source(rq->zone, err);
	return lock < 0 ? -1 : 0;
}

int op_halt(struct request *rq, struct zkz_err *err)
{
	struct zone_status st;
	int lock, rc;

	/* A keeper that begins holds its starter, and with it the lock, as long as storage makes it wait. */
	if (zone_configured(rq->zone) && keeper_end_start(rq->zone)) {
		out_step(&rq->out, "Ending the zone's start.");
		out_result(&rq->out, NULL, "Zone halted.");
		return 0;
	}
	if (end_migration(rq, err))
		return -1;
	lock = change_begin(rq, &st, err);
	rc = may_halt(rq, lock, err) || ask_locked(rq, &st, "Halting zone.", "halt", err) ? -1 : 0;
	io_close(&lock);
	if (!rc)
		out_result(&rq->out, NULL, "Zone halted.");
	return rc;
}

int op_reboot(struct request *rq, struct zkz_err *err)
{
	return ask_keeper(rq, "Resetting the guest.", "reboot", "Zone rebooted.", err);
}

int op_resume(struct request *rq, struct zkz_err *err)
{
	return ask_keeper(rq, "Letting the guest go on.", "resume", "Zone resumed.", err);
}

/* Once the keeper has it noted, and has pressed the power button; a guest that heeds neither is as it was. */
static void ask_agent(int sock, const void *arg)
{
	const char *zone = arg;
	deadline_t dl = deadline_in_ms(NOTED_MS);
	struct zone_status st;

	do {
		/* Who has asked needs it no more. */
		if (io_wait(sock, POLLRDHUP, deadline_in_ms(LOOK_MS)) >= 0 || zone_status_read(zone, &st, NULL) ||
		    st.state != ZONE_RUNNING || !deadline_left_ms(dl))
			return;
	} while (st.aux != AUX_SHUTTING_DOWN);
	agent_shutdown(zone);
}

/* Guests without a handler for the power button may have an agent. Return: descriptor to close, or -1. */
static int begin_agent(const struct request *rq)
{
	struct zone_model z;

	if (zone_load_running(rq->zone, &z, NULL) || !z.agent)
		return -1;
	return aside(ask_agent, rq->zone, AGENT_S, NULL);
}

static int shut_down(struct request *rq, struct zkz_err *err)
{
	long long ms = json_int(rq->args, "timeout-ms", SHUTDOWN_MS);
	struct zone_status st;
	int lock = change_begin(rq, &st, err), agent, rc;

	if (lock < 0)
		return -1;
	/* Not held while waiting: a halt must be able to end the wait. */
	io_close(&lock);
	if (check_running(rq, &st, err))
		return -1;
	if (ms < 1000 || ms > 3600000)
		return err_usage_range(err, "-t", 1, 3600, ERR_UNIT_SECONDS);

	out_step(&rq->out, "Asking the guest to shut down.");
	agent = begin_agent(rq);
	rc = keeper_call_for(rq->fd, rq->zone, "shutdown", json_pack("{s:I}", "timeout-ms", (json_int_t)ms), NULL,
			     deadline_in_ms((uint64_t)ms + 30000), err);
	io_close(&agent);
	return rc ? -1 : 0;
}

/* The host goes down, and with it whoever has not ended until then: better a halt, which leaves disks as they are. */
static int leave(struct request *rq, struct zkz_err *err)
{
	struct zkz_err why = { 0 };
	struct zone_model z;

	if (!zone_load(rq->zone, &z, &why) && z.halts)
		return op_halt(rq, err);
	if (!why.id && !shut_down(rq, &why)) {
		out_result(&rq->out, NULL, "Zone shut down.");
		return 0;
	}
	err_zone_halted_with_host(&why, rq->zone);
	out_warning(&rq->out, &why);
	return op_halt(rq, err);
}

int op_shutdown(struct request *rq, struct zkz_err *err)
{
	if (json_bool(rq->args, "with-host", false))
		return leave(rq, err);
	if (shut_down(rq, err))
		return -1;
	out_result(&rq->out, NULL, "Zone shut down.");
	return 0;
}
