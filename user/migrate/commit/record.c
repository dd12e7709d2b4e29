// SPDX-License-Identifier: GPL-2.0
#include "migrate/commit/record.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/log.h"
#include "migrate/commit/journal.h"
#include "migrate/commit/note.h"
#include "zone/lock.h"
#include "zone/paths.h"

void commit_source(struct commit *c, const char *zone, const struct zone_owner *now)
{
	memset(c, 0, sizeof(*c));
	c->zone = zone;
	c->epoch = now->epoch;
	c->kept = *now;
}

void commit_in_doubt(struct commit *c, const char *zone, const struct zone_owner *now)
{
	memset(c, 0, sizeof(*c));
	c->zone = zone;
	c->epoch = now->epoch - 1;
	memcpy(c->migration, now->migration, sizeof(c->migration));
	memcpy(c->peer, now->peer, sizeof(c->peer));
	memcpy(c->host, now->host, sizeof(c->host));
	/*
	 * The hand-over did not take place: neither did its epoch, and nobody is the other
	 * host of it. The id stays as the mark of a zone that has lived here and is not
	 * replaced by one that was made elsewhere.
	 */
	c->kept = (struct zone_owner){ .kind = OWNER_HERE, .epoch = c->epoch };
	memcpy(c->kept.migration, now->migration, sizeof(c->kept.migration));
}

void commit_target(struct commit *c, const char *zone, const char *migration, const struct zone_owner *now)
{
	memset(c, 0, sizeof(*c));
	c->zone = zone;
	c->target = true;
	snprintf(c->migration, sizeof(c->migration), "%s", migration);
	if (strcmp(now->migration, migration))
		return;
	c->epoch = now->epoch - (now->kind != OWNER_INCOMING);
	memcpy(c->peer, now->peer, sizeof(c->peer));
	memcpy(c->host, now->host, sizeof(c->host));
}

static struct zone_owner record(const struct commit *c, enum zone_owner_kind kind)
{
	struct zone_owner o = { .kind = kind, .epoch = c->epoch + (kind != OWNER_INCOMING) };

	static_assert(sizeof(o.migration) == sizeof(c->migration), "an id fits");
	static_assert(sizeof(o.peer) == sizeof(c->peer), "an address fits");
	memcpy(o.migration, c->migration, sizeof(o.migration));
	memcpy(o.peer, c->peer, sizeof(o.peer));
	memcpy(o.host, c->host, sizeof(o.host));
	return o;
}

int commit_prepare(const struct commit *c, struct zkz_err *err)
{
	struct zone_owner o = record(c, c->target ? OWNER_ARRIVED : OWNER_IN_DOUBT);

	return zone_owner_stage(c->zone, &o, err);
}

/* The mark of COMMIT_UNSENT: gone with a power cut, and with the run of the zone. */
static bool marked(const struct commit *c)
{
	char path[ZONE_PATH_MAX], *text;
	bool yes;

	text = file_read(zone_path(ZF_UNSENT, c->zone, path), sizeof(c->migration), NULL, NULL);
	yes = text && !strcmp(text, c->migration);
	free(text);
	return yes;
}

static int mark(const struct commit *c, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];

	return file_write_atomic(zone_path(ZF_UNSENT, c->zone, path), c->migration,
				 strlen(c->migration), 0600, err);
}

static int unmark(const struct commit *c, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];

	return file_remove(zone_path(ZF_UNSENT, c->zone, path), err);
}

static int unexpected(const struct commit *c, const struct zone_owner *o, struct zkz_err *err)
{
	return err_migration_unexpected(err, c->zone, zone_owner_text(o->kind), c->peer);
}

static int source_standing(const struct commit *c, const struct zone_owner *o, enum commit_standing *st,
			   struct zkz_err *err)
{
	switch (o->kind) {
	case OWNER_HERE:
		*st = COMMIT_HERE;
		return 0;
	case OWNER_IN_DOUBT:
		if (strcmp(o->migration, c->migration))
			return unexpected(c, o, err);
		*st = marked(c) ? COMMIT_UNSENT : COMMIT_DOUBT;
		return 0;
	case OWNER_ELSEWHERE:
		*st = COMMIT_AWAY;
		return 0;
	default:
		return unexpected(c, o, err);
	}
}

static int target_standing(const struct commit *c, const struct zone_owner *o, enum commit_standing *st,
			   struct zkz_err *err)
{
	bool owned, ours = !strcmp(o->migration, c->migration);

	if (journal_read(c->migration, &owned, err))
		return -1;
	if (owned || (ours && o->kind == OWNER_HERE))
		*st = COMMIT_OWNER;
	else if (ours && o->kind == OWNER_ARRIVED)
		*st = COMMIT_ARRIVED;
	else if (ours && o->kind == OWNER_INCOMING)
		*st = COMMIT_COMING;
	else
		*st = COMMIT_NOTHING;
	return 0;
}

