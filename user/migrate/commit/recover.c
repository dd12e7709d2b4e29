// SPDX-License-Identifier: GPL-2.0
/* "zkz recover": ask the target of a migration who owns a zone that is in doubt. */
#include <string.h>

#include "lib/io.h"
#include "lib/jsonl.h"
#include "migrate/commit/resolve.h"
#include "zone/keeper.h"
#include "zone/lock.h"
#include "zone/owner.h"

#define LOCK_MS		30000
#define ASK_MS		30000
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
	if (keeper_call(zone, "settle", NULL, &ans, deadline_in_ms(SETTLE_MS), err)) {
		err_remedy(err, "The keeper tries again each second; 'zkz log %s' shows why it fails.",
			   zone);
		return -1;
	}
	did = json_bool(ans, "settled", true);
	json_decref(ans);
	return did;
}

/* The file says who owns the zone; a keeper that could not act on it may now. */
static int known(struct request *rq, const struct zone_owner *o, struct zkz_err *err)
{
	int did = o->kind == OWNER_INCOMING ? 0 : settle(rq->zone, err);

	if (did < 0)
		return -1;
	if (!did) {
		err_set(err, ERR_ZONE_STATE, "Zone %s is not in doubt", rq->zone);
		return err_remedy(err, "Nothing needs to be done.");
	}
	out_result(&rq->out, json_pack("{s:s}", "outcome", "settled"), "%s",
		   o->kind == OWNER_HERE ? "The zone runs on here." :
		   "The zone was handed over; nothing of it is left here.");
	return 0;
}

static int handed_over(struct request *rq, struct zone_owner *o, struct zkz_err *err)
{
	o->kind = OWNER_ELSEWHERE;
	if (zone_owner_write(rq->zone, o, err) || settle(rq->zone, err) < 0)
		return -1;
	out_result(&rq->out, json_pack("{s:s}", "outcome", "owned"),
		   "The zone was handed over to %s; nothing of it is left here.", o->peer);
	return 0;
}

static int kept(struct request *rq, struct zone_owner *o, struct zkz_err *err)
{
	bool alive = zone_alive(rq->zone);

	/*
	 * The hand-over did not take place: neither did its epoch, and nobody
	 * is the other host of it. The id stays as the mark of a zone that has
	 * lived here and is not replaced by one that was made elsewhere.
	 */
	o->kind = OWNER_HERE;
	o->epoch--;
	o->peer[0] = '\0';
	if (zone_owner_write(rq->zone, o, err) || settle(rq->zone, err) < 0)
		return -1;
	out_result(&rq->out, json_pack("{s:s}", "outcome", "refused"),
		   "The zone was not handed over: %s.",
		   alive ? "it runs on here" : "it can be booted here");
	return 0;
}

int op_recover(struct request *rq, struct zkz_err *err)
{
	enum outcome outcome;
	struct zone_owner o;
	int lock, rc;

	lock = zone_lock(rq->zone, deadline_in_ms(LOCK_MS), err);
	if (lock < 0)
		return -1;
	rc = zone_owner_read(rq->zone, &o, err);
	if (!rc && o.kind != OWNER_IN_DOUBT) {
		rc = known(rq, &o, err);
		goto out;
	}
	if (!rc) {
		out_step(&rq->out, "Asking %s who owns the zone.", o.peer);
		rc = resolve_ask(o.peer, rq->zone, o.migration, deadline_in_ms(ASK_MS),
				 &outcome, err);
	}
	if (!rc)
		rc = outcome == OUTCOME_OWNED ? handed_over(rq, &o, err) : kept(rq, &o, err);
out:
	io_close(&lock);
	return rc;
}
