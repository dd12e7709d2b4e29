// SPDX-License-Identifier: GPL-2.0
/* The verb config: run commands of the configuration language on a zone. */
#include <stdlib.h>
#include <string.h>

#include "conf/diff.h"
#include "conf/session.h"
#include "lib/io.h"
#include "migrate/commit/undo.h"
#include "storage/uri.h"
#include "zkzd/dispatch.h"
#include "zone/lock.h"
#include "zone/owner.h"
#include "zone/paths.h"
#include "zone/state.h"
#include "zone/store.h"
#include "zone/twins.h"

#define LOCK_MS	1000

/**
 * struct edit - one run of commands
 * @rq:   request
 * @lock: zone lock, or -1: then the commands may only look
 * @busy: why there is no lock
 * @detached: a zone that is made belongs to no host
 */
struct edit {
	struct request *rq;
	int lock;
	struct zkz_err busy;
	bool detached;
};

/*
 * Looking is free for all who get this far; changing needs rights and the lock.
 * A zone that is not stored has nothing to be locked for before it is made: a
 * wrong name leaves no trace. Then somebody else may have been quicker.
 */
static int may_change(struct edit *e, struct zkz_err *err)
{
	if (!e->rq->admin)
		return err_denied_change(err, e->rq->uid, e->rq->zone);
	if (e->lock >= 0)
		return 0;
	if (e->busy.id) {
		*err = e->busy;
		return -1;
	}
	e->lock = zone_lock_new(e->rq->zone, deadline_in_ms(LOCK_MS), err);
	if (e->lock < 0)
		return -1;
	if (!zone_configured(e->rq->zone))
		return 0;
	return err_zone_exists(err, e->rq->zone);
}

/*
 * A zone that is made here belongs here, unless it was wanted detached; later
 * changes leave that as it is. The owner is written first: an owner without a
 * configuration means nothing, the reverse would be a zone that nobody may boot.
 */
static int attach(const struct edit *e, struct zkz_err *err)
{
	const char *zone = e->rq->zone;
	struct zone_owner o;

	/* A migration to this host that broke off is undone before, not afterwards. */
	if (undo_run(zone, err) || zone_owner_read(zone, &o, err))
		return -1;
	if (o.kind == OWNER_INCOMING)
		return zone_owner_may_run(zone, err);
	if (o.kind != OWNER_NONE || e->detached || zone_configured(zone))
		return 0;
	o = (struct zone_owner){ .kind = OWNER_HERE, .epoch = o.epoch ? o.epoch + ZONE_EPOCH_JUMP : 1 };
	return zone_owner_write(zone, &o, err);
}

/* What the zone that runs has not got yet, and when it will. */
static void tell_pending(struct edit *e, const struct conf *now)
{
	struct conf_list boot = {
		.w = { "running", "configured" }, .want = CONF_BIT(CONF_MACHINE) | CONF_BIT(CONF_BOOT),
	};
	struct conf_list move = boot;
	struct zkz_err warning = { 0 };
	struct conf *runs = zone_conf_running(e->rq->zone, NULL);

	if (!runs)
		return;
	move.want = CONF_BIT(CONF_HOST);
	conf_diff(runs, now, conf_list_add, &boot);
	conf_diff(runs, now, conf_list_add, &move);
	conf_free(runs);
	if (boot.nr) {
		err_config_pending_boot(&warning, boot.text);
		out_warning(&e->rq->out, &warning);
		err_clear(&warning);
	}
	if (move.nr) {
		err_config_pending_move(&warning, move.text);
		out_warning(&e->rq->out, &warning);
	}
}

static void warn_of_twin(const struct zkz_err *warning, void *arg)
{
	struct edit *e = arg;

	out_warning(&e->rq->out, warning);
}

static void warn_of_twins(struct edit *e)
{
	struct zone_model z;

	if (!zone_load(e->rq->zone, &z, NULL))
		zone_twins(&z, warn_of_twin, e);
}

static int commit(struct conf_session *s, struct zkz_err *err)
{
	struct edit *e = s->priv;

	if (may_change(e, err) || attach(e, err))
		return -1;
	if (zone_conf_save(s->zone, s->conf, err))
		return -1;
	if (zone_alive(s->zone))
		tell_pending(e, s->conf);
	warn_of_twins(e);
	return 0;
}

static int remove_conf(struct conf_session *s, struct zkz_err *err)
{
	struct zone_owner o;
	bool damaged;

	if (may_change(s->priv, err))
		return -1;
	if (zone_alive(s->zone))
		return err_zone_running(err, s->zone);
	/* Forgetting who may run it could end with two hosts that do. */
	damaged = zone_owner_read(s->zone, &o, NULL);
	if (!damaged && undo_run(s->zone, err))
		return -1;
	if (!damaged && o.kind == OWNER_IN_DOUBT)
		return err_zone_may_run_elsewhere(err, s->zone, o.peer);
	/* Never stored: there is only the working copy to forget. */
	return zone_configured(s->zone) ? zone_conf_delete(s->zone, err) : 0;
}

static const struct conf_hooks hooks = {
	.check_uri = uri_check,
	.commit = commit,
	.remove = remove_conf,
};

/* The stored configuration; a zone without one is no failure here. */
static int load(const char *zone, struct conf **conf, struct zkz_err *err)
{
	*conf = zone_conf_load(zone, err);
	if (*conf)
		return 0;
	if (err_is(err, ERR_ZONE_NOT_FOUND)) {
		err_clear(err);
		return 0;
	}
	return err_config_stored(err, zone);
}

static int run(struct edit *e, const char *commands, FILE *f, struct zkz_err *err)
{
	struct conf_session s;
	struct conf *conf;
	int rc;

	if (load(e->rq->zone, &conf, err)) {
		/* A damaged one can still be replaced. */
		if (strncmp(commands, "create -F", 9) && strncmp(commands, "create -b -F", 12))
			return -1;
		err_clear(err);
		conf = NULL;
	}
	conf_session_init(&s, e->rq->zone, conf, &hooks);
	s.out = f;
	s.priv = e;
	rc = conf_session_run(&s, commands, strlen(commands), err);
	if (!rc)
		rc = conf_session_finish(&s, err);
	conf_session_fini(&s);
	return rc;
}

int op_config(struct request *rq, struct zkz_err *err)
{
	const char *commands = json_str(rq->args, "commands");
	struct edit e = {
		.rq = rq, .lock = -1, .detached = json_bool(rq->args, "detached", false),
	};
	char *text = NULL;
	size_t len;
	FILE *f;
	int rc;

	if (!commands)
		return err_usage_no_commands(err);
	f = open_memstream(&text, &len);
	if (!f)
		return err_no_memory(err);
	if (rq->admin && zone_configured(rq->zone))
		e.lock = zone_lock(rq->zone, deadline_in_ms(LOCK_MS), &e.busy);
	rc = run(&e, commands, f, err);
	fclose(f);
	if (!rc)
		out_result(&rq->out, json_pack("{s:s}", "output", text), "Configuration done.");
	free(text);
	io_close(&e.lock);
	return rc;
}
