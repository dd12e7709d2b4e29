// SPDX-License-Identifier: GPL-2.0
/* The keeper's control socket; zone/keeper.h lists the operations. */
#include "keeper/keeper.h"
#include "keeper/plug.h"

#include <stdio.h>
#include <string.h>

#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "net/protect.h"
#include "net/tap.h"
#include "qemu/balloon.h"
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

/* Halt, and answer when nothing is left; without a place to wait, before that. */
static int end_run(struct call *c, const char *why)
{
	keeper_add_waiter(c->k, &c->fd, false, DEADLINE_NONE, NULL);
	keeper_halt(c->k, why);
	return 0;
}

static int run_state(struct keeper *k, char *text, size_t size, struct zkz_err *err)
{
	const char *status;
	json_t *ret;

	if (!k->vm.qmp)
		return err_qemu_no_monitor(err, k->z.name);
	if (qmp_exec(k->vm.qmp, "query-status", NULL, &ret, deadline_in_ms(KEEPER_QMP_MS), err))
		return -1;
	status = json_str(ret, "status");
	snprintf(text, size, "%s", status ? status : "unknown");
	json_decref(ret);
	return 0;
}

/* What its guest must not send, and has tried to. */
static json_t *links(const struct keeper *k)
{
	json_t *list = json_array();
	char name[16];
	unsigned int i;

	for (i = 0; i < k->z.nr_nics; i++) {
		json_t *link = json_pack("{s:i, s:s}", "id", (int)k->z.nic[i].id,
					 "tap", tap_name(k->vm.tap_fd[i], name));

		if (k->z.nic[i].protect)
			json_object_set_new(link, "dropped", json_integer((json_int_t)protect_dropped(name)));
		json_array_append_new(list, link);
	}
	return list;
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
	json_object_set_new(more, "links", links(c->k));
	json_object_set_new(more, "arrived", json_boolean(c->k->arrived));
	json_object_set_new(more, "qemu-version", json_string(c->k->vm.installed.able.version));
	json_object_set_new(more, "survives-load", json_boolean(c->k->vm.installed.able.can & ABLE_SURVIVE_LOAD));
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
	if (k->mode == KEEPER_INCOMING || !k->vm.qmp)
		return err_zone_no_guest(err, k->z.name);
	return 0;
}

static int op_shutdown(struct call *c, struct zkz_err *err)
{
	long long ms = json_int(c->req, "timeout-ms", 60000);
	deadline_t until;

	if (ms < 1 || ms > MAX_SHUTDOWN_MS)
		return err_keeper_request(err, "shutdown", "timeout-ms");
	if (check_running(c->k, err))
		return -1;
	if (c->k->pause.on)
		return keeper_paused_error(c->k, false, err);
	if (qmp_exec(c->k->vm.qmp, "system_powerdown", NULL, NULL, deadline_in_ms(KEEPER_QMP_MS), err))
		return -1;
	log_note("asked the guest to shut down");
	until = deadline_in_ms((uint64_t)ms);
	if (until > c->k->asked_until)
		c->k->asked_until = until;
	keeper_show(c->k);
	return keeper_add_waiter(c->k, &c->fd, true, until, err);
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
		return err_keeper_incoming(err, c->k->z.name);
	keeper_take_guest(c->k, json_object_get(c->req, "guest"));
	return 0;
}

static int op_guard(struct call *c, struct zkz_err *err)
{
	const char *side = json_str(c->req, "side");

	if (!side || keeper_guard(c->k, !strcmp(side, "target"), c->fd, err))
		return side ? -1 : err_keeper_request(err, "guard", "side");
	keeper_answer(c->fd, json_pack("{s:o}", "guest", keeper_about_guest(c->k)), NULL);
	c->fd = -1;
	return 0;
}

