// SPDX-License-Identifier: GPL-2.0
/*
 * A zone that is in doubt: its target is asked who owns it, by zkzd again and again, and
 * by "zkz recover". Where that host is lost for good, an administrator decides.
 *
 * In a hybrid migration the guest may run there and need pages that are here alone: the
 * module's session has outlived the worker, and the fetch goes on.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "migrate/commit/record.h"
#include "migrate/commit/resolve.h"
#include "migrate/commit/undo.h"
#include "migrate/source/fetch.h"
#include "migrate/source/source.h"
#include "migrate/source/verbs.h"
#include "zone/keeper.h"
#include "zone/lock.h"
#include "zone/owner.h"
#include "zone/paths.h"

#define LOCK_MS		30000
#define ASK_MS		30000
/* Nobody waits, and there is a next time. */
#define ASK_SOON_MS	20000
#define SETTLE_MS	60000

/*
 * Let the keeper, if there is one, bring the zone to where the file says.
 * Return: 1 if it was not there before, 0 if it was or nothing runs, -1.
 */
static int settle(const char *zone, struct zkz_err *err)
{
	json_t *ans;
	int did;

	if (!zone_alive(zone))
		return 0;
	if (keeper_call(zone, "settle", NULL, &ans, deadline_in_ms(SETTLE_MS), err))
		return err_not_settled(err, zone);
	did = json_bool(ans, "settled", true);
	json_decref(ans);
	return did;
}

/* A fetch that its worker has left: its session, or 0. */
static uint32_t fetch_left(const char *zone)
{
	struct session_info info;
	char path[ZONE_PATH_MAX];
	struct genl *g = NULL;
	uint32_t id = 0;
	struct stat st;

	if (!stat(zone_path(ZF_MEMORY, zone, path), &st))
		g = genl_open(NULL);
	if (g && session_find(g, st.st_ino, &info, NULL) > 0 && info.role == ZKZ_ROLE_SOURCE)
		id = info.id;
	genl_close(g);
	return id;
}

/**
 * struct answer - what became of a zone that was in doubt
 * @event:  what was heard, or decided
 * @fetch:  session of a fetch that is to go on, or 0
 * @at:     address of the target
 */
struct answer {
	enum commit_event event;
	uint32_t fetch;
	const char *at;
};

/* What the rules say, written down, and the zone brought to its place. */
static int apply(struct request *rq, const struct commit *c, struct answer *a, struct zkz_err *err)
{
	const struct commit_rule *rule;
	bool alive = zone_alive(c->zone);

	if (a->event != COMMIT_HEARD_BACK && a->event != COMMIT_TAKE_HERE)
		a->fetch = fetch_left(c->zone);
	if (commit_do(c, a->event, &rule, err) || settle(c->zone, err) < 0)
		return -1;
	switch (a->event) {
	case COMMIT_HEARD_RUNS:
		out_result(&rq->out, json_pack("{s:s}", "outcome", "owned"),
			   "The zone was handed over to %s, where it runs; nothing of it is left here.", c->peer);
		break;
	case COMMIT_HEARD_OWNED:
	case COMMIT_TAKE_AWAY:
		out_result(&rq->out, json_pack("{s:s}", "outcome", "owned"),
			   "The zone was handed over to %s, and does not run there as it was; nothing of it is left here.",
			   c->peer);
		break;
	default:
		out_result(&rq->out, json_pack("{s:s}", "outcome", "refused"),
			   "The zone was not handed over: %s.",
			   alive ? "it runs on here" : "it can be booted here");
	}
	return 0;
}

/* The caller has the zone's lock, so no worker is on its way to GO. */
static int ask(const struct commit *c, struct answer *a, deadline_t dl, struct zkz_err *err)
{
	enum commit_standing st;

	if (commit_standing(c, &st, err))
		return -1;
	return resolve_ask(c, a->at, st == COMMIT_UNSENT, dl, &a->event, err);
}

/* The file says who owns the zone; a keeper that could not act on it may now. */
static int known(struct request *rq, struct zone_owner *o, struct zkz_err *err)
{
	int did;

	/* What a migration to this host has left, and with it what the file said. */
	if (undo_run(rq->zone, err) || zone_owner_read(rq->zone, o, err))
		return -1;
	did = settle(rq->zone, err);
	if (did < 0)
		return -1;
	if (o->kind == OWNER_ARRIVED && !undo_arrived(rq->zone))
		return zone_owner_may_run(rq->zone, err);
	if (!did && o->kind != OWNER_INCOMING && o->kind != OWNER_ARRIVED)
		return err_not_in_doubt(err, rq->zone);
	out_result(&rq->out, json_pack("{s:s}", "outcome", "settled"), "%s",
		   o->kind == OWNER_HERE || o->kind == OWNER_ARRIVED ? "The zone runs on here." :
		   "The zone belongs to another host; nothing of it is left here.");
	return 0;
}

