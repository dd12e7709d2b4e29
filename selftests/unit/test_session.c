// SPDX-License-Identifier: GPL-2.0
/* What the module tells of a fetch, summed up for people. */
#include "kernel/session.h"
#include "unit.h"

TEST(nobody_waited)
{
	struct session_info info = { .id = 1 };

	CHECK_INT(session_latency(&info, 50), 0);
	CHECK_INT(session_latency(&info, 99), 0);
}

TEST(latency_is_the_upper_end_of_a_bucket)
{
	struct session_info info = { .latency = { [3] = 1 } };

	CHECK_INT(session_latency(&info, 50), 16);
	CHECK_INT(session_latency(&info, 99), 16);
}

TEST(few_slow_waits_do_not_move_the_median)
{
	struct session_info info = { .latency = { [8] = 98, [14] = 2 } };

	CHECK_INT(session_latency(&info, 50), 512);
	CHECK_INT(session_latency(&info, 98), 512);
	CHECK_INT(session_latency(&info, 99), 32768);
}

TEST(half_of_them)
{
	struct session_info info = { .latency = { [0] = 5, [SESSION_BUCKETS - 1] = 5 } };

	CHECK_INT(session_latency(&info, 50), 2);
	CHECK_INT(session_latency(&info, 51), UINT64_C(1) << SESSION_BUCKETS);
}
