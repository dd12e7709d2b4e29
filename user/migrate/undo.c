// SPDX-License-Identifier: GPL-2.0
#include "migrate/undo.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/jsonl.h"
#include "zone/lock.h"
#include "zone/paths.h"
#include "zone/store.h"

#define MAX_NOTE	4096
#define LOOK_AGAIN_MS	100

int undo_note(const char *zone, const char *migration, const struct zone_owner *before,
	      bool imported, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX], *text;
	json_t *obj;
	int rc;

	obj = json_pack("{s:s, s:b, s:i, s:I, s:s, s:s}", "undo", migration,
			"imported", imported, "kind", (int)before->kind,
			"epoch", (json_int_t)before->epoch, "migration", before->migration,
			"peer", before->peer);
	text = obj ? json_dumps(obj, JSON_COMPACT) : NULL;
	json_decref(obj);
	if (!text)
		return err_set(err, ERR_NO_MEMORY, "Cannot format the journal of zone %s", zone);
	rc = file_write_atomic(zone_path(ZF_JOURNAL, zone, path), text, strlen(text), 0600, err);
	free(text);
	return rc;
}

int undo_forget(const char *zone, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];

	return file_remove(zone_path(ZF_JOURNAL, zone, path), err);
}

static int decode(const json_t *obj, struct zone_owner *before)
{
	const char *migration = json_str(obj, "migration"), *peer = json_str(obj, "peer");
	long long kind = json_int(obj, "kind", -1);

	if (kind < OWNER_NONE || kind > OWNER_IN_DOUBT || !migration || !peer ||
	    !json_str(obj, "undo"))
		return -1;
	memset(before, 0, sizeof(*before));
	before->kind = kind;
	before->epoch = json_int(obj, "epoch", 0);
	snprintf(before->migration, sizeof(before->migration), "%s", migration);
	snprintf(before->peer, sizeof(before->peer), "%s", peer);
	return 0;
}

static int put_owner_back(const char *zone, struct zone_owner *before, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];

	/* A leftover of a crash: nothing of it can be true any more. */
	if (before->kind == OWNER_INCOMING)
		before->kind = OWNER_ELSEWHERE;
	if (before->kind == OWNER_NONE || !before->epoch)
		return file_remove(zone_path(ZF_OWNER, zone, path), err);
	return zone_owner_write(zone, before, err);
}

static int put_back(const char *zone, const json_t *note, struct zkz_err *err)
{
	struct zone_owner before, now;
	char path[ZONE_PATH_MAX];

	if (decode(note, &before))
		return err_set(err, ERR_ZONE_STATE, "The journal of zone %s is damaged", zone);
	if (zone_owner_read(zone, &now, err))
		return -1;
	if (now.kind == OWNER_HERE && !strcmp(now.migration, json_str(note, "undo")))
		return undo_forget(zone, err);
	if (put_owner_back(zone, &before, err) ||
	    file_remove(zone_path(ZF_OWNER_NEXT, zone, path), err))
		return -1;
	/* The note goes last: a crash on the way repeats what was done. */
	if (json_bool(note, "imported", false))
		return zone_conf_delete(zone, err);
	return undo_forget(zone, err);
}

void undo_wait(const char *zone, deadline_t dl)
{
	struct zone_owner o;

	while (zone_alive(zone) && !zone_owner_read(zone, &o, NULL) &&
	       o.kind == OWNER_INCOMING && deadline_left_ms(dl))
		clock_sleep_ms(LOOK_AGAIN_MS);
}

int undo_run(const char *zone, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX], *text;
	json_t *note;
	size_t len;
	int rc;

	if (zone_alive(zone))
		return 0;
	text = file_read(zone_path(ZF_JOURNAL, zone, path), MAX_NOTE, &len, err);
	if (!text) {
		if (errno != ENOENT)
			return -1;
		err_clear(err);
		return 0;
	}
	note = jsonl_parse(text, len, err);
	free(text);
	if (!note)
		return err_prefix(err, "File %s", path);
	rc = put_back(zone, note, err);
	json_decref(note);
	return rc;
}
