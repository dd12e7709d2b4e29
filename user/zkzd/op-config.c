// SPDX-License-Identifier: GPL-2.0
/*
 * The operations config-get and config-put. Configurations are edited by zkz; here is what
 * the host has to say of it: who may change them, and when, and to whom a zone belongs.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/diff.h"
#include "conf/session.h"
#include "lib/errjson.h"
#include "lib/io.h"
#include "migrate/commit/undo.h"
#include "storage/uri.h"
#include "zkzd/dispatch.h"
#include "zkzd/pending.h"
#include "zkzd/text.h"
#include "zone/incomplete.h"
#include "zone/lock.h"
#include "zone/owner.h"
#include "zone/paths.h"
#include "zone/state.h"
#include "zone/store.h"
#include "zone/twins.h"

#define LOCK_MS	1000

/**
 * struct edit - one change
 * @rq:       request
 * @conf:     what is to be stored, NULL if the zone is only deleted
 * @base:     digest of what it was made from
 * @remove:   what is stored is deleted; with @conf the zone is made anew
 * @detached: a zone that is made belongs to no host
 */
struct edit {
	struct request *rq;
	struct conf *conf;
	const char *base;
	bool remove;
	bool detached;
};

/*
 * A zone that is made here belongs here, unless it was wanted detached; later
 * changes leave that as it is. The owner is written first: an owner without a
 * configuration means nothing, the reverse would be a zone that nobody may boot.
 */
