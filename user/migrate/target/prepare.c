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
#include "lib/log.h"
#include "migrate/commit/note.h"
#include "migrate/commit/undo.h"
#include "migrate/guard.h"
#include "migrate/host.h"
#include "migrate/plan/match.h"
#include "migrate/target/prepare.h"
#include "qemu/ability.h"
#include "zone/incomplete.h"
#include "zone/keeper.h"
#include "zone/lock.h"
#include "zone/memfs.h"
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
	const char *peer = json_str(msg, "source"), *host = json_str(msg, "source-id");
	static const struct zone_owner nothing;
	long long epoch;

	if (!zone || !id_ok(id) || !peer || !id_ok(host) || !json_str(msg, "text"))
		return err_source_request(err, "config");
	if (zone_check_name(zone, err))
		return -1;
	snprintf(t->zone, sizeof(t->zone), "%s", zone);
	commit_target(&t->commit, t->zone, id, &nothing);
	snprintf(t->commit.peer, sizeof(t->commit.peer), "%s", peer);
	snprintf(t->commit.host, sizeof(t->commit.host), "%s", host);
	log_zone(t->zone);
	log_peer(peer);
	epoch = json_int(msg, "epoch", 0);
	/* It is to grow, and by more than one if somebody takes the zone by force. */
	if (epoch < 1 || epoch >= (long long)(ZONE_EPOCH_MAX - ZONE_EPOCH_JUMP))
		return err_source_request(err, "config");
	t->commit.epoch = (uint64_t)epoch;
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

	if (zone_alive(t->zone))
		return err_target_runs_zone(err, t->zone);
	/* One that arrived and never ran is behind a source that was taken by force meanwhile. */
	if (o->kind == OWNER_IN_DOUBT || (o->kind == OWNER_ARRIVED && o->epoch >= t->commit.epoch))
		return zone_owner_may_run(t->zone, err);
	if (o->migration[0] && o->kind == OWNER_HERE && o->epoch >= t->commit.epoch)
		return err_target_owns_zone(err, t->zone, o->epoch, t->commit.epoch);
	if (o->kind == OWNER_ELSEWHERE && o->epoch > t->commit.epoch)
		return err_target_handed_zone_on(err, t->zone, o->peer, o->epoch, t->commit.epoch);
	return 0;
}

/* Return: this host's configuration; NULL without a failure if it has none. */
static struct conf *load_own(const struct target *t, struct zkz_err *err)
{
	struct conf *own = zone_conf_load(t->zone, err);

	if (!own && err_is(err, ERR_ZONE_NOT_FOUND))
		err_clear(err);
	return own;
}

/* What to put back is written down before anything is changed. */
static int store_config(struct target *t, struct conf *c, bool had, struct zkz_err *err)
{
	struct note n = { .imported = !had, .replaced = had && t->replaced.nr, .before = t->before };

	memcpy(n.migration, t->commit.migration, sizeof(n.migration));
	if (note_write(t->zone, &n, err))
		return -1;
	t->imported = n.imported;
	return n.imported || n.replaced ? zone_conf_save(t->zone, c, err) : 0;
}

/*
 * @running is the machine of the guest, NULL if it is the one that is configured. What is each host's own affair is
 * as it is here in that, too.
 */
static int use_machine(struct target *t, const struct conf *c, struct conf *running, const struct conf *own,
		       struct zkz_err *err)
{
	if (running)
		conf_keep_host(running, own);
	if (zone_model_from_conf(t->zone, running ? running : c, &t->model, err))
		return -1;
	return zone_note_coming(t->zone, running, err);
}

/* Return: 0 with @c as the source has sent it, NULL if it has not. */
static int parse_conf(const struct target *t, const char *text, struct conf **c, struct zkz_err *err)
{
	*c = text ? conf_parse(t->zone, text, strlen(text), err) : NULL;
	return text && !*c ? -1 : 0;
}

static int use_config(struct target *t, const json_t *msg, struct zkz_err *err)
{
	/* One that came from elsewhere, or was made in advance, is no other zone. */
	bool its_zone = t->before.kind == OWNER_HERE && !t->before.migration[0];
	struct conf *c, *running = NULL, *own = NULL;
	int rc = -1;

	if (!parse_conf(t, json_str(msg, "text"), &c, err) && !parse_conf(t, json_str(msg, "running"), &running, err)) {
		own = load_own(t, err);
		if ((own || !err->id) && !match_target(c, own, its_zone, &t->replaced, err) &&
		    !use_machine(t, c, running, own, err))
			rc = store_config(t, c, own, err);
	}
	conf_free(own);
	conf_free(running);
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
	if (zone_incomplete(t->zone))
		return err_zone_incomplete(err, t->zone);
	if (check_owner(t, err) || use_config(t, msg, err))
		return -1;
	HOLD("target.imported");
	return channel_send(&t->ch, "config-ok",
			    json_pack("{s:b, s:o}", "imported", t->imported,
				      "replaced", json_text(t->replaced.text)), err);
}

int target_attach(struct target *t, const json_t *msg, struct zkz_err *err)
{
	const struct commit_rule *rule;

	(void)msg;
	/* With it goes what GO will make true, so that it takes a rename only. */
	if (commit_do(&t->commit, COMMIT_BEGUN, &rule, err))
		return -1;
	HOLD("target.attached");
	return channel_send(&t->ch, "attach-ok", NULL, err);
}

int target_boot(struct target *t, const json_t *msg, struct zkz_err *err)
{
	const char *machine = json_str(msg, "machine");
	char path[ZONE_PATH_MAX];

	/* QEMU has it, or the keeper refuses it. A source of an older zkz does not tell. */
	if (machine && strlen(machine) >= ABILITY_TYPE_SIZE)
		return err_source_request(err, "boot");
	t->booted = true;
	/* zkzd may have been started before there was a module. */
	if (memfs_mount(err) || keeper_start(t->zone, KEEPER_INCOMING, machine, deadline_in_ms(KEEPER_MS), err))
		return -1;
	t->guard = guard_take(t->zone, true, NULL, deadline_in_ms(QMP_MS), err);
	if (t->guard < 0)
		return -1;
	t->qmp = qmp_open(t->zone, zone_path(ZF_QMP, t->zone, path), deadline_in_ms(QMP_MS), err);
	if (!t->qmp)
		return -1;
	if (json_bool(msg, "probe", false))
		measure_open(&t->measure);
	HOLD("target.booted");
	return channel_send(&t->ch, "boot-ok", NULL, err);
}

/* When the memory file is made: two zones that come at a time see each other's. */
static int check_room(struct target *t, struct zkz_err *err)
{
	struct room r;

	if (host_room(&r, t->zone, err))
		return -1;
	return room_decide(&r, t->model.memory, err);
}

int target_check(struct target *t, const json_t *msg, struct zkz_err *err)
{
	struct passport theirs, ours;
	struct findings f;
	int rc;

	if (check_room(t, err) || passport_from_json(json_object_get(msg, "passport"), &theirs, err))
		return -1;
	if (host_passport(&ours, t->qmp, &t->model, err)) {
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
