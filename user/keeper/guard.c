// SPDX-License-Identifier: GPL-2.0
/*
 * The hold of a migration worker, see migrate/guard.h for the contract. When it
 * ends, for whatever reason, the owner file alone says what becomes of the zone:
 * the worker wrote it before it let go, or died without having written it.
 */
#include "keeper/keeper.h"

#include <string.h>

#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "qemu/vm.h"
#include "zone/owner.h"

#define REQUEST_MS	5000
/* The worker takes hold as soon as it has read that QEMU has started. */
#define HOLD_MS		15000

void keeper_expect_guard(struct keeper *k)
{
	if (k->mode == KEEPER_INCOMING)
		k->look_at = deadline_in_ms(HOLD_MS);
}

void keeper_look_after(struct keeper *k)
{
	if (k->ended || deadline_left_ms(k->look_at))
		return;
	k->look_at = DEADLINE_NONE;
	keeper_halt(k, "the migration that it was started for is gone");
}

int keeper_guard(struct keeper *k, bool target, int fd, struct zkz_err *err)
{
	if (k->guard_fd >= 0) {
		err_set(err, ERR_ZONE_BUSY, "Zone %s is being migrated already", k->z.name);
		return err_remedy(err, "Wait for that migration to end.");
	}
	if (target ? k->mode != KEEPER_INCOMING : k->mode == KEEPER_INCOMING)
		return err_set(err, ERR_ZONE_STATE, "Zone %s is not %s", k->z.name,
			       target ? "on its way in" : "running here");
	if (!k->qmp)
		return err_set(err, ERR_QEMU, "QEMU of zone %s has no monitor", k->z.name);
	k->guard_fd = fd;
	k->look_at = DEADLINE_NONE;
	if (!target) {
		log_note("migration to another host begins");
		keeper_set_aux(k, AUX_MIGRATING_OUT);
	}
	return 0;
}

/* Source: QEMU has nothing to do with it any more, or the guest runs on. */
static int settle_source(struct keeper *k, const struct zone_owner *o, struct zkz_err *err)
{
	switch (o->kind) {
	case OWNER_HERE:
		if (vm_resume(k->qmp, err)) {
			log_error("the guest does not run on: %s", err->text);
			return -1;
		}
		log_note("the migration did not take place; the guest runs on");
		keeper_set_aux(k, AUX_NONE);
		return 0;
	case OWNER_ELSEWHERE:
		keeper_halt(k, "the zone was handed over to another host");
		return 0;
	default:
		log_warn("the guest stays stopped until it is known who owns it; see 'zkz recover'");
		keeper_set_aux(k, AUX_IN_DOUBT);
		return 0;
	}
}

static int settle(struct keeper *k, json_t *result, struct zkz_err *err)
{
	struct zone_owner o;
	uint64_t ns = 0;

	if (zone_owner_read(k->z.name, &o, err))
		return -1;
	if (!k->qmp)
		return err_set(err, ERR_QEMU, "QEMU of zone %s has no monitor", k->z.name);
	if (k->mode != KEEPER_INCOMING)
		return settle_source(k, &o, err);
	if (o.kind != OWNER_HERE) {
		keeper_halt(k, "the migration to this host was given up");
		return 0;
	}
	if (keeper_adopt(k, &ns, err))
		return -1;
	json_object_set_new(result, "resume-ns", json_integer((json_int_t)ns));
	return 0;
}

/* The worker said "settle" and waits, or its connection ended and nobody does. */
void keeper_guard_end(struct keeper *k)
{
	struct zkz_err err = { 0 };
	json_t *req = NULL, *result = json_object();
	struct jsonl in;
	int fd = k->guard_fd, rc;

	k->guard_fd = -1;
	jsonl_init(&in, fd);
	if (jsonl_read(&in, &req, deadline_in_ms(REQUEST_MS), NULL) || !req)
		log_warn("the worker of a migration is gone");
	jsonl_fini(&in);

	rc = settle(k, result, &err);
	if (rc)
		log_error("%s", err.text);
	/* Where QEMU was told to quit, the answer comes when nothing is left of it. */
	if (req && !rc && k->stopping)
		keeper_wait_end(k, &fd);
	else if (req)
		keeper_answer(fd, rc ? NULL : json_incref(result), rc ? &err : NULL);
	json_decref(result);
	json_decref(req);
	io_close(&fd);
}
