// SPDX-License-Identifier: GPL-2.0
/* What the note of an incoming migration means, by what the owner file says now. */
#include <stdio.h>

#include "lib/jsonl.h"
#include "migrate/commit/undo.h"
#include "unit.h"

static const char id[] = "00112233445566778899aabbccddeeff";
static const char other[] = "ffeeddccbbaa99887766554433221100";

static struct zone_owner owner(enum zone_owner_kind kind, unsigned int epoch, const char *migration)
{
	struct zone_owner o = { .kind = kind, .epoch = epoch };

	snprintf(o.migration, sizeof(o.migration), "%s", migration);
	snprintf(o.peer, sizeof(o.peer), "%s", *migration ? "ssh://root@b" : "");
	return o;
}

TEST(committed_whatever_was_before)
{
	struct zone_owner none = { 0 }, mine = owner(OWNER_HERE, 1, "");
	struct zone_owner now = owner(OWNER_HERE, 5, id);

	CHECK_INT(undo_decide(id, &none, &now), UNDO_COMMITTED);
	CHECK_INT(undo_decide(id, &mine, &now), UNDO_COMMITTED);
}

TEST(put_back_while_it_is_as_the_migration_left_it)
{
	struct zone_owner none = { 0 }, mine = owner(OWNER_HERE, 1, "");
	struct zone_owner away = owner(OWNER_ELSEWHERE, 4, other);
	struct zone_owner incoming = owner(OWNER_INCOMING, 4, id);

	CHECK_INT(undo_decide(id, &none, &incoming), UNDO_PUT_BACK);
	CHECK_INT(undo_decide(id, &away, &incoming), UNDO_PUT_BACK);
	/* Nothing was written yet. */
	CHECK_INT(undo_decide(id, &none, &none), UNDO_PUT_BACK);
	CHECK_INT(undo_decide(id, &mine, &mine), UNDO_PUT_BACK);
	CHECK_INT(undo_decide(id, &away, &away), UNDO_PUT_BACK);
}

TEST(put_back_goes_on_after_a_crash)
{
	struct zone_owner before = owner(OWNER_INCOMING, 4, other);
	struct zone_owner now = owner(OWNER_ELSEWHERE, 4, other);

	CHECK_INT(undo_decide(id, &before, &before), UNDO_PUT_BACK);
	CHECK_INT(undo_decide(id, &before, &now), UNDO_PUT_BACK);
}

TEST(stale_when_the_zone_has_moved_on)
{
	struct zone_owner none = { 0 }, mine = owner(OWNER_HERE, 1, "");
	struct zone_owner now[] = {
		owner(OWNER_ELSEWHERE, 6, other), owner(OWNER_IN_DOUBT, 6, other),
		owner(OWNER_HERE, 7, other), owner(OWNER_HERE, 2, ""),
		owner(OWNER_INCOMING, 6, other),
	};
	unsigned int i;

	for (i = 0; i < sizeof(now) / sizeof(now[0]); i++) {
		CHECK_INT(undo_decide(id, &none, &now[i]), UNDO_STALE);
		CHECK_INT(undo_decide(id, &mine, &now[i]), UNDO_STALE);
	}
	/* Deleted here, and made anew or not. */
	CHECK_INT(undo_decide(id, &mine, &none), UNDO_STALE);
	CHECK_INT(undo_decide(id, &none, &mine), UNDO_STALE);
}

TEST(owner_reads_back)
{
	struct zone_owner o = owner(OWNER_IN_DOUBT, 9, id), back;
	json_t *obj = zone_owner_to_json(&o);

	NEED(obj);
	CHECK_INT(zone_owner_from_json(obj, &back), 0);
	CHECK(zone_owner_same(&o, &back));
	json_decref(obj);
}

static int read_text(const char *text)
{
	json_t *obj = jsonl_parse(text, strlen(text), NULL);
	struct zone_owner o;
	int rc = zone_owner_from_json(obj, &o);

	json_decref(obj);
	return rc;
}

TEST(owner_with_an_impossible_epoch_is_damaged)
{
	CHECK_INT(read_text("{\"owner\":\"here\",\"epoch\":1}"), 0);
	CHECK_INT(read_text("{\"owner\":\"here\",\"epoch\":9007199254740992}"), 0);
	CHECK_INT(read_text("{\"owner\":\"none\",\"epoch\":0}"), 0);
	CHECK_INT(read_text("{\"owner\":\"here\",\"epoch\":0}"), -1);
	CHECK_INT(read_text("{\"owner\":\"here\",\"epoch\":-1}"), -1);
	CHECK_INT(read_text("{\"owner\":\"here\",\"epoch\":9007199254740993}"), -1);
	CHECK_INT(read_text("{\"owner\":\"there\",\"epoch\":1}"), -1);
	CHECK_INT(read_text("{\"epoch\":1}"), -1);
	CHECK_INT(read_text("{\"owner\":\"here\"}"), -1);
}
