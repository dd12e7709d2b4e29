// SPDX-License-Identifier: GPL-2.0
/*
 * A running zone gets the keeper and the QEMU that are installed now. The keeper becomes the new one first, because
 * it may know how to start the new QEMU (keeper/renew.c). That is started beside the one that runs the guest, with
 * the same memory, which is a file; it is looked at as the target of a migration is; and then the keeper lets the
 * guest change over (keeper/swap.c). As long as it has not, giving up means that this process ends.
 *
 * The zone's lock is held all the time.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "lib/errjson.h"
#include "lib/hold.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "migrate/commit/undo.h"
#include "migrate/figures/measure.h"
#include "migrate/host.h"
#include "migrate/upgrade/old.h"
#include "migrate/upgrade/verbs.h"
#include "qemu/vm.h"
#include "zone/keeper.h"
#include "zone/lock.h"
#include "zone/owner.h"
#include "zone/paths.h"
#include "zone/store.h"

#define LOCK_MS		5000
#define RENEW_MS	40000
#define START_MS	60000
#define MONITOR_MS	20000
#define SWITCH_MS	120000
/* For virtual CPUs that sleep, to enter the guest by themselves. */
#define MEASURE_MS	500

/**
 * struct upgrade - of one zone
 * @rq:    the request
 * @check: change nothing
 * @force: also what is not old
 * @st:    what is known of the zone
 * @model: the configuration that its run began with
 * @old:   what of it is old
 * @hold:  on its keeper: without it there is no next QEMU; -1
 * @pid:   of the next QEMU
 * @from:  monitor of the one that runs the guest
 * @to:    of the next one
 * @out:   probes that see the guest stop
 * @in:    that see it start
 */
struct upgrade {
	struct request *rq;
	bool check;
	bool force;
	struct zone_status st;
	struct zone_model model;
	struct old old;
	int hold;
	pid_t pid;
	struct qmp *from;
	struct qmp *to;
	struct measure out;
	struct measure in;
};

static int look(struct upgrade *u, struct zkz_err *err)
{
	const char *zone = u->rq->zone;

	if (undo_run(zone, err) || zone_status_read(zone, &u->st, err))
		return -1;
	if (u->st.state != ZONE_RUNNING)
		return err_zone_not_running(err, zone);
	if (zone_owner_may_run(zone, err) || zone_load_running(zone, &u->model, err))
		return -1;
	return old_look(zone, &u->st, &u->old, err);
}

static int renew_keeper(struct upgrade *u, struct zkz_err *err)
{
	if (!u->force && !stale_any(&u->old.keeper))
		return 0;
	out_step(&u->rq->out, "Renewing the zone's keeper.");
	return keeper_call(u->rq->zone, "renew", NULL, NULL, deadline_in_ms(RENEW_MS), err);
}

/* Why it cannot be reached: the keeper says so on the hold, if it knows. */
static int next_ended(struct upgrade *u, struct zkz_err *err)
{
	const struct zkz_err why = *err;
	struct jsonl in;
	json_t *word;

	jsonl_init(&in, u->hold);
	if (jsonl_read(&in, &word, deadline_in_ms(1000), NULL) || !word)
		*err = why;
	else
		err_from_json(err, word, NULL);
	jsonl_fini(&in);
	return -1;
}

static int start_next(struct upgrade *u, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	const char *zone = u->rq->zone;
	json_t *ret = NULL;

	out_step(&u->rq->out, "Starting QEMU %s beside %s.", u->old.installed.able.version,
		 u->old.runs[0] ? u->old.runs : "the one that runs");
	u->hold = keeper_hold(zone, json_pack("{s:s}", "op", "next"), &ret, deadline_in_ms(START_MS), err);
	if (u->hold < 0)
		return -1;
	u->pid = (pid_t)json_int(ret, "qemu", 0);
	json_decref(ret);
	u->to = qmp_open(zone, zone_path(ZF_QMP_NEXT, zone, path), deadline_in_ms(START_MS), err);
	return u->to ? 0 : next_ended(u, err);
}

/* As between two hosts: what QEMU cannot load it would tell when the guest stands still. */
static int compare(struct upgrade *u, struct zkz_err *err)
{
	struct passport now, then;
	int rc;

	if (host_passport(&then, u->from, &u->model, err))
		return -1;
	if (host_passport(&now, u->to, &u->model, err)) {
		passport_fini(&then);
		return -1;
	}
	rc = host_judge(&u->rq->out, &then, &now, err);
	passport_fini(&now);
	passport_fini(&then);
	return rc;
}

static int check_next(struct upgrade *u, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	const char *zone = u->rq->zone;
	int rc;

	out_step(&u->rq->out, "Checking that it can take the guest over.");
	u->from = qmp_open(zone, zone_path(ZF_QMP, zone, path), deadline_in_ms(MONITOR_MS), err);
	if (!u->from)
		return -1;
	rc = vm_ends_marked(u->from, err);
	if (rc <= 0)
		return rc ? -1 : err_zone_old_qemu(err, zone);
	return compare(u, err);
}

/* What the time between STOP and RESUME is made of, in milliseconds; by the clock of one host. */
static json_t *steps(const json_t *how)
{
	long long stop = json_int(how, "stop-ns", 0), held = json_int(how, "held-ns", 0);
	long long sent = json_int(how, "sent-ns", 0), resume = json_int(how, "resume-ns", 0);

	return json_pack("{s:f, s:f, s:f}", "drain-ms", (double)(held - stop) / 1e6,
			 "devices-ms", (double)(sent - held) / 1e6, "start-ms", (double)(resume - sent) / 1e6);
}

