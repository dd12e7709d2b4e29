// SPDX-License-Identifier: GPL-2.0
/* The verb "migrate --abort": end a migration that another client began. */
#include <stdio.h>

#include "lib/log.h"
#include "zkzd/abort.h"
#include "zkzd/dispatch.h"
#include "zone/state.h"

static int report(struct request *rq, uint64_t ms, struct zkz_err *err)
{
	double s = (double)ms / 1000;
	struct zone_status st;
	char text[160];

	if (zone_status_read(rq->zone, &st, err))
		return -1;
	if (st.state != ZONE_RUNNING)
		return err_abort_guest_gone(err, rq->zone, ms);

	snprintf(text, sizeof(text), st.aux == AUX_PAUSED ? "stays here, paused: %s" : "runs on here", st.why);
	out_result(&rq->out, json_pack("{s:s, s:I}", "outcome", "aborted", "ms", (json_int_t)ms),
		   "Migration aborted after %.1f s; the guest %s.", s, text);
	return 0;
}

int op_abort(struct request *rq, struct zkz_err *err)
{
	int worker = abort_begin(rq->zone, err);
	uint64_t ms;

	if (worker < 0)
		return -1;
	log_note("zone %s: user %u aborts its migration", rq->zone, (unsigned int)rq->uid);
	out_step(&rq->out, "Aborting the migration.");
	return abort_wait(rq->zone, worker, &ms, err) ? -1 : report(rq, ms, err);
}