static int op_next(struct call *c, struct zkz_err *err)
{
	if (check_running(c->k, err) || keeper_next_begin(c->k, c->fd, err))
		return -1;
	keeper_answer(c->fd, json_pack("{s:i, s:s}", "qemu", (int)c->k->next.vm.pid, "qemu-version",
				       c->k->next.vm.installed.able.version), NULL);
	c->fd = -1;
	return 0;
}

/* Only a failure comes back; the answer is the new program's. */
static int op_renew(struct call *c, struct zkz_err *err)
{
	return keeper_renew(c->k, c->fd, err);
}

static int take_device(const struct call *c, const char *op, struct keeper_device *d, struct zkz_err *err)
{
	const char *type = json_str(c->req, "type");
	long long id = json_int(c->req, "id", -1);

	if (!type || (strcmp(type, "device") && strcmp(type, "anet")))
		return err_keeper_request(err, op, "type");
	d->disk = !strcmp(type, "device");
	if (id < 0 || id >= (d->disk ? ZONE_MAX_DISKS : ZONE_MAX_NICS))
		return err_keeper_request(err, op, "id");
	d->id = (unsigned int)id;
	return 0;
}

static int change(struct call *c, const char *how, struct zkz_err *err)
{
	const char *text = json_str(c->req, "text");
	struct keeper_device d = { .id = 0 };

	if (strcmp(how, "resize") && take_device(c, how, &d, err))
		return -1;
	if (!text)
		return err_keeper_request(err, how, "text");
	return check_running(c->k, err) ? -1 : keeper_change(c->k, how, &d, text, err);
}

static int op_plug(struct call *c, struct zkz_err *err)
{
	return change(c, "plug", err);
}

static int op_relink(struct call *c, struct zkz_err *err)
{
	return change(c, "relink", err);
}

static int op_resize(struct call *c, struct zkz_err *err)
{
	return change(c, "resize", err);
}

static int op_memory(struct call *c, struct zkz_err *err)
{
	uint64_t bytes;

	if (!c->k->vm.qmp)
		return err_qemu_no_monitor(err, c->k->z.name);
	if (balloon_get(c->k->vm.qmp, &bytes, err))
		return -1;
	json_object_set_new(c->result, "current", json_integer((json_int_t)bytes));
	return 0;
}

static int op_unplug(struct call *c, struct zkz_err *err)
{
	struct keeper_device d;

	return take_device(c, "unplug", &d, err) || check_running(c->k, err) ? -1 : keeper_unplug(c->k, &d, err);
}

static int op_plugged(struct call *c, struct zkz_err *err)
{
	struct keeper_device d;

	if (take_device(c, "plugged", &d, err))
		return -1;
	json_object_set_new(c->result, "there", json_boolean(keeper_has(c->k, &d)));
	return 0;
}

static int op_settle(struct call *c, struct zkz_err *err)
{
	bool did;

	if (keeper_settle(c->k, &did, err))
		return -1;
	json_object_set_new(c->result, "settled", json_boolean(did));
	if (c->k->stopping)
		keeper_add_waiter(c->k, &c->fd, false, DEADLINE_NONE, NULL);
	return 0;
}

static int op_lose(struct call *c, struct zkz_err *err)
{
	const char *why = json_str(c->req, "why");

	if (!why)
		return err_keeper_request(err, "lose", "why");
	snprintf(c->k->lost, sizeof(c->k->lost), "%s", why);
	log_error("%s", c->k->lost);
	return end_run(c, c->k->lost);
}

static int op_discard(struct call *c, struct zkz_err *err)
{
	if (c->k->mode != KEEPER_INCOMING)
		return err_keeper_no_discard(err, c->k->z.name);
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
	{ "plug", op_plug },
	{ "relink", op_relink },
	{ "resize", op_resize },
	{ "memory", op_memory },
	{ "unplug", op_unplug },
	{ "plugged", op_plugged },
	{ "next", op_next },
	{ "renew", op_renew },
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
	return err_keeper_operation(err, op ? op : "");
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
