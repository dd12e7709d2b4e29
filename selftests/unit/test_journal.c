// SPDX-License-Identifier: GPL-2.0
/* What the target answers after a migration that broke off. */
#include <stdio.h>

#include "lib/id.h"
#include "migrate/commit/journal.h"
#include "unit.h"

static const char id[] = "00112233445566778899aabbccddeeff";
static const char other[] = "ffeeddccbbaa99887766554433221100";

static struct zone_owner owner(enum zone_owner_kind kind, const char *migration)
{
	struct zone_owner o = { .kind = kind, .epoch = 3 };

	snprintf(o.migration, sizeof(o.migration), "%s", migration);
	return o;
}

TEST(journal_is_final)
{
	struct zone_owner here = owner(OWNER_HERE, id), gone = owner(OWNER_NONE, "");

	/* The zone may have been deleted, or moved on, since. */
	CHECK_INT(journal_decide(OUTCOME_OWNED, &gone, id), OUTCOME_OWNED);
	CHECK_INT(journal_decide(OUTCOME_REFUSED, &here, id), OUTCOME_REFUSED);
}

TEST(owner_file_decides_after_a_crash)
{
	struct zone_owner o = owner(OWNER_HERE, id);

	CHECK_INT(journal_decide(OUTCOME_NONE, &o, id), OUTCOME_OWNED);
}

TEST(everything_else_is_refused)
{
	static const enum zone_owner_kind kinds[] = {
		OWNER_NONE, OWNER_ELSEWHERE, OWNER_INCOMING, OWNER_IN_DOUBT,
	};
	struct zone_owner o;
	unsigned int i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		o = owner(kinds[i], id);
		CHECK_INT(journal_decide(OUTCOME_NONE, &o, id), OUTCOME_REFUSED);
	}
	o = owner(OWNER_HERE, other);
	CHECK_INT(journal_decide(OUTCOME_NONE, &o, id), OUTCOME_REFUSED);
}

TEST(ids_cannot_be_paths)
{
	char made[40];

	CHECK(id_ok(id));
	CHECK(!id_ok(NULL));
	CHECK(!id_ok(""));
	CHECK(!id_ok("../../../../../../etc/passwd0000"));
	CHECK(!id_ok("00112233445566778899AABBCCDDEEFF"));
	CHECK(!id_ok("00112233445566778899aabbccddeeff0"));
	NEED(!id_new(made, NULL));
	CHECK(id_ok(made));
}

TEST(outcomes_have_texts)
{
	CHECK_INT(outcome_parse(outcome_text(OUTCOME_OWNED)), OUTCOME_OWNED);
	CHECK_INT(outcome_parse(outcome_text(OUTCOME_REFUSED)), OUTCOME_REFUSED);
	CHECK_INT(outcome_parse("none"), OUTCOME_NONE);
	CHECK_INT(outcome_parse("perhaps"), OUTCOME_NONE);
	CHECK_INT(outcome_parse(NULL), OUTCOME_NONE);
}
