// SPDX-License-Identifier: GPL-2.0
#include "migrate/commit/undo.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/id.h"
#include "lib/jsonl.h"
#include "migrate/commit/journal.h"
#include "zone/lock.h"
#include "zone/paths.h"
#include "zone/store.h"
#include "zone/sweep.h"

#define MAX_NOTE	4096
#define LOOK_AGAIN_MS	100

/* struct note - the file: what to do without the migration */
struct note {
	char migration[40];
	bool imported;
	struct zone_owner before;
};

int undo_note(const char *zone, const char *migration, const struct zone_owner *before,
	      bool imported, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX], *text;
	json_t *obj;
	int rc;

	obj = json_pack("{s:s, s:b, s:o}", "undo", migration, "imported", imported,
			"before", zone_owner_to_json(before));
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

bool undo_pending(const char *zone)
{
	char path[ZONE_PATH_MAX];

	return !access(zone_path(ZF_JOURNAL, zone, path), F_OK);
}

/* A leftover of an older crash, of which nothing can be true any more. */
static struct zone_owner restored(const struct zone_owner *before)
{
	struct zone_owner o = *before;

	if (o.kind == OWNER_INCOMING)
		o.kind = OWNER_ELSEWHERE;
	return o;
}

enum undo_verdict undo_decide(const char *migration, const struct zone_owner *before,
			      const struct zone_owner *now)
{
	struct zone_owner back = restored(before);

	if (!strcmp(now->migration, migration)) {
		if (now->kind == OWNER_HERE)
			return UNDO_COMMITTED;
		if (now->kind == OWNER_INCOMING)
			return UNDO_PUT_BACK;
	}
	/* Nothing was changed yet, or the owner was put back and the rest was not. */
	if (zone_owner_same(now, before) || zone_owner_same(now, &back))
		return UNDO_PUT_BACK;
	return UNDO_STALE;
}

static int put_back(const char *zone, const struct note *n, struct zkz_err *err)
{
	struct zone_owner back = restored(&n->before);
	char path[ZONE_PATH_MAX];
	int rc;

	/* While there is a configuration, and so a name that somebody looks at. */
	zone_sweep(zone);
	rc = back.kind == OWNER_NONE ? file_remove(zone_path(ZF_OWNER, zone, path), err) :
				       zone_owner_write(zone, &back, err);
	if (rc || file_remove(zone_path(ZF_OWNER_NEXT, zone, path), err))
		return -1;
	/* The note goes last: a crash on the way repeats what was done. */
	if (n->imported)
		return zone_conf_delete(zone, err);
	return undo_forget(zone, err);
}

/* Return: 1 if there is a note, 0 if not, -1 on failure. */
static int note_read(const char *zone, struct note *n, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX], *text;
	const char *id;
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
	id = json_str(obj, "undo");
	rc = !id_ok(id) ||
	     zone_owner_from_json(json_object_get(obj, "before"), &n->before);
	if (!rc) {
		memcpy(n->migration, id, strlen(id) + 1);
		n->imported = json_bool(obj, "imported", false);
	}
	json_decref(obj);
	if (!rc)
		return 1;
	err_set(err, ERR_ZONE_STATE, "File %s is damaged: a migration of zone %s to this host cannot be undone",
		path, zone);
	return err_remedy(err, "Find out where the zone runs; then remove that file.");
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
	struct zone_owner now;
	struct note n;
	int rc = note_read(zone, &n, err);

	if (rc <= 0)
		return rc;
	if (zone_owner_read(zone, &now, err))
		return -1;
	switch (undo_decide(n.migration, &n.before, &now)) {
	case UNDO_COMMITTED:
		/*
		 * The owner file proves it as long as it says so; whoever wants
		 * to change that comes here first.
		 */
		if (journal_write(n.migration, zone, OUTCOME_OWNED, err))
			return -1;
		break;
	case UNDO_PUT_BACK:
		return zone_alive(zone) ? 0 : put_back(zone, &n, err);
	case UNDO_STALE:
		break;
	}
	return undo_forget(zone, err);
}
