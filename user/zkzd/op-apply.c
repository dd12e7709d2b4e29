// SPDX-License-Identifier: GPL-2.0
/*
 * The operation apply: a zone that runs becomes what its configuration says, or a text that 'zkz config -r' has made
 * of what it is. Its keeper does one step after the other; where one fails, those before it are taken back.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/live.h"
#include "lib/io.h"
#include "zkzd/change.h"
#include "zkzd/dispatch.h"
#include "zkzd/live.h"
#include "zkzd/pending.h"
#include "zkzd/text.h"
#include "zone/owner.h"
#include "zone/store.h"

/**
 * struct apply - one change of a zone that runs
 * @rq:    the request
 * @check: change nothing
 * @text:  what is wanted, from a client; NULL: what is stored
 * @want:  that
 * @state: what QEMU is built of: at first, and after each step that is done
 * @plan:  the steps
 * @done:  how many are
 */
struct apply {
	struct request *rq;
	bool check;
	const char *text;
	struct conf *want;
	struct conf *state[LIVE_MAX_STEPS + 1];
	struct live_plan plan;
	unsigned int done;
};

/* As far as that can be done: what cannot is told, and the failure stays the one that led to it. */
static void roll_back(struct apply *a)
{
	struct zkz_err why = { 0 };

	while (a->done) {
		const struct live_step *s = &a->plan.step[--a->done];

		if (!live_undo(a->rq, s, a->state[a->done], &why))
			continue;
		err_live_not_back(&why, s->text);
		out_warning(&a->rq->out, &why);
		err_clear(&why);
	}
}

static int run(struct apply *a, struct zkz_err *err)
{
	out_step(&a->rq->out, "Applying the changes.");
	for (; a->done < a->plan.nr; a->done++) {
		if (!live_do(a->rq, &a->plan.step[a->done], a->state[a->done], a->state[a->done + 1], err))
			continue;
		if (a->done)
			out_step(&a->rq->out, "Taking back what was changed.");
		roll_back(a);
		return -1;
	}
	return 0;
}

/* Refused as a whole, where somebody has named it; what is stored may wait for a boot. */
static int check_rest(struct apply *a, struct zkz_err *err)
{
	if (!a->text)
		return 0;
	if (a->plan.boot.nr)
		return err_live_boot(err, a->rq->zone, a->plan.boot.text);
	return a->plan.own.nr ? err_live_own(err, a->rq->zone, a->plan.own.text) : 0;
}

static bool comes(const struct live_plan *p)
{
	return p->nr && p->step[p->nr - 1].how == LIVE_ADD;
}

/* All steps on paper, before the first is done. */
static int plan(struct apply *a, struct zkz_err *err)
{
	unsigned int i;

	live_plan(a->state[0], a->want, &a->plan);
	if (check_rest(a, err))
		return -1;
	if (comes(&a->plan) && !conf_res_is(&a->state[0]->global, "hot-plug", "true"))
		return err_live_no_ports(err, a->rq->zone);
	for (i = 0; i < a->plan.nr; i++) {
		out_step(&a->rq->out, "Checking: %s.", a->plan.step[i].text);
		a->state[i + 1] = live_step(a->state[i], a->want, &a->plan.step[i], err);
		if (!a->state[i + 1])
			return -1;
	}
	return 0;
}

/* Lost updates are noticed: QEMU must be what the text was made of. */
static int check_base(const struct apply *a, struct zkz_err *err)
{
	const char *base = json_str(a->rq->args, "base");
	char digest[ZONE_DIGEST_SIZE], *text = zone_conf_text(a->state[0]);
	int rc;

	if (!text)
		return err_no_memory(err);
	rc = zone_conf_digest(text, digest, err);
	free(text);
	if (rc || (base && !strcmp(base, digest)))
		return rc;
	return err_config_changed(err, a->rq->zone);
}

static int load(struct apply *a, struct zkz_err *err)
{
	const char *zone = a->rq->zone;

	a->state[0] = zone_conf_running(zone, err);
	if (!a->state[0] || (a->text && check_base(a, err)))
		return -1;
	a->want = a->text ? text_parse(zone, a->text, err) : zone_conf_load(zone, err);
	return a->want && !zone_conf_make_macs(a->want, err) ? 0 : -1;
}

/* The next boot finds at the same place what is configured without one. */
static void keep_ports(const struct apply *a)
{
	struct conf *c = zone_conf_load(a->rq->zone, NULL);
	struct zkz_err warning = { 0 };

	if (c && live_keep_ports(c, a->state[a->done]) && zone_conf_save(a->rq->zone, c, &warning)) {
		err_live_ports(&warning, a->rq->zone);
		out_warning(&a->rq->out, &warning);
	}
	conf_free(c);
}

static int answer(const struct apply *a, struct zkz_err *err)
{
	char digest[ZONE_DIGEST_SIZE], *text = zone_conf_text(a->state[a->done]);
	json_t *fields;

	if (!text || zone_conf_digest(text, digest, err)) {
		free(text);
		return text ? -1 : err_no_memory(err);
	}
	fields = json_pack("{s:i, s:i, s:s, s:s}", "changes", (int)a->plan.nr, "pending", (int)a->plan.boot.nr,
			   "config", text, "digest", digest);
	free(text);
	if (a->check)
		out_result(&a->rq->out, fields, "%u %s can be applied.", a->plan.nr,
			   a->plan.nr == 1 ? "change" : "changes");
	else if (!a->plan.nr)
		out_result(&a->rq->out, fields, "Nothing is to be applied.");
	else
		out_result(&a->rq->out, fields, "%u %s applied.", a->plan.nr, a->plan.nr == 1 ? "change" : "changes");
	return 0;
}

static int apply(struct apply *a, struct zkz_err *err)
{
	struct conf *stored;

	if (zone_owner_may_run(a->rq->zone, err) || load(a, err) || plan(a, err))
		return -1;
	if (!a->check && a->plan.nr) {
		if (run(a, err))
			return -1;
		if (!a->text)
			keep_ports(a);
	}
	if (a->check && a->plan.boot.nr)
		out_step(&a->rq->out, "Waits for a boot: %s.", a->plan.boot.text);
	stored = a->text || a->check ? NULL : zone_conf_load(a->rq->zone, NULL);
	if (stored)
		pending_tell(a->rq, stored);
	conf_free(stored);
	return answer(a, err);
}

int op_apply(struct request *rq, struct zkz_err *err)
{
	struct apply a = {
		.rq = rq, .check = json_bool(rq->args, "check", false), .text = json_str(rq->args, "config"),
	};
	struct zone_status st;
	int lock = change_begin(rq, &st, err), rc;
	unsigned int i;

	if (lock < 0)
		return -1;
	rc = st.state == ZONE_RUNNING ? apply(&a, err) : err_zone_not_running(err, rq->zone);
	io_close(&lock);
	for (i = 0; i <= LIVE_MAX_STEPS; i++)
		conf_free(a.state[i]);
	conf_free(a.want);
	return rc;
}
