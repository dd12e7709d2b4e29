// SPDX-License-Identifier: GPL-2.0
/* The keeper's control socket; zone/keeper.h lists the operations. */
#include "keeper/keeper.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errjson.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "zone/owner.h"

#define REQUEST_MS	5000
#define MAX_SHUTDOWN_MS	(3600 * 1000)

/* One request being served. An operation that answers later sets @fd to -1. */
struct call {
	struct keeper *k;
	json_t *req;
	json_t *result;
	int fd;
};

void keeper_answer(int fd, json_t *result, const struct zkz_err *err)
{
	json_t *obj = result;

	if (err)
		obj = err_to_json(err);
	else
		json_object_set_new(obj, "type", json_string("result"));
	if (obj && jsonl_write(fd, obj, deadline_in_ms(REQUEST_MS), NULL))
		log_debug("a client did not take its answer");
	json_decref(obj);
}

/* A client that has hung up, by Ctrl-C say, frees its place when one is needed. */
static bool hung_up(const struct waiter *w)
{
	struct pollfd p = { .fd = w->fd };

	return poll(&p, 1, 0) == 1 && p.revents;
}

static int add_waiter(struct call *c, bool guest, deadline_t until, struct zkz_err *err)
{
	int i;

	for (i = 0; i < KEEPER_MAX_WAITERS; i++) {
		struct waiter *w = &c->k->waiter[i];

		if (w->fd >= 0 && !hung_up(w))
			continue;
		io_close(&w->fd);
		w->fd = c->fd;
		w->guest = guest;
		w->until = until;
		c->fd = -1;
		return 0;
	}
	err_set(err, ERR_ZONE_BUSY, "Too many wait for the end of zone %s", c->k->z.name);
	return err_remedy(err, "Wait for the other commands to end, or use 'zkz halt %s'.",
			  c->k->z.name);
}

/* Halt, and answer when nothing is left; without a place to wait, before that. */
static int end_run(struct call *c, const char *why)
{
	add_waiter(c, false, DEADLINE_NONE, NULL);
	keeper_halt(c->k, why);
	return 0;
}

void keeper_wait_end(struct keeper *k, int *fd)
{
	struct call c = { .k = k, .fd = *fd };

	if (add_waiter(&c, false, DEADLINE_NONE, NULL))
		keeper_answer(c.fd, json_object(), NULL);
	*fd = c.fd;
}

/* What has ended here is not the guest. */
static void say_handed_over(const struct keeper *k, struct zkz_err *err)
{
	err_set(err, ERR_ZONE_ELSEWHERE, "Zone %s was handed over to %s meanwhile and still runs there",
		k->z.name, k->handed);
	err_remedy(err, "Use 'zkz shutdown %s' there.", k->z.name);
}

void keeper_answer_waiters(struct keeper *k, const struct zkz_err *err)
{
	struct zkz_err handed;
	int i;

	say_handed_over(k, &handed);
	for (i = 0; i < KEEPER_MAX_WAITERS; i++) {
		struct waiter *w = &k->waiter[i];
		const struct zkz_err *why = k->handed[0] && w->guest ? &handed : err;

		if (w->fd < 0)
			continue;
		keeper_answer(w->fd, why ? NULL : json_object(), why);
		io_close(&w->fd);
	}
}

static void say_too_late(const struct keeper *k, struct zkz_err *err)
{
	if (k->moving == AUX_IN_DOUBT) {
		err_set(err, ERR_IN_DOUBT, "Zone %s stands still, because it is not known whether it was handed over",
			k->z.name);
		err_remedy(err, "Run 'zkz recover %s'.", k->z.name);
		return;
	}
	err_set(err, ERR_TIMEOUT,
		"Zone %s has not shut down in time: its guest may not heed the ACPI power button",
		k->z.name);
	err_remedy(err, "Shut the guest down from within, or use 'zkz halt %s'.", k->z.name);
}

