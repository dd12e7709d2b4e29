// SPDX-License-Identifier: GPL-2.0
#include "zone/owner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "lib/id.h"
#include "lib/jsonl.h"
#include "zone/incomplete.h"
#include "zone/paths.h"

#define MAX_OWNER_FILE	4096

static const char *const kinds[] = {
	[OWNER_NONE] = "none",
	[OWNER_HERE] = "here",
	[OWNER_ELSEWHERE] = "elsewhere",
	[OWNER_INCOMING] = "incoming",
	[OWNER_IN_DOUBT] = "in-doubt",
	[OWNER_ARRIVED] = "arrived",
};

const char *zone_owner_text(enum zone_owner_kind kind)
{
	return kinds[kind];
}

static int kind_from_text(const char *text)
{
	int i;

	for (i = 0; text && i < (int)(sizeof(kinds) / sizeof(kinds[0])); i++)
		if (!strcmp(text, kinds[i]))
			return i;
	return -1;
}

json_t *zone_owner_to_json(const struct zone_owner *o)
{
	return json_pack("{s:I, s:s, s:s, s:s, s:s}", "epoch", (json_int_t)o->epoch,
			 "owner", kinds[o->kind], "migration", o->migration,
			 "peer", o->peer, "host", o->host);
}

int zone_owner_from_json(const json_t *obj, struct zone_owner *o)
{
	const char *migration = json_str(obj, "migration"), *peer = json_str(obj, "peer");
	const char *host = json_str(obj, "host");
	long long epoch = json_int(obj, "epoch", 0);
	int kind = kind_from_text(json_str(obj, "owner"));

	memset(o, 0, sizeof(*o));
	if (kind < 0 || epoch < 0 || epoch > (long long)ZONE_EPOCH_MAX ||
	    (!epoch && kind != OWNER_NONE))
		return -1;
	o->kind = (enum zone_owner_kind)kind;
	o->epoch = (uint64_t)epoch;
	snprintf(o->migration, sizeof(o->migration), "%s", migration ? migration : "");
	snprintf(o->peer, sizeof(o->peer), "%s", peer ? peer : "");
	snprintf(o->host, sizeof(o->host), "%s", id_ok(host) ? host : "");
	return 0;
}

bool zone_owner_same(const struct zone_owner *a, const struct zone_owner *b)
{
	return a->kind == b->kind && a->epoch == b->epoch &&
	       !strcmp(a->migration, b->migration) && !strcmp(a->peer, b->peer) &&
	       !strcmp(a->host, b->host);
}

static int decode(const char *text, size_t len, struct zone_owner *o)
{
	json_t *obj = jsonl_parse(text, len, NULL);
	int rc = obj ? zone_owner_from_json(obj, o) : -1;

	json_decref(obj);
	return rc || (o->kind == OWNER_NONE && !o->epoch) ? -1 : 0;
}

static int read_from(enum zone_file which, const char *zone, struct zone_owner *o, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	char *text;
	size_t len;
	int rc;

	memset(o, 0, sizeof(*o));
	text = file_read(zone_path(which, zone, path), MAX_OWNER_FILE, &len, err);
	if (!text) {
		if (errno != ENOENT)
			return -1;
		err_clear(err);
		return 0;
	}
	rc = decode(text, len, o);
	free(text);
	if (rc) {
		/* Guessing here could run a zone twice. */
		return err_zone_owner_damaged(err, path, zone);
	}
	return 0;
}

int zone_owner_read(const char *zone, struct zone_owner *o, struct zkz_err *err)
{
	return read_from(ZF_OWNER, zone, o, err);
}

static int write_to(enum zone_file which, const char *zone,
		    const struct zone_owner *o, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	json_t *obj;
	char *text;
	int rc;

	if (file_mkdirs(zone_path(ZF_DIR, zone, path), 0700, err))
		return -1;
	obj = zone_owner_to_json(o);
	text = obj ? json_dumps(obj, JSON_COMPACT) : NULL;
	json_decref(obj);
	if (!text)
		return err_no_memory(err);
	rc = file_write_atomic(zone_path(which, zone, path), text,
			       strlen(text), 0600, err);
	free(text);
	return rc;
}

int zone_owner_write(const char *zone, const struct zone_owner *o,
		     struct zkz_err *err)
{
	return write_to(ZF_OWNER, zone, o, err);
}

int zone_owner_stage(const char *zone, const struct zone_owner *o,
		     struct zkz_err *err)
{
	return write_to(ZF_OWNER_NEXT, zone, o, err);
}

int zone_owner_staged(const char *zone, struct zone_owner *o)
{
	return read_from(ZF_OWNER_NEXT, zone, o, NULL) || o->kind == OWNER_NONE ? -1 : 0;
}

int zone_owner_commit(const char *zone, struct zkz_err *err)
{
	char next[ZONE_PATH_MAX], path[ZONE_PATH_MAX];

	return file_exchange(zone_path(ZF_OWNER_NEXT, zone, next),
			     zone_path(ZF_OWNER, zone, path), err);
}

int zone_owner_revert(const char *zone, const struct zone_owner *back, struct zkz_err *err)
{
	struct zone_owner next, now;

	if (!zone_owner_read(zone, &now, NULL) && zone_owner_same(&now, back))
		return 0;
	if (!zone_owner_staged(zone, &next) && zone_owner_same(&next, back))
		return zone_owner_commit(zone, err);
	return zone_owner_write(zone, back, err);
}

int zone_owner_confirm(const char *zone, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];

	return file_confirm(zone_path(ZF_OWNER, zone, path), err) ? -1 : 0;
}

int zone_owner_begin(const char *zone, struct zone_owner *o, struct zkz_err *err)
{
	*o = (struct zone_owner){ .kind = OWNER_HERE, .epoch = o->epoch ? o->epoch + ZONE_EPOCH_JUMP : 1 };
	return zone_owner_write(zone, o, err);
}

int zone_owner_forget(const char *zone, struct zkz_err *err)
{
	struct zone_owner o;
	char path[ZONE_PATH_MAX];

	/* A record that cannot be read had some epoch; no zone has moved as often as seconds have passed since 1970. */
	if (zone_owner_read(zone, &o, NULL))
		o.epoch = clock_real_ns() / NSEC_PER_SEC;
	if (!o.epoch)
		return file_remove(zone_path(ZF_OWNER, zone, path), err);
	o = (struct zone_owner){ .kind = OWNER_NONE, .epoch = o.epoch };
	return zone_owner_write(zone, &o, err);
}

int zone_owner_may_run(const char *zone, struct zkz_err *err)
{
	struct zone_owner o;

	if (zone_owner_read(zone, &o, err))
		return -1;

	switch (o.kind) {
	case OWNER_HERE:
		return zone_incomplete(zone) ? err_zone_incomplete(err, zone) : 0;
	case OWNER_ELSEWHERE:
		return err_zone_elsewhere(err, zone, o.peer, o.epoch);
	case OWNER_INCOMING:
		return err_zone_incoming(err, zone);
	case OWNER_IN_DOUBT:
		return err_zone_in_doubt(err, zone, o.peer);
	case OWNER_ARRIVED:
		return err_zone_arrived(err, zone, o.peer);
	case OWNER_NONE:
		break;
	}
	return err_zone_detached(err, zone);
}
