// SPDX-License-Identifier: GPL-2.0
/* Between which QEMUs a guest cannot go. */
#include <stdio.h>

#include "compat/traps.h"
#include "unit.h"

static struct zkz_err why;

static struct passport host(const char *qemu, unsigned int rx, unsigned int ctrl)
{
	struct passport p = { .machine = "pc-q35-7.2" };

	snprintf(p.qemu, sizeof(p.qemu), "%s", qemu);
	if (rx) {
		p.queue[0] = (struct passport_queue){ "net0", 0, rx };
		p.queue[1] = (struct passport_queue){ "net0", 2, ctrl };
		p.queues = 2;
	}
	return p;
}

static bool trapped(struct passport from, struct passport to)
{
	err_clear(&why);
	return traps_find(&from, &to, &why);
}

TEST(versions_are_numbers)
{
	CHECK_INT(traps_version("7.2.22"), 7002022);
	CHECK_INT(traps_version("11.1"), 11001000);
	CHECK_INT(traps_version("nonsense"), -1);
	CHECK(traps_version("10.0.2") < traps_version("10.0.13"));
}

/* As QEMU 7.2.22, 10.0.13 and 11.1.3 tell of the same device. */
TEST(large_queues_cannot_go_where_they_are_looked_at)
{
	NEED(trapped(host("10.0.13", 1024, 1024), host("11.1.3", 256, 64)));
	CHECK(err_is(&why, ERR_INCOMPATIBLE_QUEUES));
	CHECK_HAS(why.text, "device net0 has a queue of 1024 entries");
	CHECK_HAS(why.text, "10.0.3 to 11.0");
	CHECK_HAS(why.text, "QEMU 11.1.3");
	CHECK_HAS(why.text, "takes 256");
	CHECK_HAS(why.remedy, "boot it again on the target");
	CHECK(!trapped(host("10.0.13", 1024, 1024), host("10.0.13", 1024, 1024)));
	CHECK(!trapped(host("10.0.13", 1024, 1024), host("10.0.2", 256, 64)));
	CHECK(!trapped(host("10.0.13", 1024, 1024), host("7.2.22", 256, 64)));
}

/* What counts is what the guest has, not where it is: one that was booted elsewhere has small ones. */
TEST(small_queues_go_everywhere)
{
	CHECK(!trapped(host("10.0.13", 256, 64), host("11.1.3", 256, 64)));
	CHECK(!trapped(host("7.2.22", 256, 64), host("11.1.3", 256, 64)));
	CHECK(!trapped(host("11.1.3", 256, 64), host("11.1.3", 256, 64)));
	/* One that came back from where they are large. */
	CHECK(trapped(host("7.2.22", 256, 1024), host("11.1.3", 256, 64)));
}

/* The other host may be one of an older zkz. */
TEST(versions_count_where_queues_are_not_told)
{
	NEED(trapped(host("10.0.13", 0, 0), host("11.1.3", 256, 64)));
	CHECK(err_is(&why, ERR_INCOMPATIBLE_QUEUES_UNKNOWN));
	CHECK_HAS(why.text, "10.0.3 to 11.0");
	CHECK(!trapped(host("10.0.2", 0, 0), host("11.1.3", 256, 64)));
	CHECK(!trapped(host("7.2.22", 0, 0), host("11.1.3", 256, 64)));
	CHECK(!trapped(host("10.0.13", 0, 0), host("10.0.13", 0, 0)));
	/* The target's are what they were always. */
	CHECK(trapped(host("10.0.13", 1024, 1024), host("11.1.3", 0, 0)));
	CHECK(!trapped(host("10.0.13", 256, 64), host("11.1.3", 0, 0)));
}

TEST(only_what_was_tried_goes_back)
{
	CHECK(traps_way_back("10.0.13", "7.2.22"));
	CHECK(traps_way_back("11.1.0", "10.0.2"));
	CHECK(!traps_way_back("7.2.22", "10.0.13"));
	CHECK(!traps_way_back("12.0.0", "11.1.3"));
	CHECK(!traps_way_back("10.1.0", "7.2.22"));
	CHECK(!traps_way_back("", ""));
}
