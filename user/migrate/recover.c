// SPDX-License-Identifier: GPL-2.0
/* "zkz recover": a zone that is in doubt, or a hand-over that was not finished. */
#include <string.h>

#include "lib/io.h"
#include "migrate/guard.h"
#include "migrate/resolve.h"
#include "zone/keeper.h"
#include "zone/lock.h"
#include "zone/owner.h"

#define LOCK_MS		30000
#define ASK_MS		30000
#define SETTLE_MS	60000

/* Let the keeper, if there is one, bring the zone to where the file says. */
static int settle(const char *zone, struct zkz_err *err)
{
	int guard;

	if (!zone_alive(zone))
		return 0;
	guard = guard_take(zone, false, deadline_in_ms(SETTLE_MS), err);
	if (guard < 0)
		return -1;
	return guard_end(zone, &guard, NULL, deadline_in_ms(SETTLE_MS), err);
}

static int handed_over(struct request *rq, struct zone_owner *o, struct zkz_err *err)
{
	o->kind = OWNER_ELSEWHERE;
	if (zone_owner_write(rq->zone, o, err) || settle(rq->zone, err))
		return -1;
	out_result(&rq->out, json_pack("{s:s}", "outcome", "owned"),
		   "The zone was handed over to %s; nothing of it is left here.", o->peer);
	return 0;
}

static int kept(struct request *rq, struct zone_owner *o, struct zkz_err *err)
{
	bool alive = zone_alive(rq->zone);

	/* The hand-over did not take place: neither did its epoch. */
	o->kind = OWNER_HERE;
	o->epoch--;
	if (zone_owner_write(rq->zone, o, err) || settle(rq->zone, err))
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
		rc = err_set(err, ERR_ZONE_STATE, "Zone %s is not in doubt", rq->zone);
		err_remedy(err, "Nothing needs to be done.");
	}
	if (!rc) {
		out_step(&rq->out, "Asking %s who owns the zone.", o.peer);
		rc = resolve_ask(o.peer, rq->zone, o.migration, deadline_in_ms(ASK_MS),
				 &outcome, err);
	}
	if (!rc)
		rc = outcome == OUTCOME_OWNED ? handed_over(rq, &o, err) : kept(rq, &o, err);
	io_close(&lock);
	return rc;
}