static int attach(const struct edit *e, struct zkz_err *err)
{
	const char *zone = e->rq->zone;
	struct zone_owner o;

	if (zone_owner_read(zone, &o, err))
		return -1;
	if (o.kind == OWNER_INCOMING)
		return zone_owner_may_run(zone, err);
	if (o.kind != OWNER_NONE || e->detached || (zone_configured(zone) && !e->remove))
		return 0;
	return zone_owner_begin(zone, &o, err);
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

/*
 * A migration to this host that broke off is undone before anything is compared: what that
 * puts back is not to be overwritten unseen. A zone whose owner file is damaged can be deleted.
 */
static int settle(const struct edit *e, struct zkz_err *err)
{
	struct zone_owner o;

	if (e->remove && zone_owner_read(e->rq->zone, &o, NULL))
		return 0;
	return undo_run(e->rq->zone, err);
}

/* Lost updates are noticed: what is stored must be what the change is based on. */
static int check_base(const struct edit *e, struct zkz_err *err)
{
	char digest[ZONE_DIGEST_SIZE], *text;
	const char *zone = e->rq->zone;
	size_t len;

	if (zone_conf_read(zone, &text, &len, digest, err))
		return -1;
	free(text);
	/* Undoing may have taken away already what is to be deleted. */
	if (!strcmp(digest, e->base) || (e->remove && !strcmp(digest, ZONE_DIGEST_NONE)))
		return 0;
	if (!strcmp(e->base, ZONE_DIGEST_NONE))
		return err_zone_exists(err, zone);
	return err_config_changed(err, zone);
}

/* What is stored now: zkz goes on from there. */
static int answer(struct edit *e, struct zkz_err *err)
{
	char digest[ZONE_DIGEST_SIZE], *text;
	json_t *fields;
	size_t len;

	if (zone_conf_read(e->rq->zone, &text, &len, digest, err))
		return -1;
	fields = json_pack("{s:s}", "digest", digest);
	if (text)
		json_object_set_new(fields, "config", json_text(text));
	free(text);
	out_result(&e->rq->out, fields, "Configuration done.");
	return 0;
}

/* Who may configure a zone hands that on to nobody. */
static int check_admins(const struct edit *e, struct zkz_err *err)
{
	struct conf *now;
	bool same;

	if (!e->rq->uid)
		return 0;
	now = zone_conf_load(e->rq->zone, NULL);
	same = rights_same(now, e->conf);
	conf_free(now);
	return same ? 0 : rights_deny_admin(e->rq, err);
}

static int store(struct edit *e, struct zkz_err *err)
{
	const char *zone = e->rq->zone;

	if (attach(e, err) || zone_conf_save(zone, e->conf, err))
		return -1;
	if (zone_alive(zone))
		pending_tell(e->rq, e->conf);
	warn_of_twins(e);
	return 0;
}

/* What will be made anew keeps its file until the new one takes its place: it is not lost if that fails. */
static int delete(const struct edit *e, struct zkz_err *err)
{
	const char *zone = e->rq->zone;
	struct zone_owner o;

	if (zone_alive(zone))
		return err_zone_running(err, zone);
	/* Forgetting who may run it could end with two hosts that do. */
	if (!zone_owner_read(zone, &o, NULL) && o.kind == OWNER_IN_DOUBT)
		return err_zone_may_run_elsewhere(err, zone, o.peer);
	if (!zone_configured(zone))
		return 0;
	/* What is known of its files would be forgotten. */
	if (zone_incomplete(zone))
		return err_zone_incomplete(err, zone);
	return e->conf ? zone_forget(zone, err) : zone_conf_delete(zone, err);
}

static int change(struct edit *e, struct zkz_err *err)
{
	if (settle(e, err) || check_base(e, err) || (e->conf && check_admins(e, err)))
		return -1;
	if ((e->remove && delete(e, err)) || (e->conf && store(e, err)))
		return -1;
	return answer(e, err);
}

/*
 * A zone that is not stored has nothing to be locked for before it is made, and a wrong
 * name leaves no trace. Then somebody else may have been quicker; check_base() notices.
 */
static int lock(const struct edit *e, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(LOCK_MS);
	const char *zone = e->rq->zone;

	return e->conf && !zone_configured(zone) ? zone_lock_new(zone, dl, err) : zone_lock(zone, dl, err);
}

static int change_locked(struct edit *e, struct zkz_err *err)
{
	int fd = lock(e, err), rc;

	if (fd < 0)
		return -1;
	rc = change(e, err);
	io_close(&fd);
	return rc;
}

int op_config_put(struct request *rq, struct zkz_err *err)
{
	const char *text = json_str(rq->args, "config");
	struct edit e = {
		.rq = rq, .base = json_str(rq->args, "base"), .remove = json_bool(rq->args, "delete", false),
		.detached = json_bool(rq->args, "detached", false),
	};
	int rc;

	if (!e.base || (!text && !e.remove))
		return err_config_request(err);
	/* Before a new zone leaves a trace, which is its lock. */
	if (text) {
		e.conf = text_parse(rq->zone, text, err);
		if (!e.conf)
			return -1;
	}
	rc = change_locked(&e, err);
	conf_free(e.conf);
	return rc;
}

/* Of what the QEMU of a zone that runs is built. */
static int get_running(struct request *rq, struct zkz_err *err)
{
	char digest[ZONE_DIGEST_SIZE], *text;
	struct conf *c;
	int rc;

	if (!zone_alive(rq->zone))
		return err_zone_not_running(err, rq->zone);
	c = zone_conf_running(rq->zone, err);
	if (!c)
		return -1;
	text = zone_conf_text(c);
	conf_free(c);
	if (!text)
		return err_no_memory(err);
	rc = zone_conf_digest(text, digest, err);
	if (!rc)
		out_result(&rq->out, json_pack("{s:s, s:s}", "config", text, "digest", digest), "Configuration.");
	free(text);
	return rc;
}

int op_config_get(struct request *rq, struct zkz_err *err)
{
	char digest[ZONE_DIGEST_SIZE], *text;
	struct zkz_err damage = { 0 };
	struct conf *c = NULL;
	json_t *fields;
	size_t len;

	if (json_bool(rq->args, "running", false))
		return get_running(rq, err);
	if (zone_conf_read(rq->zone, &text, &len, digest, err))
		return -1;
	fields = json_pack("{s:s}", "digest", digest);
	if (text)
		c = conf_parse(rq->zone, text, len, &damage);
	if (c) {
		json_object_set_new(fields, "config", json_text(text));
	} else if (text) {
		err_config_stored(&damage, rq->zone);
		json_object_set_new(fields, "damaged", err_to_json(&damage));
	}
	conf_free(c);
	free(text);
	out_result(&rq->out, fields, "Configuration.");
	return 0;
}
