// SPDX-License-Identifier: GPL-2.0
/* Zones keep their keeper when zkz is upgraded or downgraded: what keepers of other versions say and write. */
#include "lib/errjson.h"
#include "unit.h"
#include "zone/keeper.h"
#include "zone/owner.h"
#include "zone/state.h"

static json_t *parsed(const char *text)
{
	json_t *obj = json_loads(text, 0, NULL);

	CHECK(obj);
	return obj;
}

TEST(an_operation_that_is_not_known_is_an_older_keeper)
{
	struct zkz_err why = { 0 }, err = { 0 };

	err_keeper_operation(&why, "replace");
	CHECK_INT(keeper_heard("web1", "replace", err_to_json(&why), NULL, &err), -1);
	CHECK(err_is(&err, ERR_KEEPER_OLD));
	CHECK_STR(err.text, "The keeper of zone web1 is of an older zkz, which does not know 'replace'");
	CHECK_HAS(err.remedy, "Move the zone");
	/* Who does not care, need not. */
	CHECK_INT(keeper_heard("web1", "replace", err_to_json(&why), NULL, NULL), -1);
}

TEST(other_failures_are_what_they_are)
{
	struct zkz_err why = { 0 }, err = { 0 };
	json_t *ret = NULL;

	err_zone_no_guest(&why, "web1");
	CHECK_INT(keeper_heard("web1", "shutdown", err_to_json(&why), &ret, &err), -1);
	CHECK(err_is(&err, ERR_ZONE_NO_GUEST));
	CHECK_INT(keeper_heard("web1", "shutdown", NULL, &ret, &err), -1);
	CHECK(err_is(&err, ERR_KEEPER));
	/* One whose id only a newer keeper knows has its words with it. */
	CHECK_INT(keeper_heard("web1", "shutdown",
			       parsed("{\"type\": \"error\", \"code\": \"GUEST_ASLEEP\", \"text\": \"It sleeps\","
				      " \"remedy\": \"Wake it.\"}"), &ret, &err), -1);
	CHECK_STR(err.text, "It sleeps");
	CHECK_STR(err.remedy, "Wake it.");
	CHECK(!ret);
}

TEST(an_answer_may_say_more_than_is_known)
{
	struct zkz_err err = { 0 };
	json_t *ret = NULL;

	CHECK_INT(keeper_heard("web1", "status", parsed("{\"type\": \"result\", \"mood\": \"good\"}"), &ret, &err), 0);
	CHECK(ret);
	json_decref(ret);
}

static int read_status(const char *text, struct zone_status *st)
{
	json_t *obj = parsed(text);
	int rc = zone_status_from_json(obj, st);

	json_decref(obj);
	return rc;
}

TEST(the_state_of_a_newer_keeper_can_be_read)
{
	struct zone_status st = { 0 };

	CHECK_INT(read_status("{\"state\": \"running\", \"aux\": \"dreaming\", \"keeper\": 7, \"id\": 3}", &st), 0);
	CHECK_INT(st.state, ZONE_RUNNING);
	CHECK_INT(st.aux, AUX_NONE);
	CHECK_INT(st.keeper, 7);
	CHECK_INT(st.id, 3);
	CHECK_INT(read_status("{\"state\": \"elated\", \"aux\": \"paused\", \"why\": \"no space\"}", &st), 0);
	CHECK_INT(st.state, ZONE_RUNNING);
	CHECK_INT(st.aux, AUX_PAUSED);
	CHECK_STR(st.why, "no space");
	CHECK_INT(read_status("{\"keeper\": 7}", &st), -1);
	CHECK_INT(read_status("{\"state\": 1, \"aux\": \"\"}", &st), -1);
}

/* Whose a zone is, is never guessed. */
TEST(the_owner_of_a_newer_zkz_is_unknown)
{
	json_t *more = parsed("{\"epoch\": 3, \"owner\": \"here\", \"since\": 5}");
	json_t *other = parsed("{\"epoch\": 3, \"owner\": \"shared\"}");
	struct zone_owner o;

	CHECK_INT(zone_owner_from_json(more, &o), 0);
	CHECK_INT(o.kind, OWNER_HERE);
	CHECK_INT(zone_owner_from_json(other, &o), -1);
	json_decref(more);
	json_decref(other);
}
