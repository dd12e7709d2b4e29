// SPDX-License-Identifier: GPL-2.0
/* Which version of the control channel two hosts speak. */
#include "unit.h"
#include "wire/protocol.h"

static long long pick(const char *hello, long long *newest)
{
	json_t *obj = json_loads(hello, 0, NULL);
	long long version;

	CHECK(obj);
	version = protocol_pick(obj);
	*newest = protocol_newest(obj);
	json_decref(obj);
	return version;
}

/* A host that speaks from @oldest to @newest, or that has no ranges, if @newest is 0 */
static long long with(long long oldest, long long newest)
{
	json_t *obj = json_pack("{s:I}", "protocol", (json_int_t)oldest);
	long long version;

	if (newest)
		json_object_set_new(obj, "newest", json_integer(newest));
	version = protocol_pick(obj);
	json_decref(obj);
	return version;
}

TEST(two_of_the_same_release_speak_its_newest)
{
	json_t *hello = json_object();

	protocol_tell(hello);
	CHECK_INT(protocol_pick(hello), PROTOCOL_NEWEST);
	CHECK_INT(protocol_newest(hello), PROTOCOL_NEWEST);
	json_decref(hello);
}

TEST(the_newest_that_both_speak_is_picked)
{
	CHECK_INT(with(PROTOCOL_NEWEST, PROTOCOL_NEWEST + 1), PROTOCOL_NEWEST);
	CHECK_INT(with(PROTOCOL_OLDEST, PROTOCOL_NEWEST + 100), PROTOCOL_NEWEST);
	CHECK_INT(with(1, PROTOCOL_OLDEST), PROTOCOL_OLDEST);
	CHECK_INT(with(PROTOCOL_NEWEST, 0), PROTOCOL_NEWEST);
	CHECK_INT(with(PROTOCOL_OLDEST, 0), PROTOCOL_OLDEST);
}

TEST(too_far_apart_is_refused)
{
	CHECK_INT(with(PROTOCOL_NEWEST + 1, PROTOCOL_NEWEST + 2), 0);
	CHECK_INT(with(PROTOCOL_NEWEST + 1, 0), 0);
	CHECK_INT(with(1, PROTOCOL_OLDEST - 1), 0);
	CHECK_INT(with(PROTOCOL_OLDEST - 1, 0), 0);
}

TEST(nonsense_is_refused)
{
	long long newest;

	CHECK_INT(pick("{}", &newest), 0);
	CHECK_INT(newest, 0);
	CHECK_INT(pick("{\"protocol\": \"8\", \"newest\": 8}", &newest), 0);
	CHECK_INT(pick("{\"protocol\": -1, \"newest\": 8}", &newest), 0);
	/* A range that is none is the version that it begins with. */
	CHECK_INT(pick("{\"protocol\": 1000, \"newest\": 8}", &newest), 0);
	CHECK_INT(newest, 1000);
}

/* Sources of the first release had no choice and told none. */
TEST(a_target_checks_what_was_picked)
{
	json_t *request = json_object();

	CHECK_INT(protocol_picked(request), PROTOCOL_UNTOLD >= PROTOCOL_OLDEST ? PROTOCOL_UNTOLD : 0);
	json_object_set_new(request, "protocol", json_integer(PROTOCOL_NEWEST));
	CHECK_INT(protocol_picked(request), PROTOCOL_NEWEST);
	json_object_set_new(request, "protocol", json_integer(PROTOCOL_NEWEST + 1));
	CHECK_INT(protocol_picked(request), 0);
	json_object_set_new(request, "protocol", json_integer(PROTOCOL_OLDEST - 1));
	CHECK_INT(protocol_picked(request), 0);
	json_object_set_new(request, "protocol", json_integer(0));
	CHECK_INT(protocol_picked(request), 0);
	json_decref(request);
}
