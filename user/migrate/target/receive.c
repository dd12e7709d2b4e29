// SPDX-License-Identifier: GPL-2.0
/* Target: streams, memory and device state, up to the decision. */
#include <string.h>

#include "lib/hold.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "migrate/figures/digest.h"
#include "migrate/figures/rate.h"
#include "migrate/pump.h"
#include "migrate/target/commit.h"
#include "migrate/target/fetch.h"
#include "migrate/target/receive.h"
#include "migrate/target/wait.h"
#include "qemu/vm.h"
#include "wire/ping.h"
#include "zone/keeper.h"

#define PINGS_MS	20000
#define KEEPER_MS	20000

int target_streams(struct target *t, const json_t *msg, struct zkz_err *err)
{
	return ways_listen(&t->ways, &t->ch, "streams-ok", msg, t->commit.migration,
			   json_str(t->rq->args, "address"), err);
}

int target_join(struct target *t, const json_t *msg, struct zkz_err *err)
{
	(void)msg;
	if (ways_join(&t->ways, &t->ch, err))
		return -1;
	HOLD("target.streams");
	return channel_send(&t->ch, "join-ok", NULL, err);
}

/* The keeper knows the QEMU that it has started: the one that is installed may be another by now. */
static bool can_survive(const struct target *t)
{
	json_t *run;
	bool can;

	if (keeper_call(t->zone, "status", NULL, &run, deadline_in_ms(KEEPER_MS), NULL))
		return false;
	can = json_bool(run, "survives-load", false);
	json_decref(run);
	return can;
}

int target_state(struct target *t, const json_t *msg, struct zkz_err *err)
{
	(void)msg;
	if (ways_state(&t->ways, &t->ch, err) || vm_incoming(t->qmp, t->ways.state, can_survive(t), err))
		return -1;
	HOLD("target.state");
	return channel_send(&t->ch, "state-ok", NULL, err);
}

int target_rate(struct target *t, const json_t *msg, struct zkz_err *err)
{
	uint64_t rate = 0;

	(void)msg;
	if (rate_take(t->ways.fd[0], &rate, err))
		return -1;
	return channel_send(&t->ch, "rate-ok",
			    json_pack("{s:I}", "bytes-per-second", (json_int_t)rate), err);
}

int target_clocks(struct target *t, const json_t *msg, struct zkz_err *err)
{
	int fd = t->ways.decision.in >= 0 ? t->ways.decision.in : t->ways.fd[0];
	long long pings = json_int(msg, "pings", 0);

	if (fd < 0 || pings < 1 || pings > PING_MOST)
		return err_source_request(err, "clocks");
	if (ping_answer(fd, (unsigned int)pings, deadline_in_ms(PINGS_MS), err)) {
		if (!t->owned)
			return -1;
		/* Figures are all that is lost. */
		log_warn("zone %s: %s", t->zone, err->text);
	}
	return channel_send(&t->ch, "clocks-ok", NULL, err);
}

/* All memory is here, and QEMU has not touched it: the source still holds the devices back. */
static int send_digest(struct target *t, struct zkz_err *err)
{
	struct memory_digest d;

	if (memory_digest(t->mover.memory, &d, err))
		return -1;
	return channel_send(&t->ch, "digest",
			    json_pack("{s:s, s:I}", "digest", d.text,
				      "pages", (json_int_t)d.pages), err);
}

static int look_at_source(struct target *t, struct zkz_err *err)
{
	json_t *msg;
	int rc;

	while ((rc = channel_poll(&t->ch, &msg, err)) > 0) {
		const char *type = json_str(msg, "type");

		rc = 0;
		/* The guest still runs at the source: this costs it nothing. */
		if (!strcmp(type, "freeze"))
			measure_attach(&t->measure, t->zone);
		else
			rc = err_source_wrong_time(err, type);
		json_decref(msg);
		if (rc)
			return -1;
	}
	return rc;
}

static int look_at_decision(struct target *t, struct zkz_err *err)
{
	json_t *msg;
	int rc = t->go.said ? 0 : channel_poll(&t->ways.decision, &msg, err);

	if (rc <= 0)
		return rc;
	if (!strcmp(json_str(msg, "type"), "ping"))
		rc = channel_send(&t->ways.decision, "ping-ok", NULL, err);
	else
		rc = strcmp(json_str(msg, "type"), "go") ?
		err_source_wrong_time(err, json_str(msg, "type")) : target_go(&t->go,
									      t->commit.epoch, msg, err);
	json_decref(msg);
	return rc;
}

static void wait_for_something(struct target *t)
{
	struct pump p = {
		.peer = &t->ch, .mover = &t->mover, .qmp = t->qmp,
		.decision = t->go.said ? NULL : &t->ways.decision,
		.fd = { t->guard }, .nr = 1,
	};

	pump_wait(&p, DEADLINE_NONE);
}

/*
 * Until the source has said GO, or something fails. QEMU may still be loading then;
 * the keeper waits for that. And where memory is fetched, most of it is still to come.
 */
static int receive(struct target *t, struct zkz_err *err)
{
	while (!(t->mover.ended || t->mover.fetching) || !t->go.said) {
		bool had_all = t->mover.ended;

		wait_for_something(t);
		/* The keeper last: a zone whose QEMU has just ended is better given back than taken over. */
		if (look_at_source(t, err) || look_at_decision(t, err) || target_look_at_module(&t->mover, err) ||
		    target_look_at_qemu(t, err) || target_look_at_keeper(t, err))
			return -1;
		if (t->verify && t->mover.ended && !had_all && send_digest(t, err))
			return -1;
	}
	return target_fetch_agreed(&t->mover, &t->go, err);
}

int target_start(struct target *t, const json_t *msg, struct zkz_err *err)
{
	t->verify = json_bool(msg, "verify", false);
	if (target_patience(&t->patience_ms, msg, err))
		return -1;
	if (mover_open(&t->mover, t->zone, err) ||
	    mover_begin(&t->mover, ZKZ_ROLE_TARGET, t->commit.migration, t->ways.plan.cipher, t->ways.fd,
			t->ways.nr, err))
		return -1;
	if (channel_send(&t->ch, "start-ok", NULL, err))
		return -1;
	HOLD("target.receiving");
	if (receive(t, err))
		return t->go.said ? target_give_back(t, err) : -1;
	return target_commit(t, err);
}
