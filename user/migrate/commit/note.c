// SPDX-License-Identifier: GPL-2.0
#include "migrate/commit/note.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/id.h"
#include "lib/jsonl.h"
#include "migrate/commit/made.h"
#include "zone/paths.h"
#include "zone/store.h"
#include "zone/sweep.h"

#define MAX_NOTE	4096

int note_write(const char *zone, const struct note *n, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX], *text;
	json_t *obj;
	int rc;

	/* Before the note speaks of it; and nothing that an older one has made is this one's. */
	if ((n->replaced && zone_conf_keep(zone, err)) || made_forget(zone, err))
		return -1;
	obj = json_pack("{s:s, s:b, s:b, s:o}", "undo", n->migration, "imported", n->imported,
			"replaced", n->replaced, "before", zone_owner_to_json(&n->before));
	text = obj ? json_dumps(obj, JSON_COMPACT) : NULL;
	json_decref(obj);
	if (!text)
		return err_no_memory(err);
	rc = file_write_atomic(zone_path(ZF_JOURNAL, zone, path), text, strlen(text), 0600, err);
	free(text);
	return rc;
}

static int decode(const json_t *obj, struct note *n)
{
	const char *id = json_str(obj, "undo");

	if (!id_ok(id) || zone_owner_from_json(json_object_get(obj, "before"), &n->before))
		return -1;
	memcpy(n->migration, id, strlen(id) + 1);
	n->imported = json_bool(obj, "imported", false);
	n->replaced = json_bool(obj, "replaced", false);
	return 0;
}

int note_read(const char *zone, struct note *n, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX], *text;
	json_t *obj;
	size_t len;
	int rc;

	text = file_read(zone_path(ZF_JOURNAL, zone, path), MAX_NOTE, &len, err);
	if (!text) {
		if (errno != ENOENT)
			return -1;
		err_clear(err);
		return 0;
	}
	obj = jsonl_parse(text, len, NULL);
	free(text);
	rc = decode(obj, n);
	json_decref(obj);
	if (!rc)
		return 1;
	return err_note_damaged(err, path, zone);
}

bool note_pending(const char *zone)
{
	char path[ZONE_PATH_MAX];

	return !access(zone_path(ZF_JOURNAL, zone, path), F_OK);
}

int note_forget(const char *zone, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];

	/* A list without a note would be that of the next one. */
	if (made_forget(zone, err) || file_remove(zone_path(ZF_JOURNAL, zone, path), err))
		return -1;
	/* Of no use without the note; one that a crash leaves behind is overwritten. */
	return file_remove(zone_path(ZF_CONFIG_BEFORE, zone, path), err);
}

/* A leftover of an older crash, of which nothing can be true any more. */
static struct zone_owner restored(const struct zone_owner *before)
{
	struct zone_owner o = *before;

	if (o.kind == OWNER_INCOMING)
		o.kind = OWNER_ELSEWHERE;
	return o;
}

bool note_applies(const struct note *n, const struct zone_owner *now)
{
	struct zone_owner back = restored(&n->before);

	return zone_owner_same(now, &n->before) || zone_owner_same(now, &back);
}

static int put_owner_back(const char *zone, const struct zone_owner *o, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];

	if (o->epoch)
		return zone_owner_write(zone, o, err);
	return file_remove(zone_path(ZF_OWNER, zone, path), err);
}

int note_put_back(const char *zone, const struct note *n, struct zkz_err *err)
{
	struct zone_owner back = restored(&n->before);
	char path[ZONE_PATH_MAX];

	/* While there is a configuration, and so a name that somebody looks at. */
	zone_sweep(zone);
	if (made_undo(zone, err) || put_owner_back(zone, &back, err) ||
	    file_remove(zone_path(ZF_OWNER_NEXT, zone, path), err))
		return -1;
	/* The note goes last: a crash on the way repeats what was done. */
	if (n->imported)
		return zone_conf_delete(zone, err);
	if (n->replaced && zone_conf_put_back(zone, err))
		return -1;
	return note_forget(zone, err);
}
