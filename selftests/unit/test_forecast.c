// SPDX-License-Identifier: GPL-2.0
/* What a dry run says: the policy, with passes made up from two rates. 1 MiB is 256 pages. */
#include "migrate/plan/forecast.h"
#include "unit.h"

#define MIB	UINT64_C(256)
#define MS	UINT64_C(1000000)

static struct forecast play(enum policy_mode mode, uint64_t mib, uint64_t dirty, uint64_t send)
{
	struct forecast_in in = {
		.limits = { .mode = mode, .downtime_ms = 300, .passes = 30 },
		.pages = mib * MIB, .dirty_rate = dirty * MIB, .send_rate = send * MIB,
	};
	struct forecast f;

	forecast(&in, &f);
	return f;
}

TEST(idle_guest_takes_one_pass)
{
	struct forecast f = play(POLICY_AUTO, 512, 0, 128);

	CHECK_INT(f.verdict, POLICY_CUT);
	CHECK_INT(f.passes, 1);
	CHECK(f.passes_ns == 4000 * MS);
	CHECK(f.downtime_ns < 100 * MS);
	CHECK_STR(forecast_verdict_name(f.verdict), "precopy");
}

TEST(a_busy_guest_takes_several)
{
	struct forecast f = play(POLICY_AUTO, 512, 32, 128);

	/* 512, 128, 32 MiB; 8 are left. */
	CHECK_INT(f.verdict, POLICY_CUT);
	CHECK(f.passes >= 3 && f.passes <= 5);
	CHECK(f.passes_ns > 5000 * MS && f.passes_ns < 5500 * MS);
	CHECK_INT(f.rest, 0);
}

TEST(a_guest_faster_than_the_link_is_fetched)
{
	struct forecast f = play(POLICY_AUTO, 512, 200, 128);

	CHECK_INT(f.verdict, POLICY_FETCH);
	CHECK_INT(f.passes, 1);
	/* Not more than there is. */
	CHECK(f.rest == 512 * MIB);
	CHECK(f.rest_ns == 4000 * MS);
	CHECK(f.downtime_ns < 100 * MS);
	CHECK_STR(forecast_verdict_name(f.verdict), "hybrid");
}

TEST(a_guest_that_may_be_slowed_down_is_copied)
{
	struct forecast_in in = {
		.limits = { .mode = POLICY_AUTO, .downtime_ms = 300, .passes = 30, .slowdown = 75 },
		.pages = 512 * MIB, .dirty_rate = 200 * MIB, .send_rate = 128 * MIB,
	};
	struct forecast f;

	forecast(&in, &f);
	CHECK_INT(f.verdict, POLICY_CUT);
	CHECK(f.passes >= 5);
	in.limits.slowdown = 5;
	forecast(&in, &f);
	CHECK_INT(f.verdict, POLICY_FETCH);
	CHECK_INT(f.passes, 2);
}

TEST(or_given_up_where_that_is_forbidden)
{
	struct forecast f = play(POLICY_PRECOPY, 512, 200, 128);

	CHECK_INT(f.verdict, POLICY_GIVE_UP);
	CHECK_HAS(f.why.text, "the link carries 128 MiB/s");
	CHECK_STR(forecast_verdict_name(f.verdict), "refused");
}

TEST(absurd_numbers_end)
{
	struct forecast f = play(POLICY_PRECOPY, 1, UINT64_MAX / MIB, 0);

	CHECK_INT(f.verdict, POLICY_GIVE_UP);
	f = play(POLICY_AUTO, UINT64_MAX / MIB, UINT64_MAX / MIB, UINT64_MAX / MIB);
	CHECK(f.verdict != POLICY_AGAIN);
	f = play(POLICY_AUTO, 0, 0, 0);
	CHECK(f.verdict != POLICY_AGAIN);
}
