// SPDX-License-Identifier: GPL-2.0
/* Target: from the configuration to a QEMU that waits for the guest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat/decide.h"
#include "conf/session.h"
#include "lib/hold.h"
#include "lib/id.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "migrate/commit/journal.h"
#include "migrate/commit/undo.h"
#include "migrate/guard.h"
#include "migrate/host.h"
#include "migrate/plan/match.h"
#include "migrate/target/target.h"
#include "qemu/vm.h"
#include "zone/keeper.h"
#include "zone/lock.h"
#include "zone/paths.h"
#include "zone/state.h"
#include "zone/store.h"

/* A worker that is cleaning up after a failed attempt may hold the lock. */
#define LOCK_MS		30000
#define KEEPER_MS	120000
#define QMP_MS		20000

static int take_names(struct target *t, const json_t *msg, struct zkz_err *err)
{
	const char *zone = json_str(msg, "zone"), *id = json_str(msg, "migration");
	const char *peer = json_str(msg, "source");
	long long epoch;

	if (!zone || !id || !peer || !id_ok(id) || !json_str(msg, "text"))
		return err_set(err, ERR_PROTOCOL, "The request 'config' is incomplete");
	if (zone_check_name(zone, err))
		return -1;
	snprintf(t->zone, sizeof(t->zone), "%s", zone);
	snprintf(t->migration, sizeof(t->migration), "%s", id);
	snprintf(t->peer, sizeof(t->peer), "%s", peer);
	epoch = json_int(msg, "epoch", 0);
	/* It is to grow by one. */
	if (epoch < 1 || epoch >= (long long)ZONE_EPOCH_MAX)
		return err_set(err, ERR_PROTOCOL, "The request 'config' has no epoch, or an impossible one");
	t->epoch = (uint64_t)epoch;
	return 0;
}

/*
 * May the zone come here, by what this host knows of it? A zone that was only
 * configured here, in advance, may; one that this host got in a later epoch
 * than the source's must not: then the source is the stale copy.
 */
static int check_owner(struct target *t, struct zkz_err *err)
{
	const struct zone_owner *o = &t->before;

	if (zone_alive(t->zone)) {
		err_set(err, ERR_ZONE_STATE, "Zone %s is running on this host already", t->zone);
		return err_remedy(err, "Halt it here, or rename one of the two.");
	}
	if (o->kind == OWNER_IN_DOUBT)
		return zone_owner_may_run(t->zone, err);
	if (o->migration[0] && o->kind == OWNER_HERE && o->epoch >= t->epoch) {
		err_set(err, ERR_ZONE_EXISTS, "This host owns zone %s (epoch %llu, the source has %llu)",
			t->zone, (unsigned long long)o->epoch, (unsigned long long)t->epoch);
		return err_remedy(err, "Find out which of the two is the right one; delete the other.");
	}
	if (o->kind == OWNER_ELSEWHERE && o->epoch > t->epoch) {
		err_set(err, ERR_ZONE_EXISTS, "This host handed zone %s over to %s in epoch %llu, after the source had it (epoch %llu)",
			t->zone, o->peer, (unsigned long long)o->epoch,
			(unsigned long long)t->epoch);
		return err_remedy(err, "The copy on the source is an old one: delete it there.");
	}
	return 0;
}

/* Return: 1 if this host has a configuration of its own, 0 or -1. */
static int load_own(struct target *t, struct zkz_err *err)
{
	struct zkz_err why = { 0 };

	if (!zone_load(t->zone, &t->model, &why))
		return 1;
	if (!why.code || strcmp(why.code, ERR_ZONE_NOT_FOUND)) {
		*err = why;
		return -1;
	}
	return 0;
}

static int use_config(struct target *t, const char *text, struct zkz_err *err)
{
	struct conf *c = conf_parse(t->zone, text, strlen(text), err);
	struct zone_model theirs;
	int own, rc = -1;

	if (!c)
		return -1;
	if (zone_model_from_conf(t->zone, c, &theirs, err))
		goto out;
	own = load_own(t, err);
	if (own < 0)
		goto out;
	if (own) {
		rc = match_models(&theirs, &t->model, err);
		if (!rc)
			rc = undo_note(t->zone, t->migration, &t->before, false, err);
		goto out;
	}
	t->imported = true;
	t->model = theirs;
	/* From here on there is something to put back. */
	rc = undo_note(t->zone, t->migration, &t->before, true, err);
	if (!rc)
		rc = zone_conf_save(t->zone, c, err);
out:
	conf_free(c);
	return rc;
}

int target_config(struct target *t, const json_t *msg, struct zkz_err *err)
{
	if (take_names(t, msg, err))
		return -1;
	t->lock = zone_lock_new(t->zone, deadline_in_ms(LOCK_MS), err);
	if (t->lock < 0)
		return -1;
	/* An earlier worker may have died before it could clean up. */
	undo_wait(t->zone, deadline_in_ms(LOCK_MS));
	if (undo_run(t->zone, err) || zone_owner_read(t->zone, &t->before, err))
		return -1;
	if (check_owner(t, err) || use_config(t, json_str(msg, "text"), err))
		return -1;
	HOLD("target.imported");
	return channel_send(&t->ch, "config-ok",
			    json_pack("{s:b}", "imported", t->imported), err);
}

int target_attach(struct target *t, const json_t *msg, struct zkz_err *err)
{
	struct zone_owner o = { .kind = OWNER_INCOMING, .epoch = t->epoch };

	(void)msg;
	memcpy(o.migration, t->migration, sizeof(o.migration));
	memcpy(o.peer, t->peer, sizeof(o.peer));
	if (zone_owner_write(t->zone, &o, err))
		return -1;
	/* What GO will make true, so that it takes a rename only. */
	o.kind = OWNER_HERE;
	o.epoch = t->epoch + 1;
	if (zone_owner_stage(t->zone, &o, err))
		return -1;
	HOLD("target.attached");
	return channel_send(&t->ch, "attach-ok", NULL, err);
}

int target_boot(struct target *t, const json_t *msg, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];

	t->booted = true;
	if (keeper_start(t->zone, KEEPER_INCOMING, deadline_in_ms(KEEPER_MS), err))
		return -1;
	t->guard = guard_take(t->zone, true, NULL, deadline_in_ms(QMP_MS), err);
	if (t->guard < 0)
		return -1;
	t->qmp = qmp_open(zone_path(ZF_QMP, t->zone, path), deadline_in_ms(QMP_MS), err);
	if (!t->qmp)
		return -1;
	if (json_bool(msg, "probe", false))
		measure_open(&t->measure);
	HOLD("target.booted");
	return channel_send(&t->ch, "boot-ok", NULL, err);
}

int target_check(struct target *t, const json_t *msg, struct zkz_err *err)
{
	struct passport theirs, ours;
	struct findings f;
	char qemu[64];
	int rc;

	if (passport_from_json(json_object_get(msg, "passport"), &theirs, err))
		return -1;
	if (vm_version(t->qmp, qemu, sizeof(qemu), err) ||
	    host_passport(&ours, qemu, err)) {
		passport_fini(&theirs);
		return -1;
	}
	ours.mbit = host_link_mbit(json_str(t->rq->args, "address"));
	compat_decide(&theirs, &ours, &f);
	rc = compat_verdict(&f, err);
	HOLD("target.checked");
	if (!rc)
		rc = channel_send(&t->ch, "check-ok",
				  json_pack("{s:o}", "passport", passport_to_json(&ours)), err);
	passport_fini(&theirs);
	passport_fini(&ours);
	return rc;
}
