// SPDX-License-Identifier: GPL-2.0
/* What QEMU says by itself: events and its standard error. */
#include "keeper/keeper.h"
#include "keeper/plug.h"

#include <stdio.h>
#include <string.h>

#include "lib/log.h"

static void on_shutdown(struct keeper *k, const struct qmp_event *ev)
{
	const char *reason = json_str(ev->data, "reason");

	/* QEMU ends by itself after this. */
	if (json_bool(ev->data, "guest", false))
		k->powered_off = true;
	log_note("shutdown: %s", reason ? reason : "no reason given");
}

static void on_reset(struct keeper *k, const struct qmp_event *ev)
{
	log_note("the %s has reset the machine",
		 json_bool(ev->data, "guest", false) ? "guest" : "host");
	k->resets++;
	k->panicked = false;
	k->asked_until = 0;
	keeper_show(k);
}

static void on_panic(struct keeper *k, const struct qmp_event *ev)
{
	(void)ev;
	log_error("the guest's kernel has panicked; its last words are in the console log");
	k->panicked = true;
	keeper_show(k);
}

static void on_io_error(struct keeper *k, const struct qmp_event *ev)
{
	const char *node = json_str(ev->data, "node-name");
	const char *op = json_str(ev->data, "operation");
	const char *reason = json_str(ev->data, "reason");
	const char *action = json_str(ev->data, "action");
	unsigned int id;

	if (action && !strcmp(action, "stop")) {
		/* Each try to go on may fail alike. */
		if (k->pause.on)
			return;
		if (node && sscanf(node, "disk%u", &id) == 1)
			snprintf(k->pause.why, sizeof(k->pause.why), "%s on device %u",
				 json_bool(ev->data, "nospace", false) ? "no space" : "I/O error", id);
	}
	log_error("%s error on %s: %s", op ? op : "I/O", node ? node : "a disk",
		  reason ? reason : "no reason given");
}

static void on_migration(struct keeper *k, const struct qmp_event *ev)
{
	const char *status = json_str(ev->data, "status");

	if (k->mode == KEEPER_INCOMING && status && !strcmp(status, "completed"))
		k->loaded_ns = ev->real_ns ? ev->real_ns : 1;
	if (k->mode == KEEPER_INCOMING && status && !strcmp(status, "failed"))
		k->load_failed = true;
	/* How it begins is no news, and may have to be read while the guest stands still. */
	if (status && (!strcmp(status, "setup") || !strcmp(status, "active")))
		return;
	log_note("QEMU's migration state: %s", status ? status : "unknown");
}

/* Of a guest that has just arrived; a later one says nothing new. */
static void on_resume(struct keeper *k, const struct qmp_event *ev)
{
	if (k->mode == KEEPER_INCOMING && !k->resume_ns)
		k->resume_ns = ev->real_ns ? ev->real_ns : 1;
	k->stopped = false;
	/* By itself, because QEMU could not migrate: not before it is known whose the zone is. */
	if (k->moving == AUX_IN_DOUBT)
		k->look_at = deadline_in_ms(0);
	if (!k->pause.on)
		log_note("QEMU event %s", ev->name);
}

static void on_stop(struct keeper *k, const struct qmp_event *ev)
{
	k->stopped = true;
	if (!k->pause.on)
		log_note("QEMU event %s", ev->name);
}

static void on_deleted(struct keeper *k, const struct qmp_event *ev)
{
	const char *name = json_str(ev->data, "device");

	if (name)
		keeper_device_deleted(k, name);
}

static void on_note(struct keeper *k, const struct qmp_event *ev)
{
	(void)k;
	log_note("QEMU event %s", ev->name);
}

static const struct {
	const char *name;
	void (*fn)(struct keeper *k, const struct qmp_event *ev);
} handlers[] = {
	{ "SHUTDOWN", on_shutdown },
	{ "RESET", on_reset },
	{ "GUEST_PANICKED", on_panic },
	{ "BLOCK_IO_ERROR", on_io_error },
	{ "MIGRATION", on_migration },
	{ "STOP", on_stop },
	{ "RESUME", on_resume },
	{ "DEVICE_DELETED", on_deleted },
	{ "POWERDOWN", on_note },
	{ "WATCHDOG", on_note },
};

void keeper_event(struct keeper *k, const struct qmp_event *ev)
{
	size_t i;

	for (i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
		if (!strcmp(handlers[i].name, ev->name)) {
			handlers[i].fn(k, ev);
			return;
		}
	}
	log_debug("QEMU event %s", ev->name);
}

void keeper_events(struct keeper *k)
{
	struct qmp_event ev;
	struct zkz_err err;
	int rc = qmp_pump(k->vm.qmp, &err);

	while (qmp_take(k->vm.qmp, &ev)) {
		keeper_event(k, &ev);
		qmp_event_clear(&ev);
	}
	keeper_guest_moves(k);
	if (rc) {
		/* Its end is seen by the pidfd; a monitor alone may not die. */
		log_debug("%s", err.text);
		qmp_close(k->vm.qmp);
		k->vm.qmp = NULL;
	}
}
