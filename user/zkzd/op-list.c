// SPDX-License-Identifier: GPL-2.0
/* Verbs that tell: list and status. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "zkzd/dispatch.h"
#include "zkzd/smaps.h"
#include "zkzd/transfer.h"
#include "zone/keeper.h"
#include "zone/lock.h"
#include "zone/memfs.h"
#include "zone/owner.h"
#include "zone/paths.h"
#include "zone/state.h"
#include "zone/store.h"

struct listing {
	struct request *rq;
	enum zone_state least;
};

static void add_uuid(json_t *obj, const char *zone)
{
	struct conf *c = zone_conf_load(zone, NULL);
	const char *uuid = c ? conf_res_get(&c->global, "uuid") : NULL;

	json_object_set_new(obj, "uuid", json_string(uuid ? uuid : ""));
	conf_free(c);
}

static json_t *describe(const char *zone, const struct zone_status *st)
{
	json_t *obj;

	obj = json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:I}", "why", st->why,
			"name", zone, "state", zone_state_text(st->state),
			"aux", zone_aux_text(st->aux), "id", (int)st->id,
			"brand", "kernel-zone", "path", "-", "ip-type", "excl",
			"epoch", (json_int_t)st->epoch);
	add_uuid(obj, zone);
	return obj;
}

/* The host itself: zones are beside it in lists. */
static json_t *describe_host(void)
{
	return json_pack("{s:s, s:s, s:s, s:i, s:b, s:s, s:s, s:s}", "name", "global", "state", "running",
			 "aux", "", "id", 0, "global", 1, "brand", "linux", "path", "/", "ip-type", "shared");
}

static int list_one(const char *zone, void *arg)
{
	struct listing *l = arg;
	struct zone_status st;
	struct zkz_err err;

	if (zone_status_read(zone, &st, &err)) {
		/* Deleted while we walk, or damaged: say the latter only. */
		if (!err_is(&err, ERR_ZONE_NOT_FOUND)) {
			err_zone_not_listed(&err, zone);
			out_warning(&l->rq->out, &err);
		}
		return 0;
	}
	if (st.state >= l->least)
		out_item(&l->rq->out, describe(zone, &st));
	return l->rq->out.gone;
}

static int list_named(struct request *rq, const char *zone, struct zkz_err *err)
{
	struct zone_status st;

	if (!zone)
		return err_usage_no_zone(err, rq->op);
	if (!strcmp(zone, "global")) {
		out_item(&rq->out, describe_host());
		return 0;
	}
	if (zone_check_name(zone, err) || zone_status_read(zone, &st, err))
		return -1;
	out_item(&rq->out, describe(zone, &st));
	return 0;
}

/* All are looked for; the first failure is the answer's. */
static int list_these(struct request *rq, const json_t *zones, struct zkz_err *err)
{
	struct zkz_err other = { 0 };
	const json_t *one;
	size_t i;
	int rc = 0;

	json_array_foreach(zones, i, one) {
		err_clear(&other);
		if (list_named(rq, json_string_value(one), &other) && !rc) {
			rc = -1;
			*err = other;
		}
	}
	if (!rc)
		out_result(&rq->out, NULL, "Done.");
	return rc;
}

int op_list(struct request *rq, struct zkz_err *err)
{
	const json_t *zones = json_object_get(rq->args, "zones");
	const char *scope = json_str(rq->args, "scope");
	struct listing l = { .rq = rq, .least = ZONE_RUNNING };

	if (zones)
		return list_these(rq, zones, err);
	if (scope && !strcmp(scope, "installed"))
		l.least = ZONE_INSTALLED;
	if (scope && !strcmp(scope, "configured"))
		l.least = ZONE_UNAVAILABLE;
	if (json_bool(rq->args, "host", false))
		out_item(&rq->out, describe_host());
	if (zone_for_each(list_one, &l, err))
		return -1;
	out_result(&rq->out, NULL, "Done.");
	return 0;
}

