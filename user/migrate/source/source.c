// SPDX-License-Identifier: GPL-2.0
#include "migrate/source/source.h"

#include <string.h>

#include "lib/hold.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "migrate/guard.h"
#include "migrate/source/commit.h"
#include "migrate/source/fetch.h"
#include "migrate/source/forecast.h"
#include "migrate/source/freeze.h"
#include "migrate/source/passes.h"
#include "migrate/source/prepare.h"
#include "migrate/source/report.h"
#include "migrate/source/verbs.h"
#include "zone/lock.h"

#define LOCK_MS		5000
#define SETTLE_MS	60000

/* How long the target may take to clean up before we stop watching it. */
#define FAREWELL_MS	30000

void source_init(struct source *s, struct request *rq)
{
	memset(s, 0, sizeof(*s));
	s->rq = rq;
	s->lock = s->guard = s->vm.state.in = s->vm.state.out = -1;
	link_init(&s->link);
	mover_init(&s->mover);
	s->times.start_ns = clock_mono_ns();
}

static void drop_module(struct source *s, const char *why)
{
	/* Where nobody knows who owns the zone, its guest may run on the target and need what is fetched. */
	if (s->mover.session && !(s->verdict.doubtful && s->mover.fetching) &&
	    (s->mover.ended || session_abort(s->mover.genl, s->mover.session, why, NULL)))
		session_close(s->mover.genl, s->mover.session, NULL);
	s->mover.session = 0;
	measure_close(&s->times.measure);
	mover_close(&s->mover);
	link_drop_streams(&s->link);
}

/*
 * Before GO: the owner file still says "here", so the keeper lets the guest run
 * on. That comes first; the rest can wait.
 */
static void source_fail(struct source *s, struct zkz_err *err)
{
	struct zkz_err why = { 0 };
	int rc = source_no_doubt(s, &why);

	s->verdict.doubtful = s->verdict.go_ns &&
		(err_has(err, ERR_IN_DOUBT) || err_has(err, ERR_IN_DOUBT_OTHER_HOST));

	if (guard_end(s->rq->zone, &s->guard, NULL, deadline_in_ms(SETTLE_MS), rc ? NULL : &why))
		rc = -1;
	if (rc) {
		log_error("zone %s: %s", s->rq->zone, why.text);
		err_guest_may_be_stopped(&why, s->rq->zone);
		out_warning(&s->rq->out, &why);
	}
	drop_module(s, err->text);
	if (s->link.up) {
		channel_send_error(&s->link.ch, err);
		link_farewell(&s->link, deadline_in_ms(FAREWELL_MS));
	}
}

static int finish_dry_run(struct source *s)
{
	json_t *told = source_forecast(s), *result = json_pack("{s:b}", "dry-run", 1);

	if (told)
		json_object_set_new(result, "forecast", told);
	out_step(&s->rq->out, "Cleaning up.");
	guard_end(s->rq->zone, &s->guard, NULL, deadline_in_ms(SETTLE_MS), NULL);
	channel_send(&s->link.ch, "bye", NULL, NULL);
	link_farewell(&s->link, deadline_in_ms(FAREWELL_MS));
	out_result(&s->rq->out, result, "Dry-run migration successful.");
	return 0;
}

/* The target owns the zone: what is left here is only memory. */
static int finish(struct source *s, struct zkz_err *failure)
{
	struct zkz_err err = { 0 };
	int rc = 0;

	/* The guest needs us more than the figures do. */
	if (s->mover.fetching)
		rc = source_fetch_rest(s, failure);
	source_measure(s);
	if (!rc && !s->verdict.failure.links)
		out_step(&s->rq->out, "Migration successful.");
	out_step(&s->rq->out, "Halting and detaching zone on source host.");
	drop_module(s, rc ? failure->text : "done");
	qmp_close(s->vm.qmp);
	s->vm.qmp = NULL;
	/* In a long fetch the stopped QEMU may have ended, or been killed: nothing is lost by that. */
	if (guard_end(s->rq->zone, &s->guard, NULL, deadline_in_ms(SETTLE_MS), &err) &&
	    zone_alive(s->rq->zone)) {
		err_copy_not_removed(&err, s->rq->zone);
		out_warning(&s->rq->out, &err);
	}
	HOLD("source.before-bye");
	if (s->link.up) {
		channel_send(&s->link.ch, "bye", json_pack("{s:b}", "settled", s->verdict.settled), NULL);
		link_farewell(&s->link, deadline_in_ms(FAREWELL_MS));
	}
	if (rc)
		return -1;
	if (s->verdict.failure.links) {
		err_peer_zone_not_started(failure, s->rq->zone, s->link.uri.host);
		return err_cause(failure, &s->verdict.failure);
	}
	source_report(s);
	return 0;
}

static int run(struct source *s, struct zkz_err *err)
{
	if (source_prepare(s, err))
		return -1;
	if (s->opt.dry_run)
		return 0;
	out_step(&s->rq->out, "Starting migration.");
	if (source_passes(s, err))
		return -1;
	return source_freeze(s, err);
}

int op_migrate(struct request *rq, struct zkz_err *err)
{
	struct source s;
	int rc = -1;

	source_init(&s, rq);
	if (source_options_read(&s.opt, rq->args, err) || host_uri_parse(s.opt.to, &s.link.uri, err))
		return -1;
	s.lock = zone_lock(rq->zone, deadline_in_ms(LOCK_MS), err);
	if (s.lock < 0)
		return -1;
	if (source_local(&s, err) || run(&s, err))
		source_fail(&s, err);
	else if (s.opt.dry_run)
		rc = finish_dry_run(&s);
	else if (source_commit(&s, err))
		source_fail(&s, err);
	else
		rc = finish(&s, err);
	qmp_close(s.vm.qmp);
	state_close(&s.vm.state, &s.link);
	json_decref(s.digest);
	json_decref(s.guest);
	stream_secret_wipe(s.link.plan.secret);
	io_close(&s.lock);
	return rc;
}
