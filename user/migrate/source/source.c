// SPDX-License-Identifier: GPL-2.0
#include "migrate/source/source.h"

#include <string.h>

#include "lib/hold.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "migrate/guard.h"
#include "zone/lock.h"

#define LOCK_MS		5000
#define SETTLE_MS	60000

/* How long the target may take to clean up before we stop watching it. */
#define FAREWELL_MS	30000

static int read_options(struct source *s, struct zkz_err *err)
{
	const json_t *a = s->rq->args;
	const char *cipher = json_str(a, "cipher");
	long long ms = json_int(a, "max-downtime", POLICY_DOWNTIME_MS);
	long long passes = json_int(a, "max-passes", POLICY_PASSES);
	bool streams_given = json_object_get(a, "streams");
	long long streams = json_int(a, "streams", 1);
	long long patience = json_int(a, "fetch-timeout", FETCH_TIMEOUT_S);
	long long slowdown = json_int(a, "max-slowdown", 0);
	enum policy_mode mode;

	s->opt.to = json_str(a, "to");
	if (!s->opt.to)
		return err_set(err, ERR_USAGE, "The request names no target host");
	if (host_uri_parse(s->opt.to, &s->uri, err))
		return -1;
	s->opt.dry_run = json_bool(a, "dry-run", false);
	s->opt.verify = json_bool(a, "verify", false);
	s->opt.probe = json_bool(a, "probe", true);
	s->opt.cipher = CIPHER_DEFAULT;
	if (cipher && cipher_parse(cipher, &s->opt.cipher, err))
		return -1;
	mode = policy_mode_parse(json_str(a, "mode") ? json_str(a, "mode") : "auto");
	if (mode == POLICY_MODES)
		return err_set(err, ERR_USAGE, "The mode must be auto, precopy or hybrid");
	if (mode == POLICY_HYBRID && s->opt.verify)
		return err_set(err, ERR_USAGE, "Memory that comes after the guest has moved cannot be verified before: --verify needs --mode precopy");
	if (patience < 1 || patience > FETCH_TIMEOUT_MAX_S)
		return err_set(err, ERR_USAGE, "The timeout of a fetch must be 1 to %d seconds",
			       FETCH_TIMEOUT_MAX_S);
	if (ms < 1 || ms > 3600000)
		return err_set(err, ERR_USAGE, "The maximal downtime must be 1 to 3600000 ms");
	if (passes < 1 || passes > POLICY_PASSES_MAX)
		return err_set(err, ERR_USAGE, "The number of passes must be 1 to %d",
			       POLICY_PASSES_MAX);
	if (streams < 1 || streams > ZKZ_MAX_STREAMS)
		return err_set(err, ERR_USAGE, "The number of streams must be 1 to %d",
			       ZKZ_MAX_STREAMS);
	if (json_object_get(a, "max-slowdown") && (slowdown < 1 || slowdown > POLICY_SLOWDOWN_MAX))
		return err_set(err, ERR_USAGE, "The maximal slowdown must be 1 to %d percent",
			       POLICY_SLOWDOWN_MAX);
	s->opt.limits.mode = mode;
	s->opt.limits.slowdown = slowdown;
	s->opt.patience_s = patience;
	s->opt.limits.downtime_ms = ms;
	s->opt.limits.passes = passes;
	s->opt.streams = streams_given ? streams : 0;
	return 0;
}

void source_init(struct source *s, struct request *rq)
{
	unsigned int i;

	memset(s, 0, sizeof(*s));
	s->rq = rq;
	s->lock = s->guard = s->memory = s->state.in = s->state.out = -1;
	channel_init(&s->decision, -1, -1, "the target");
	s->start_ns = clock_mono_ns();
	for (i = 0; i < ZKZ_MAX_STREAMS; i++)
		s->fd[i] = -1;
}

/* Wait for the end of the channel, which comes when the target is done. */
static void farewell(struct source *s)
{
	deadline_t dl = deadline_in_ms(FAREWELL_MS);
	json_t *msg;

	s->ch.watch = -1;
	while (!channel_recv(&s->ch, &msg, dl, NULL))
		json_decref(msg);
	channel_fini(&s->ch);
	ssh_close(&s->ssh);
	s->linked = false;
}

