// SPDX-License-Identifier: GPL-2.0
/* The note of an incoming migration against what the owner file says now, and owner records as text. */
#include <stdio.h>

#include "lib/jsonl.h"
#include "migrate/commit/note.h"
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

static struct note note(struct zone_owner before)
{
	struct note n = { .before = before };

	snprintf(n.migration, sizeof(n.migration), "%s", id);
	return n;
}

TEST(applies_while_nothing_else_has_happened)
{
	struct note none = note((struct zone_owner){ 0 }), mine = note(owner(OWNER_HERE, 1, ""));
	struct note away = note(owner(OWNER_ELSEWHERE, 4, other)), deleted = note(owner(OWNER_NONE, 7, ""));

	CHECK(note_applies(&none, &none.before));
	CHECK(note_applies(&mine, &mine.before));
	CHECK(note_applies(&away, &away.before));
	CHECK(note_applies(&deleted, &deleted.before));
}

TEST(putting_back_goes_on_after_a_crash)
{
	struct note n = note(owner(OWNER_INCOMING, 4, other));
	struct zone_owner now = owner(OWNER_ELSEWHERE, 4, other);

	CHECK(note_applies(&n, &n.before));
	CHECK(note_applies(&n, &now));
}

TEST(applies_no_more_when_the_zone_has_moved_on)
{
	struct note none = note((struct zone_owner){ 0 }), mine = note(owner(OWNER_HERE, 1, ""));
	struct zone_owner now[] = {
		owner(OWNER_ELSEWHERE, 6, other), owner(OWNER_IN_DOUBT, 6, other),
		owner(OWNER_HERE, 7, other), owner(OWNER_HERE, 2, ""),
		owner(OWNER_INCOMING, 6, other), owner(OWNER_ARRIVED, 6, id),
	};
	unsigned int i;

	for (i = 0; i < sizeof(now) / sizeof(now[0]); i++) {
		CHECK(!note_applies(&none, &now[i]));
		CHECK(!note_applies(&mine, &now[i]));
	}
	/* Deleted here, and made anew or not. */
	CHECK(!note_applies(&mine, &none.before));
	CHECK(!note_applies(&none, &mine.before));
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
	CHECK_INT(read_text("{\"owner\":\"none\",\"epoch\":7}"), 0);
	CHECK_INT(read_text("{\"owner\":\"here\",\"epoch\":0}"), -1);
	CHECK_INT(read_text("{\"owner\":\"here\",\"epoch\":-1}"), -1);
	CHECK_INT(read_text("{\"owner\":\"here\",\"epoch\":9007199254740993}"), -1);
	CHECK_INT(read_text("{\"owner\":\"there\",\"epoch\":1}"), -1);
	CHECK_INT(read_text("{\"epoch\":1}"), -1);
	CHECK_INT(read_text("{\"owner\":\"here\"}"), -1);
}
