// SPDX-License-Identifier: GPL-2.0
/* Target: the question of a source that does not know what became of a migration. */
#include <string.h>

#include "lib/id.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "migrate/commit/undo.h"
#include "migrate/target/query.h"
#include "zone/keeper.h"
#include "zone/lock.h"
#include "zone/store.h"

#define LOCK_MS		60000
/* QEMU may have to be waited for, and killed. */
#define KEEPER_MS	90000
#define ENDING_MS	10000
#define LOOK_AGAIN_MS	100

static int check(struct target *t, const json_t *msg, struct zkz_err *err)
{
	const char *zone = json_str(msg, "zone"), *id = json_str(msg, "migration");
	const char *host = json_str(msg, "host");

	if (!zone || !id_ok(id) || zone_check_name(zone, NULL))
		return err_source_request(err, "query");
	/* Another host may have the name or the address now, and knows nothing. */
	if (host && *host && strcmp(host, t->host))
		return err_wrong_host_asked(err, host, t->host);
	return 0;
}

/*
 * The zone has arrived, its worker is dead, and its QEMU may still wait for the end of
 * its devices, which cannot come any more: see to it that nothing starts later. A source
 * that knows that the last byte never left wants the guest back; else it may be running,
 * and the keeper waits until that is clear.
 */
static int make_sure(struct target *t, bool unsent, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(KEEPER_MS);
	const struct commit_rule *rule;
	struct zkz_err why = { 0 };

	if (!zone_alive(t->zone))
		return 0;
	if (!undo_arrived(t->zone)) {
		keeper_call(t->zone, unsent ? "discard" : "settle", NULL, NULL, dl, &why);
		if (err_is(&why, ERR_GUEST_NOT_STARTED) &&
		    commit_do(&t->commit, COMMIT_NEVER_RAN, &rule, err))
			return -1;
	}
	if (undo_arrived(t->zone))
		return commit_do(&t->commit, COMMIT_RAN, &rule, err);
	keeper_call(t->zone, "discard", NULL, NULL, dl, NULL);
	for (dl = deadline_in_ms(ENDING_MS); zone_alive(t->zone); clock_sleep_ms(LOOK_AGAIN_MS))
		if (!deadline_left_ms(dl))
			return err_zone_ends_not(err, t->zone);
	return 0;
}

static int decide(struct target *t, bool unsent, const struct commit_rule **rule, struct zkz_err *err)
{
	enum commit_standing st;

	if (commit_standing(&t->commit, &st, err))
		return -1;
	if (st == COMMIT_ARRIVED && make_sure(t, unsent, err))
		return -1;
	return commit_do(&t->commit, unsent ? COMMIT_ASKED_UNSENT : COMMIT_ASKED, rule, err);
}

int target_query(struct target *t, const json_t *msg, struct zkz_err *err)
{
	bool unsent = json_bool(msg, "unsent", false), owned, runs;
	const struct commit_rule *rule;
	struct zone_owner now;
	char zone[64];
	int lock, rc;

	if (check(t, msg, err))
		return -1;
	snprintf(zone, sizeof(zone), "%s", json_str(msg, "zone"));
	/* With the lock no worker is between GO and its decision. */
	lock = zone_lock_new(zone, deadline_in_ms(LOCK_MS), err);
	if (lock < 0)
		return -1;
	snprintf(t->zone, sizeof(t->zone), "%s", zone);
	rc = zone_owner_read(zone, &now, err);
	if (!rc) {
		commit_target(&t->commit, t->zone, json_str(msg, "migration"), &now);
		rc = decide(t, unsent, &rule, err);
	}
	if (rc) {
		io_close(&lock);
		return -1;
	}
	owned = rule->say == COMMIT_SAY_OWNED;
	runs = owned && !strcmp(now.migration, t->commit.migration) && undo_arrived(zone);
	/* What was given back is not left lying about. */
	if (!owned && undo_run(zone, err))
		log_warn("zone %s: %s", zone, err->text);
	err_clear(err);
	io_close(&lock);
	return channel_send(&t->ch, "query-ok",
			    json_pack("{s:s, s:b}", "outcome", owned ? "owned" : "refused", "runs", runs), err);
}