int commit_standing(const struct commit *c, enum commit_standing *st, struct zkz_err *err)
{
	struct zone_owner o;

	if (zone_owner_read(c->zone, &o, err))
		return -1;
	return c->target ? target_standing(c, &o, st, err) : source_standing(c, &o, st, err);
}

static int write_here(const struct commit *c, struct zkz_err *err)
{
	struct zone_owner next;
	int rc;

	/* The very record that GO_DUE replaced, where it is still there: that takes no room. */
	if (!zone_owner_staged(c->zone, &next) && next.kind == OWNER_HERE && next.epoch == c->kept.epoch)
		rc = zone_owner_commit(c->zone, err);
	else
		rc = zone_owner_write(c->zone, &c->kept, err);
	if (!rc && unmark(c, NULL))
		log_warn("zone %s: a mark of its migration cannot be removed", c->zone);
	return rc;
}

static int write_away(const struct commit *c, struct zkz_err *err)
{
	struct zone_owner o = record(c, OWNER_ELSEWHERE);
	int rc = zone_owner_write(c->zone, &o, err);

	if (!rc)
		unmark(c, NULL);
	return rc;
}

static int write_coming(const struct commit *c, enum commit_standing from, struct zkz_err *err)
{
	struct zone_owner o = record(c, OWNER_INCOMING);

	if (from == COMMIT_ARRIVED)
		return zone_owner_revert(c->zone, &o, err);
	return zone_owner_write(c->zone, &o, err) || commit_prepare(c, err) ? -1 : 0;
}

int commit_remember(const struct commit *c, struct zkz_err *err)
{
	return journal_write(c->migration, c->zone, err) || note_forget(c->zone, err) ? -1 : 0;
}

/*
 * The owner file is the record; without the journal the note stays, and whoever is
 * about to change the zone writes it then.
 */
static int write_owner(const struct commit *c, struct zkz_err *err)
{
	struct zone_owner o;
	struct zkz_err why;
	int rc;

	if (zone_owner_read(c->zone, &o, err))
		return -1;
	o.kind = OWNER_HERE;
	/* Of one that is taken by force. */
	if (o.epoch < c->kept.epoch)
		o.epoch = c->kept.epoch;
	rc = zone_owner_write(c->zone, &o, err);
	if (!rc && commit_remember(c, &why))
		log_warn("zone %s: %s", c->zone, why.text);
	return rc;
}

static int write_nothing(const struct commit *c, struct zkz_err *err)
{
	struct note n;
	int rc = note_read(c->zone, &n, err);

	if (rc <= 0)
		return rc;
	if (zone_alive(c->zone))
		return err_zone_stopping(err, c->zone);
	return note_put_back(c->zone, &n, err);
}

static int write_standing(const struct commit *c, enum commit_standing from, enum commit_standing to,
			  struct zkz_err *err)
{
	switch (to) {
	case COMMIT_HERE:
		return write_here(c, err);
	case COMMIT_UNSENT:
		return mark(c, err) || zone_owner_commit(c->zone, err) ? -1 : 0;
	case COMMIT_DOUBT:
		return unmark(c, err);
	case COMMIT_AWAY:
		return write_away(c, err);
	case COMMIT_NOTHING:
		return write_nothing(c, err);
	case COMMIT_COMING:
		return write_coming(c, from, err);
	case COMMIT_ARRIVED:
		return zone_owner_commit(c->zone, err);
	case COMMIT_OWNER:
		return write_owner(c, err);
	default:
		return err_internal(err, ERR_IMPOSSIBLE_RECORD);
	}
}

/*
 * An earlier write may have got no further than memory. What the other side acts on must
 * be on disk.
 */
static int confirm(const struct commit *c, const struct commit_rule *r, struct zkz_err *err)
{
	if (r->say == COMMIT_SAY_NOTHING || r->say == COMMIT_SAY_ASK)
		return 0;
	return zone_owner_confirm(c->zone, err);
}

/* Nothing in the table: the other side breaks the protocol, or the records were changed by hand. */
static int no_rule(const struct commit *c, enum commit_standing st, enum commit_event event, struct zkz_err *err)
{
	return err_commit_no_rule(err, c->zone, commit_standing_text(st), commit_event_text(event));
}

int commit_do(const struct commit *c, enum commit_event event, const struct commit_rule **rule,
	      struct zkz_err *err)
{
	const struct commit_rule *r;
	struct zkz_err why = { 0 };
	enum commit_standing st;
	int rc = 0;

	*rule = NULL;
	while (event != COMMIT_NO_EVENT) {
		if (commit_standing(c, &st, rc ? NULL : err))
			return -1;
		r = commit_rule(st, event);
		if (!r)
			return rc ? -1 : no_rule(c, st, event, err);
		if (!(r->write == st ? confirm(c, r, &why) : write_standing(c, st, r->write, &why))) {
			*rule = r;
			return rc;
		}
		log_error("zone %s: %s: %s", c->zone, commit_event_text(event), why.text);
		if (!rc && err)
			*err = why;
		rc = -1;
		event = r->unless;
	}
	return rc;
}
