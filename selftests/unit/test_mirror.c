// SPDX-License-Identifier: GPL-2.0
/* What QEMU says of the jobs that copy disks. */
#include <string.h>

#include "qemu/mirror.h"
#include "unit.h"

static const char *why(const char *text, const char *name)
{
	static char said[200];
	struct qmp_event ev;
	const char *found;

	CHECK_INT(qmp_event_parse(json_loads(text, 0, NULL), &ev), 0);
	found = mirror_why(&ev, name);
	if (found)
		snprintf(said, sizeof(said), "%s", found);
	qmp_event_clear(&ev);
	return found ? said : NULL;
}

#define EVENT(name, data)	\
	"{\"event\": \"" name "\", \"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, \"data\": " data "}"

TEST(what_ends_a_copy)
{
	CHECK_STR(why(EVENT("BLOCK_JOB_COMPLETED", "{\"device\": \"mirror-a-1\", \"error\": \"No room\"}"),
		      "mirror-a-1"), "No room");
	CHECK_STR(why(EVENT("BLOCK_JOB_CANCELLED", "{\"device\": \"mirror-a-1\"}"), "mirror-a-1"), "");
	CHECK_STR(why(EVENT("BLOCK_JOB_ERROR", "{\"device\": \"mirror-a-1\", \"action\": \"report\"}"), "mirror-a-1"), "");
}

TEST(what_does_not)
{
	CHECK(!why(EVENT("BLOCK_JOB_ERROR", "{\"device\": \"mirror-a-10\"}"), "mirror-a-1"));
	CHECK(!why(EVENT("BLOCK_JOB_READY", "{\"device\": \"mirror-a-1\"}"), "mirror-a-1"));
	CHECK(!why(EVENT("JOB_STATUS_CHANGE", "{\"id\": \"mirror-a-1\", \"status\": \"null\"}"), "mirror-a-1"));
	CHECK(!why(EVENT("STOP", "{}"), "mirror-a-1"));
}

/* A job's name becomes that of a node, which has 31 letters at most. */
TEST(names_are_short)
{
	char name[MIRROR_NAME];

	CHECK_STR(mirror_name("0123456789abcdef0123456789abcdef", 15, name), "mirror-0123456789-15");
}
