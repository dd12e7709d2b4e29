// SPDX-License-Identifier: GPL-2.0
/* How many streams where the user does not say. */
#include <stdint.h>

#include "migrate/plan/width.h"
#include "unit.h"

static unsigned int of(uint32_t source, uint32_t target, uint32_t mbit, bool cipher)
{
	struct width_in in = { .source = source, .target = target, .mbit = mbit, .cipher = cipher };

	return width(&in);
}

TEST(small_hosts_get_one)
{
	CHECK_INT(of(1, 1, 0, false), 1);
	CHECK_INT(of(2, 2, 100000, true), 1);
	CHECK_INT(of(3, 64, 100000, true), 1);
}

TEST(a_target_that_does_not_tell_gets_one)
{
	CHECK_INT(of(64, 0, 100000, true), 1);
	CHECK_INT(of(0, 64, 100000, true), 1);
	CHECK_INT(of(0, 0, 0, false), 1);
}

TEST(half_of_the_smaller_host_is_left_alone)
{
	CHECK_INT(of(4, 64, 0, true), 2);
	CHECK_INT(of(64, 6, 0, true), 3);
	CHECK_INT(of(64, 64, 0, true), WIDTH_MOST);
	CHECK_INT(of(UINT32_MAX, UINT32_MAX, UINT32_MAX, true), WIDTH_MOST);
}

TEST(no_more_than_fill_the_link)
{
	CHECK_INT(of(64, 64, 1000, false), 1);
	CHECK_INT(of(64, 64, 1000, true), 1);
	CHECK_INT(of(64, 64, 10000, false), 1);
	CHECK_INT(of(64, 64, 10000, true), 2);
	CHECK_INT(of(64, 64, 25000, false), 3);
	CHECK_INT(of(64, 64, 25000, true), 5);
	CHECK_INT(of(4, 64, 25000, true), 2);
}

#define GIB	(UINT64_C(1) << 30)
#define LIMIT	(256 * GIB)

static unsigned int keyed(uint64_t memory, uint64_t limit)
{
	struct width_in in = {
		.source = 8, .target = 8, .mbit = 10000, .cipher = true, .memory = memory, .limit = limit,
	};

	return width(&in);
}

/* A key may protect 256 GiB: three times the memory is to fit. */
TEST(big_memories_get_more_keys)
{
	CHECK_INT(keyed(64 * GIB, LIMIT), 2);
	CHECK_INT(keyed(160 * GIB, LIMIT), 2);
	CHECK_INT(keyed(256 * GIB, LIMIT), 4);
	CHECK_INT(keyed(1024 * GIB, LIMIT), 13);
	CHECK_INT(keyed(4096 * GIB, LIMIT), 16);
	CHECK_INT(keyed(4096 * GIB, 0), 2);
}

TEST(fewest_streams_for_memory)
{
	CHECK_INT(width_least(0, LIMIT), 1);
	CHECK_INT(width_least(1 * GIB, 0), 1);
	CHECK_INT(width_least(250 * GIB, LIMIT), 1);
	/* headers need some of it */
	CHECK_INT(width_least(256 * GIB, LIMIT), 2);
	CHECK_INT(width_least(4096 * GIB, LIMIT), 17);
}

TEST(pages_that_keys_protect)
{
	CHECK_INT(width_pages(4, 0), 0);
	CHECK(width_pages(1, LIMIT) < 192 * GIB / 4096);
	CHECK(width_pages(1, LIMIT) > 180 * GIB / 4096);
	CHECK(width_pages(16, LIMIT) > 15 * width_pages(1, LIMIT));
}

TEST(says_what_it_went_by)
{
	struct width_in in = { .source = 4, .target = 8, .mbit = 25000 };
	char why[100];

	width_why(&in, why, sizeof(why));
	CHECK_STR(why, "processors: 4 here, 8 there; 25000 Mbit/s");
	in.target = in.mbit = 0;
	width_why(&in, why, sizeof(why));
	CHECK_STR(why, "processors: 4 here, unknown there; a link of unknown speed");
}