void keeper_check_waiters(struct keeper *k)
{
	struct zkz_err err;
	int i;

	say_too_late(k, &err);
	for (i = 0; i < KEEPER_MAX_WAITERS; i++) {
		struct waiter *w = &k->waiter[i];

		if (w->fd < 0 || deadline_left_ms(w->until) != 0)
			continue;
		log_warn("the guest has not shut down in time");
		keeper_answer(w->fd, NULL, &err);
		io_close(&w->fd);
	}
}

int keeper_next_timeout(const struct keeper *k)
{
	deadline_t first = keeper_guest_next(k);
	int i;

	if (k->look_at < first)
		first = k->look_at;

	for (i = 0; i < KEEPER_MAX_WAITERS; i++)
		if (k->waiter[i].fd >= 0 && k->waiter[i].until < first)
			first = k->waiter[i].until;
	return deadline_left_ms(first);
}

static int run_state(struct keeper *k, char *text, size_t size, struct zkz_err *err)
{
	const char *status;
	json_t *ret;

	if (!k->qmp)
		return err_set(err, ERR_QEMU, "QEMU of zone %s has no monitor", k->z.name);
	if (qmp_exec(k->qmp, "query-status", NULL, &ret, deadline_in_ms(KEEPER_QMP_MS), err))
		return -1;
	status = json_str(ret, "status");
	snprintf(text, size, "%s", status ? status : "unknown");
	json_decref(ret);
	return 0;
}

static int op_status(struct call *c, struct zkz_err *err)
{
	const struct zone_status *st = &c->k->st;
	char run[32] = "unknown";
	json_t *more;

	/* A QEMU that does not answer must not hide the rest. */
	if (run_state(c->k, run, sizeof(run), err))
		log_warn("%s", err->text);
	more = json_pack("{s:s, s:s, s:i, s:i, s:i, s:I, s:I, s:s}",
			 "state", zone_state_text(st->state), "aux", zone_aux_text(st->aux),
			 "id", (int)st->id, "keeper", (int)st->keeper, "qemu", (int)st->qemu,
			 "epoch", (json_int_t)st->epoch, "since", (json_int_t)st->since,
			 "run-state", run);
	json_object_set_new(more, "arrived", json_boolean(c->k->arrived));
	json_object_update_new(c->result, more);
	return 0;
}

static int op_halt(struct call *c, struct zkz_err *err)
{
	(void)err;
	return end_run(c, "as asked");
}

/* A guest that stands still because another host may own it is not touched. */
static int check_running(const struct keeper *k, struct zkz_err *err)
{
	struct zone_owner o;

	/* One that has arrived and runs is ours, before that is written down. */
	if (zone_owner_read(k->z.name, &o, err) ||
	    ((o.kind != OWNER_ARRIVED || !k->arrived) && zone_owner_may_run(k->z.name, err)))
		return -1;
	if (k->mode == KEEPER_INCOMING || !k->qmp)
		return err_set(err, ERR_ZONE_STATE, "Zone %s runs no guest yet", k->z.name);
	return 0;
}

static int op_shutdown(struct call *c, struct zkz_err *err)
{
	long long ms = json_int(c->req, "timeout-ms", 60000);
	deadline_t until;

	if (ms < 1 || ms > MAX_SHUTDOWN_MS)
		return err_set(err, ERR_PROTOCOL, "timeout-ms must be 1 to %d", MAX_SHUTDOWN_MS);
	if (check_running(c->k, err))
		return -1;
	if (c->k->pause.on)
		return keeper_paused_error(c->k, "shut down", err);
	if (qmp_exec(c->k->qmp, "system_powerdown", NULL, NULL, deadline_in_ms(KEEPER_QMP_MS), err))
		return -1;
	log_note("asked the guest to shut down");
	until = deadline_in_ms((uint64_t)ms);
	if (until > c->k->asked_until)
		c->k->asked_until = until;
	keeper_show(c->k);
	return add_waiter(c, true, until, err);
}

