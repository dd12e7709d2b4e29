// SPDX-License-Identifier: GPL-2.0
#include "migrate/commit/undo.h"

#include <string.h>

#include "lib/jsonl.h"
#include "migrate/commit/note.h"
#include "migrate/commit/record.h"
#include "zone/keeper.h"
#include "zone/lock.h"

#define LOOK_AGAIN_MS	100
#define STATUS_MS	15000

void undo_wait(const char *zone, deadline_t dl)
{
	struct zone_owner o;

	while (zone_alive(zone) && !zone_owner_read(zone, &o, NULL) &&
	       o.kind == OWNER_INCOMING && deadline_left_ms(dl))
		clock_sleep_ms(LOOK_AGAIN_MS);
}

bool undo_arrived(const char *zone)
{
	json_t *ans;
	bool ran;

	if (!zone_alive(zone) ||
	    keeper_call(zone, "status", NULL, &ans, deadline_in_ms(STATUS_MS), NULL))
		return false;
	ran = json_bool(ans, "arrived", false);
	json_decref(ans);
	return ran;
}

/* Its worker died, or its disk was full, before it could write down that the guest runs. */
static int run_arrived(const char *zone, const struct zone_owner *now, struct zkz_err *err)
{
	const struct commit_rule *r;
	struct commit c;

	commit_target(&c, zone, now->migration, now);
	return commit_do(&c, undo_arrived(zone) ? COMMIT_RAN : COMMIT_LOOK, &r, err);
}

/* The note of a migration that is not the last thing that happened to the zone any more. */
static int run_note(const char *zone, const struct zone_owner *now, const struct note *n, struct zkz_err *err)
{
	const struct commit_rule *r;
	enum commit_standing st;
	struct commit c;

	commit_target(&c, zone, n->migration, now);
	if (commit_standing(&c, &st, err))
		return -1;
	if (st == COMMIT_OWNER)
		return commit_remember(&c, err);
	if (st == COMMIT_NOTHING && !note_applies(n, now))
		return note_forget(zone, err);
	/* Its keeper ends by itself; until then nothing can be put back. */
	if (zone_alive(zone))
		return 0;
	if (st == COMMIT_NOTHING)
		return note_put_back(zone, n, err);
	return commit_do(&c, COMMIT_LOOK, &r, err);
}

int undo_run(const char *zone, struct zkz_err *err)
{
	struct zone_owner now;
	struct note n;
	int rc = note_read(zone, &n, err);

	if (rc < 0 || zone_owner_read(zone, &now, err))
		return -1;
	if (now.kind == OWNER_ARRIVED)
		return run_arrived(zone, &now, err);
	/* What it was before is lost with the note; it is not this host's in any case. */
	if (now.kind == OWNER_INCOMING && !rc) {
		n = (struct note){ .before = now };
		memcpy(n.migration, now.migration, sizeof(n.migration));
		rc = 1;
	}
	return rc ? run_note(zone, &now, &n, err) : 0;
}