static void drop_module(struct source *s, const char *why)
{
	unsigned int i;

	/* Where nobody knows who owns the zone, its guest may run on the target and need what is fetched. */
	if (s->session && !(s->doubtful && s->fetching) &&
	    (s->ended || session_abort(s->genl, s->session, why, NULL)))
		session_close(s->genl, s->session, NULL);
	s->session = 0;
	measure_close(&s->measure);
	genl_close(s->genl);
	s->genl = NULL;
	io_close(&s->memory);
	for (i = 0; i < ZKZ_MAX_STREAMS; i++)
		io_close(&s->fd[i]);
}

/*
 * Before GO: the owner file still says "here", so the keeper lets the guest run
 * on. That comes first; the rest can wait.
 */
static void source_fail(struct source *s, struct zkz_err *err)
{
	struct zkz_err why = { 0 };
	int rc = source_no_doubt(s, &why);

	s->doubtful = s->at.go && !strcmp(err->code, ERR_IN_DOUBT);

	if (guard_end(s->rq->zone, &s->guard, NULL, deadline_in_ms(SETTLE_MS), rc ? NULL : &why))
		rc = -1;
	if (rc) {
		log_error("zone %s: %s", s->rq->zone, why.text);
		out_warning(&s->rq->out, "The guest may be stopped on this host: %s. 'zkz recover %s' tries again.",
			    why.text, s->rq->zone);
	}
	drop_module(s, err->text);
	if (s->linked) {
		channel_send_error(&s->ch, err);
		farewell(s);
	}
}

static int finish_dry_run(struct source *s)
{
	json_t *told = source_forecast(s), *result = json_pack("{s:b}", "dry-run", 1);

	if (told)
		json_object_set_new(result, "forecast", told);
	out_step(&s->rq->out, "Cleaning up.");
	guard_end(s->rq->zone, &s->guard, NULL, deadline_in_ms(SETTLE_MS), NULL);
	channel_send(&s->ch, "bye", NULL, NULL);
	farewell(s);
	out_result(&s->rq->out, result, "Dry-run migration successful.");
	return 0;
}

static int not_started(const struct source *s, struct zkz_err *err)
{
	err_set(err, ERR_PEER, "Zone %s belongs to %s now, which could not start it: %s",
		s->rq->zone, s->uri.host, s->failure);
	return err_remedy(err, "There, 'zkz log %s' tells why; 'zkz halt %s' and 'zkz boot %s' start it anew. It cannot be started here.",
			  s->rq->zone, s->rq->zone, s->rq->zone);
}

/* The target owns the zone: what is left here is only memory. */
static int finish(struct source *s, struct zkz_err *failure)
{
	struct zkz_err err = { 0 };
	int rc = 0;

	/* The guest needs us more than the figures do. */
	if (s->fetching)
		rc = source_fetch_rest(s, failure);
	source_measure(s);
	if (!rc && !s->failure[0])
		out_step(&s->rq->out, "Migration successful.");
	out_step(&s->rq->out, "Halting and detaching zone on source host.");
	drop_module(s, rc ? failure->text : "done");
	qmp_close(s->qmp);
	s->qmp = NULL;
	/* In a long fetch the stopped QEMU may have ended, or been killed: nothing is lost by that. */
	if (guard_end(s->rq->zone, &s->guard, NULL, deadline_in_ms(SETTLE_MS), &err) &&
	    zone_alive(s->rq->zone))
		out_warning(&s->rq->out, "The stopped copy on this host could not be removed: %s",
			    err.text);
	HOLD("source.before-bye");
	if (s->linked) {
		channel_send(&s->ch, "bye", json_pack("{s:b}", "settled", s->settled), NULL);
		farewell(s);
	}
	if (rc)
		return -1;
	if (s->failure[0])
		return not_started(s, failure);
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
	if (read_options(&s, err))
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
	qmp_close(s.qmp);
	state_close(&s);
	json_decref(s.digest);
	json_decref(s.guest);
	stream_secret_wipe(s.plan.secret);
	io_close(&s.lock);
	return rc;
}