static void add_memory(json_t *obj, const struct request *rq, const struct zone_status *st)
{
	char path[ZONE_PATH_MAX];
	uint64_t size, bytes;
	struct smaps m;

	if (memfs_resident(rq->zone, &size, &bytes))
		return;
	json_object_set_new(obj, "memory", json_integer((json_int_t)size));
	json_object_set_new(obj, "memory-resident", json_integer((json_int_t)bytes));
	if (st->qemu && !smaps_read(st->qemu, zone_path(ZF_MEMORY, rq->zone, path), &m)) {
		json_object_set_new(obj, "memory-mapped", json_integer((json_int_t)m.rss));
		json_object_set_new(obj, "memory-2m", json_integer((json_int_t)m.pmd));
	}
}

static void add_last_end(json_t *obj, const char *zone)
{
	char path[ZONE_PATH_MAX];
	size_t len;
	char *text = file_read(zone_path(ZF_ENDED, zone, path), 4096, &len, NULL);
	json_t *end = text ? jsonl_parse(text, len, NULL) : NULL;

	free(text);
	if (end)
		json_object_set_new(obj, "last-end", end);
}

static void add_run(json_t *obj, struct request *rq)
{
	struct zkz_err err;
	char utc[UTC_TEXT_SIZE];
	json_t *run;

	if (keeper_call(rq->zone, "status", NULL, &run, deadline_in_ms(15000), &err)) {
		err_zone_run_unknown(&err, rq->zone);
		out_warning(&rq->out, &err);
		return;
	}
	json_object_set(obj, "run-state", json_object_get(run, "run-state"));
	json_object_set(obj, "qemu-version", json_object_get(run, "qemu-version"));
	/* A keeper of an older zkz does not tell. */
	json_object_set(obj, "links", json_object_get(run, "links"));
	clock_utc_text((uint64_t)json_int(run, "since", 0) * NSEC_PER_SEC, utc);
	json_object_set_new(obj, "since", json_string(utc));
	json_decref(run);
}

static void add_owner(json_t *obj, const char *zone)
{
	struct zone_owner o;

	if (zone_owner_read(zone, &o, NULL))
		return;
	if (o.peer[0])
		json_object_set_new(obj, "peer", json_string(o.peer));
	json_object_set_new(obj, "owner", json_string(zone_owner_text(o.kind)));
}

/* A guest that is here already may still fetch its memory: no auxiliary state tells that. */
static void add_transfer(json_t *obj, const char *zone)
{
	json_t *transfer = transfer_json(zone);

	if (transfer)
		json_object_set_new(obj, "transfer", transfer);
}

int op_status(struct request *rq, struct zkz_err *err)
{
	struct zone_status st;
	struct zone_model z;
	json_t *obj;

	if (zone_status_read(rq->zone, &st, err) || zone_load(rq->zone, &z, err))
		return -1;
	obj = describe(rq->zone, &st);
	json_object_set_new(obj, "configured-memory", json_integer((json_int_t)z.memory));
	json_object_set_new(obj, "ncpus", json_integer((json_int_t)z.ncpus));
	add_owner(obj, rq->zone);
	if (st.state == ZONE_RUNNING) {
		json_object_set_new(obj, "keeper", json_integer(st.keeper));
		json_object_set_new(obj, "qemu", json_integer(st.qemu));
		if (st.machine[0])
			json_object_set_new(obj, "machine-type", json_string(st.machine));
		json_object_set_new(obj, "changed-since-boot",
				    json_boolean(zone_changed_since_boot(rq->zone, NULL) == 1));
		add_memory(obj, rq, &st);
		add_run(obj, rq);
		add_transfer(obj, rq->zone);
	} else {
		add_last_end(obj, rq->zone);
	}
	out_result(&rq->out, obj, "Zone %s is %s.", rq->zone, zone_state_text(st.state));
	return 0;
}