static void tell(struct upgrade *u, const json_t *how, json_t *res)
{
	const struct offset same = { .pings = 1 };
	struct blackout b = {
		.out = measure_out(&u->out), .stop = json_int(how, "stop-ns", 0), .frozen = json_int(how, "held-ns", 0),
		.memory = json_int(how, "held-ns", 0), .loaded = json_int(how, "loaded-ns", 0),
		.resume = json_int(how, "resume-ns", 0), .before = same, .after = same,
	};
	struct blackout_report r;

	b.in = measure_in(&u->in, b.out.nr, deadline_in_ms(MEASURE_MS));
	json_object_set_new(res, "steps", steps(how));
	json_object_set_new(res, "device-bytes", json_integer(json_int(how, "devices", 0)));
	if (!blackout_report(&b, &r)) {
		out_result(&u->rq->out, res, "Zone upgraded to QEMU %s.", u->old.installed.able.version);
		return;
	}
	json_object_set_new(res, "downtime-ms", json_real(r.figure[r.main].ms));
	json_object_set_new(res, "downtime-figure", json_string(blackout_name(r.main)));
	out_result(&u->rq->out, res, "Zone upgraded to QEMU %s; the guest stood still for %.1f ms.",
		   u->old.installed.able.version, r.figure[r.main].ms);
}

/* Until the guest is handed over the client can end it: by hanging up half of its connection (Ctrl-C), or all. */
static int heed_client(const struct upgrade *u, struct zkz_err *err)
{
	struct pollfd p = { .fd = u->rq->fd, .events = POLLRDHUP };

	return poll(&p, 1, 0) > 0 ? err_cancelled(err) : 0;
}

static int switch_over(struct upgrade *u, struct zkz_err *err)
{
	json_t *how = NULL, *res = old_json(&u->old);
	int rc;

	/* Loaded in advance, and of no use later: the guest need not wait for that. */
	measure_open(&u->out);
	measure_open(&u->in);
	measure_watch(&u->out, u->rq->zone, u->st.qemu);
	measure_watch(&u->in, u->rq->zone, u->pid);
	qmp_close(u->from);
	qmp_close(u->to);
	u->from = u->to = NULL;
	HOLD("upgrade.before-switch");
	if (heed_client(u, err)) {
		json_decref(res);
		return -1;
	}
	out_step(&u->rq->out, "Handing the guest over.");
	rc = keeper_ask(u->rq->zone, u->hold, json_pack("{s:s}", "op", "switch"), &how, deadline_in_ms(SWITCH_MS), err);
	if (!rc)
		tell(u, how, res);
	else
		json_decref(res);
	measure_close(&u->out);
	measure_close(&u->in);
	json_decref(how);
	return rc;
}

static int upgrade_qemu(struct upgrade *u, struct zkz_err *err)
{
	int rc = start_next(u, err) || check_next(u, err) ? -1 : 0;

	HOLD("upgrade.checked");
	if (!rc && u->check)
		out_result(&u->rq->out, old_json(&u->old), "Zone can be upgraded to QEMU %s.",
			   u->old.installed.able.version);
	else if (!rc)
		rc = switch_over(u, err);
	qmp_close(u->from);
	qmp_close(u->to);
	io_close(&u->hold);
	return rc;
}

static int run(struct upgrade *u, struct zkz_err *err)
{
	bool qemu;

	if (look(u, err))
		return -1;
	qemu = u->force || stale_any(&u->old.qemu);
	if (!qemu && !u->force && !stale_any(&u->old.keeper)) {
		out_result(&u->rq->out, old_json(&u->old), "Zone runs what is installed: nothing is to be done.");
		return 0;
	}
	log_note("zone %s: user %u upgrades it to QEMU %s", u->rq->zone, (unsigned int)u->rq->uid,
		 u->old.installed.able.version);
	if (!u->check && renew_keeper(u, err))
		return -1;
	if (qemu)
		return upgrade_qemu(u, err);
	out_result(&u->rq->out, old_json(&u->old), u->check ? "Zone's keeper can be renewed." : "Zone's keeper renewed.");
	return 0;
}

/* Without the lock: whoever only looks waits for nobody. */
static int tell_old(struct upgrade *u, struct zkz_err *err)
{
	if (zone_status_read(u->rq->zone, &u->st, err))
		return -1;
	if (u->st.state != ZONE_RUNNING)
		return err_zone_not_running(err, u->rq->zone);
	if (old_look(u->rq->zone, &u->st, &u->old, err))
		return -1;
	out_result(&u->rq->out, old_json(&u->old), "Done.");
	return 0;
}

int op_upgrade(struct request *rq, struct zkz_err *err)
{
	struct upgrade u = {
		.rq = rq, .hold = -1, .check = json_bool(rq->args, "check", false),
		.force = json_bool(rq->args, "force", false),
	};
	int lock, rc;

	if (json_bool(rq->args, "look", false))
		return tell_old(&u, err);
	lock = zone_lock(rq->zone, deadline_in_ms(LOCK_MS), err);
	if (lock < 0)
		return -1;
	rc = run(&u, err);
	io_close(&lock);
	return rc ? err_upgrade_failed(err, rq->zone) : 0;
}
