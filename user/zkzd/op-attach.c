// SPDX-License-Identifier: GPL-2.0
/* Verbs about whose a zone is while it does not run: attach and detach; and verify, which attaching begins with. */
#include "lib/io.h"
#include "migrate/commit/undo.h"
#include "zkzd/change.h"
#include "zkzd/dispatch.h"
#include "zkzd/verify.h"
#include "zone/incomplete.h"
#include "zone/owner.h"

/* What a migration to this host left behind may change whose it is. */
static int read_owner(const char *zone, struct zone_owner *o, struct zkz_err *err)
{
	return undo_run(zone, err) || zone_owner_read(zone, o, err) ? -1 : 0;
}

static int attach(struct request *rq, bool check, struct zkz_err *err)
{
	struct zone_owner o;

	if (read_owner(rq->zone, &o, err))
		return -1;
	if (o.kind == OWNER_HERE)
		return err_zone_attached(err, rq->zone);
	/* Another host has it, or may have it: that is settled with that host. */
	if (o.kind != OWNER_NONE)
		return zone_owner_may_run(rq->zone, err);
	if (zone_incomplete(rq->zone))
		return err_zone_incomplete(err, rq->zone);
	out_step(&rq->out, "Checking the zone's configuration.");
	if (verify_zone(rq, err))
		return -1;
	return check ? 0 : zone_owner_begin(rq->zone, &o, err);
}

int op_attach(struct request *rq, struct zkz_err *err)
{
	bool check = json_bool(rq->args, "dry-run", false);
	struct zone_status st;
	int lock = change_begin(rq, &st, err), rc;

	if (lock < 0)
		return -1;
	rc = attach(rq, check, err);
	io_close(&lock);
	if (rc)
		return -1;
	out_result(&rq->out, NULL, check ? "Zone can be attached." : "Zone attached.");
	return 0;
}

/* Its epoch is kept: hosts that have seen the zone remember it. */
static int detach(struct request *rq, const struct zone_status *st, struct zkz_err *err)
{
	struct zone_owner o;

	if (st->state == ZONE_RUNNING)
		return err_zone_running(err, rq->zone);
	if (read_owner(rq->zone, &o, err) || zone_owner_may_run(rq->zone, err))
		return -1;
	return zone_owner_forget(rq->zone, err);
}

int op_detach(struct request *rq, struct zkz_err *err)
{
	struct zone_status st;
	int lock = change_begin(rq, &st, err), rc;

	if (lock < 0)
		return -1;
	rc = detach(rq, &st, err);
	io_close(&lock);
	if (rc)
		return -1;
	out_result(&rq->out, NULL, "Zone detached.");
	return 0;
}

int op_verify(struct request *rq, struct zkz_err *err)
{
	if (verify_zone(rq, err))
		return -1;
	out_result(&rq->out, NULL, "Zone verified.");
	return 0;
}