static int op_reboot(struct call *c, struct zkz_err *err)
{
	return check_running(c->k, err) ? -1 : keeper_reset(c->k, err);
}

static int op_resume(struct call *c, struct zkz_err *err)
{
	return check_running(c->k, err) ? -1 : keeper_resume(c->k, err);
}

static int op_inherit(struct call *c, struct zkz_err *err)
{
	if (c->k->mode == KEEPER_INCOMING)
		return err_set(err, ERR_ZONE_STATE, "Zone %s is still on its way in", c->k->z.name);
	keeper_take_guest(c->k, json_object_get(c->req, "guest"));
	return 0;
}

static int op_guard(struct call *c, struct zkz_err *err)
{
	const char *side = json_str(c->req, "side");

	if (!side || keeper_guard(c->k, !strcmp(side, "target"), c->fd, err))
		return side ? -1 : err_set(err, ERR_PROTOCOL, "guard needs a side");
	keeper_answer(c->fd, json_pack("{s:o}", "guest", keeper_about_guest(c->k)), NULL);
	c->fd = -1;
	return 0;
}

static int op_settle(struct call *c, struct zkz_err *err)
{
	bool did;

	if (keeper_settle(c->k, &did, err))
		return -1;
	json_object_set_new(c->result, "settled", json_boolean(did));
	if (c->k->stopping)
		add_waiter(c, false, DEADLINE_NONE, NULL);
	return 0;
}

static int op_lose(struct call *c, struct zkz_err *err)
{
	const char *why = json_str(c->req, "why");

	if (!why)
		return err_set(err, ERR_PROTOCOL, "lose needs a reason");
	snprintf(c->k->lost, sizeof(c->k->lost), "%s", why);
	log_error("%s", c->k->lost);
	return end_run(c, c->k->lost);
}

static int op_discard(struct call *c, struct zkz_err *err)
{
	if (c->k->mode != KEEPER_INCOMING)
		return err_set(err, ERR_ZONE_STATE, "Zone %s runs here and is not discarded",
			       c->k->z.name);
	return end_run(c, "the migration to this host was given up");
}

static const struct {
	const char *name;
	int (*fn)(struct call *c, struct zkz_err *err);
} ops[] = {
	{ "status", op_status },
	{ "halt", op_halt },
	{ "shutdown", op_shutdown },
	{ "reboot", op_reboot },
	{ "resume", op_resume },
	{ "inherit", op_inherit },
	{ "guard", op_guard },
	{ "settle", op_settle },
	{ "lose", op_lose },
	{ "discard", op_discard },
};

static int run_call(struct call *c, struct zkz_err *err)
{
	const char *op = json_str(c->req, "op");
	size_t i;

	for (i = 0; op && i < sizeof(ops) / sizeof(ops[0]); i++)
		if (!strcmp(op, ops[i].name))
			return ops[i].fn(c, err);
	return err_set(err, ERR_UNKNOWN_OP, "The keeper does not know the operation '%.40s'",
		       op ? op : "");
}

void keeper_control(struct keeper *k)
{
	struct call c = { .k = k, .fd = io_accept(k->control_fd, deadline_in_ms(0)) };
	struct zkz_err err = { 0 };
	struct jsonl in;

	if (c.fd < 0)
		return;
	/* Only root can connect, so waiting for the line here is bearable. */
	jsonl_init(&in, c.fd);
	if (!jsonl_read(&in, &c.req, deadline_in_ms(REQUEST_MS), &err) && c.req) {
		c.result = json_object();
		if (run_call(&c, &err)) {
			if (c.fd >= 0)
				keeper_answer(c.fd, NULL, &err);
			json_decref(c.result);
		} else if (c.fd >= 0) {
			keeper_answer(c.fd, c.result, NULL);
		} else {
			json_decref(c.result);
		}
		json_decref(c.req);
	}
	jsonl_fini(&in);
	io_close(&c.fd);
}