static int recover(struct request *rq, struct zone_owner *o, struct answer *a, struct zkz_err *err)
{
	struct commit c;

	if (o->kind != OWNER_IN_DOUBT)
		return known(rq, o, err);
	commit_in_doubt(&c, rq->zone, o);
	log_peer(c.peer);
	if (!a->at)
		a->at = c.peer;
	out_step(&rq->out, "Asking %s who owns the zone.", a->at);
	return ask(&c, a, deadline_in_ms(ASK_MS), err) || apply(rq, &c, a, err) ? -1 : 0;
}

/* An administrator takes the zone, whatever another host may think of it. */
static int force_here(struct request *rq, const struct zone_owner *o, struct commit *c, struct answer *a,
		      struct zkz_err *err)
{
	struct zone_owner here = { .kind = OWNER_HERE, .epoch = o->epoch + ZONE_EPOCH_JUMP };

	a->event = COMMIT_TAKE_HERE;
	if (o->kind == OWNER_NONE)
		return zone_owner_write(rq->zone, &here, err);
	/* So that every host that has seen the zone is behind, and refused as its source. */
	c->kept.epoch = here.epoch;
	return apply(rq, c, a, err);
}

static int force(struct request *rq, const struct zone_owner *o, const char *where, struct answer *a,
		 struct zkz_err *err)
{
	bool here = !strcmp(where, "here"), target = o->kind == OWNER_ARRIVED;
	struct zkz_err warning = { 0 };
	struct commit c;

	if (!here && strcmp(where, "elsewhere"))
		return err_usage_force(err, where);
	if (o->kind == OWNER_HERE || o->kind == OWNER_INCOMING || (!here && o->kind == OWNER_NONE) ||
	    (!here && o->kind == OWNER_ELSEWHERE))
		return err_nothing_to_force(err, rq->zone, zone_owner_text(o->kind));
	if (target)
		commit_target(&c, rq->zone, o->migration, o);
	else
		commit_in_doubt(&c, rq->zone, o);
	log_peer(o->peer);
	log_event(LOG_WARN, EVENT_FORCED, "zone %s: user %u takes it by force: %s (epoch %llu, '%s', with %s)",
		  rq->zone, (unsigned int)rq->uid, where, (unsigned long long)o->epoch, zone_owner_text(o->kind),
		  o->peer);
	if (here)
		err_force_here(&warning, o->peer);
	else
		err_force_elsewhere(&warning, o->peer);
	out_warning(&rq->out, &warning);
	if (here)
		return force_here(rq, o, &c, a, err);
	a->event = COMMIT_TAKE_AWAY;
	return apply(rq, &c, a, err) || undo_run(rq->zone, err) ? -1 : 0;
}

/* The guest runs on the target and waits for what is here. */
static int go_on_fetching(struct request *rq, const struct zone_owner *o, const struct answer *a,
			  struct zkz_err *err)
{
	struct source s;
	int rc;

	source_init(&s, rq);
	commit_in_doubt(&s.commit, rq->zone, o);
	s.opt.to = a->at;
	s.opt.cipher = CIPHER_DEFAULT;
	s.opt.patience_s = FETCH_TIMEOUT_S;
	s.mover.fetching = true;
	s.mover.session = a->fetch;
	if (host_uri_parse(a->at, &s.link.uri, err))
		return -1;
	s.mover.genl = genl_open(err);
	if (!s.mover.genl)
		return -1;
	out_step(&rq->out, "The guest runs there; the rest of its memory follows.");
	rc = source_fetch_left(&s, err);
	genl_close(s.mover.genl);
	return rc;
}

int op_recover(struct request *rq, struct zkz_err *err)
{
	struct answer a = { .at = json_str(rq->args, "at") };
	const char *where = json_str(rq->args, "force");
	struct zone_owner o;
	int lock, rc;

	lock = zone_lock(rq->zone, deadline_in_ms(LOCK_MS), err);
	if (lock < 0)
		return -1;
	rc = zone_owner_read(rq->zone, &o, err);
	if (!rc)
		rc = where ? force(rq, &o, where, &a, err) : recover(rq, &o, &a, err);
	if (!rc && a.fetch)
		rc = go_on_fetching(rq, &o, &a, err);
	io_close(&lock);
	return rc;
}

void source_recover(const char *zone)
{
	struct request rq = { .zone = zone, .out = { .gone = true, .fd = -1 } };
	struct zkz_err err = { 0 };
	struct answer a = { 0 };
	struct zone_owner o;
	struct commit c;
	int lock = zone_lock(zone, deadline_in_ms(0), NULL);

	if (lock < 0)
		return;
	log_zone(zone);
	if (zone_owner_read(zone, &o, &err) || o.kind != OWNER_IN_DOUBT)
		goto out;
	commit_in_doubt(&c, zone, &o);
	log_peer(c.peer);
	a.at = c.peer;
	if (ask(&c, &a, deadline_in_ms(ASK_SOON_MS), &err) || apply(&rq, &c, &a, &err))
		goto out;
	log_note("zone %s: was in doubt; %s says: %s", zone, c.peer, commit_event_text(a.event));
	if (a.fetch)
		go_on_fetching(&rq, &o, &a, &err);
out:
	if (err.id)
		log_warn("zone %s: %s", zone, err.text);
	io_close(&lock);
}
