// SPDX-License-Identifier: GPL-2.0
/* Pass policy: when it cuts over, goes on, gives up. 1 MiB is 256 pages. */
#include <stdint.h>
#include <string.h>

#include "migrate/plan/policy.h"
#include "unit.h"

#define MS	UINT64_C(1000000)
#define MIB	256

static struct policy begin(uint32_t downtime_ms, uint32_t passes)
{
	struct policy_limits l = { .mode = POLICY_PRECOPY, .downtime_ms = downtime_ms, .passes = passes };
	struct policy p;

	policy_init(&p, &l);
	return p;
}

/* A pass that sends @mib over a link of @rate MiB/s, leaving @dirty pages. */
static enum policy_verdict pass(struct policy *p, uint64_t mib, uint64_t rate, uint64_t dirty)
{
	struct policy_pass one = {
		.pages = mib * MIB, .ns = mib * 1000 * MS / rate, .dirty = dirty,
	};

	return policy_after(p, &one);
}

TEST(idle_guest_cuts_over_after_the_bulk_pass)
{
	struct policy p = begin(300, 30);

	CHECK_INT(pass(&p, 512, 200, 40), POLICY_CUT);
	CHECK(p.forecast_ns < 300 * MS);
}

TEST(goes_on_while_too_much_is_left)
{
	struct policy p = begin(300, 30);

	/* 100 MiB at 200 MiB/s are 500 ms */
	CHECK_INT(pass(&p, 512, 200, 100 * MIB), POLICY_AGAIN);
	CHECK(p.forecast_ns > 500 * MS);
	CHECK_INT(pass(&p, 100, 200, 1 * MIB), POLICY_CUT);
}

TEST(makes_a_short_pass_more_where_it_pays)
{
	struct policy p = begin(300, 30);

	CHECK_INT(pass(&p, 512, 200, 20 * MIB), POLICY_AGAIN);
	CHECK(p.forecast_ns < 300 * MS);
	CHECK_INT(pass(&p, 20, 200, 5 * MIB), POLICY_AGAIN);
	/* That is enough, though 4 MiB are left. */
	CHECK_INT(pass(&p, 5, 200, 4 * MIB), POLICY_CUT);
}

/* 40 MiB fit, and are 8 % of the bulk pass; but most of them were written twice while they waited. */
TEST(makes_no_pass_more_for_a_hot_set)
{
	struct policy p = begin(300, 30);
	struct policy_pass bulk = {
		.pages = 512 * MIB, .skipped = 32 * MIB, .ns = 2560 * MS, .dirty = 40 * MIB,
	};

	CHECK_INT(policy_after(&p, &bulk), POLICY_CUT);
	CHECK(!policy_closing_pass(&p, 40 * MIB));
	p = begin(300, 30);
	bulk.skipped = 1 * MIB;
	CHECK_INT(policy_after(&p, &bulk), POLICY_AGAIN);
	CHECK(policy_closing_pass(&p, 40 * MIB));
}

/* After a hot set was sent in vain once, it is known without that. */
TEST(sends_a_hot_set_once_at_most)
{
	struct policy p = begin(300, 30);

	CHECK_INT(pass(&p, 512, 200, 40 * MIB), POLICY_AGAIN);
	CHECK_INT(pass(&p, 40, 200, 40 * MIB), POLICY_CUT);
	CHECK(!policy_closing_pass(&p, 40 * MIB));
}

TEST(waits_for_the_end_of_a_burst)
{
	struct policy p = begin(300, 30);

	CHECK_INT(pass(&p, 512, 200, 80 * MIB), POLICY_AGAIN);
	CHECK_INT(pass(&p, 80, 200, 4 * MIB), POLICY_AGAIN);
	/* It fits, and the guest writes as fast as the link sends; but less was left before. */
	CHECK_INT(pass(&p, 4, 200, 20 * MIB), POLICY_AGAIN);
	CHECK(p.forecast_ns < 300 * MS);
	CHECK_INT(pass(&p, 20, 200, 3 * MIB), POLICY_AGAIN);
	CHECK_INT(pass(&p, 3, 200, 1 * MIB), POLICY_CUT);
}

TEST(does_not_wait_for_ever)
{
	struct policy p = begin(300, 30);
	enum policy_verdict v = POLICY_AGAIN;
	int passes = 0;

	CHECK_INT(pass(&p, 512, 200, 80 * MIB), POLICY_AGAIN);
	CHECK_INT(pass(&p, 80, 200, 1 * MIB), POLICY_CUT);
	while (v == POLICY_AGAIN && passes < 100) {
		v = pass(&p, 40, 200, 40 * MIB);
		passes++;
	}
	CHECK_INT(v, POLICY_CUT);
	CHECK(passes <= 5);
}

TEST(does_not_wait_for_what_passes_cannot_change)
{
	struct policy p = begin(300, 30);

	/* 6 commands of 10 ms fit, 20 do not. */
	policy_overhead(&p, 5 * MS, 14 * MS, 5 * MS);
	CHECK(p.floor_ns < 300 * MS && p.overhead_ns > 300 * MS);
	CHECK_INT(pass(&p, 512, 200, 1 * MIB), POLICY_CUT);
	CHECK(policy_exceeds(&p));
	CHECK(policy_frozen(&p, 1 * MIB, 20 * MS));
	CHECK(policy_exceeds(&p));
	CHECK(!policy_frozen(&p, 20 * MIB, 20 * MS));
}

TEST(one_slow_write_keeps_no_zone_here_but_is_told)
{
	struct policy p = begin(300, 30);

	policy_overhead(&p, 1 * MS, 1 * MS, 4000 * MS);
	CHECK_INT(pass(&p, 512, 200, 0), POLICY_CUT);
	CHECK(policy_exceeds(&p));
}

TEST(a_forecast_within_the_budget_needs_no_warning)
{
	struct policy p = begin(300, 30);

	CHECK_INT(pass(&p, 512, 200, 40), POLICY_CUT);
	CHECK(!policy_exceeds(&p));
	CHECK(policy_frozen(&p, 40, 10 * MS));
	CHECK(!policy_exceeds(&p));
	/* Stopping took long: going on is still the shortest way, but not in silence. */
	CHECK(policy_frozen(&p, 40, 290 * MS));
	CHECK(policy_exceeds(&p));
}

TEST(what_is_sure_to_be_needed_must_fit)
{
	struct policy p = begin(300, 1);

	/* The floor is 260 ms and then 290 ms; 4 MiB take a little more than 20. */
	policy_overhead(&p, 5 * MS, 35 * MS, 100 * MS);
	CHECK_INT(pass(&p, 512, 200, 4 * MIB), POLICY_CUT);
	p = begin(300, 1);
	policy_overhead(&p, 5 * MS, 40 * MS, 100 * MS);
	CHECK_INT(pass(&p, 512, 200, 4 * MIB), POLICY_GIVE_UP);
}

/* Guests that dirty at a steady rate: the simulated passes must converge. */
TEST(converges_where_arithmetic_says_so)
{
	struct policy p = begin(300, 30);
	uint64_t mib = 512, rate = 200, dirty_rate = 50;
	enum policy_verdict v = POLICY_AGAIN;
	int passes = 0;

	while (v == POLICY_AGAIN) {
		uint64_t next = mib * dirty_rate / rate;

		v = pass(&p, mib ? mib : 1, rate, next * MIB);
		mib = next;
		passes++;
	}
	CHECK_INT(v, POLICY_CUT);
	CHECK(passes <= 5);
}

TEST(gives_up_when_the_guest_is_faster_than_the_link)
{
	struct policy p = begin(300, 5);
	enum policy_verdict v = POLICY_AGAIN;
	struct zkz_err why;
	int passes = 0;

	while (v == POLICY_AGAIN && passes < 100) {
		v = pass(&p, 256, 100, 256 * MIB);
		passes++;
	}
	CHECK_INT(v, POLICY_GIVE_UP);
	CHECK_INT(passes, 5);
	policy_why(&p, &why);
	CHECK_HAS(why.text, "After 5 passes");
	CHECK_HAS(why.text, "100 MiB/s");
}

static struct policy begin_auto(uint32_t downtime_ms, uint32_t passes)
{
	struct policy p = begin(downtime_ms, passes);

	p.limits.mode = POLICY_AUTO;
	return p;
}

TEST(fetches_what_a_guest_faster_than_the_link_leaves)
{
	struct policy p = begin_auto(300, 30);

	CHECK_INT(pass(&p, 256, 100, 256 * MIB), POLICY_FETCH);
	CHECK(p.fetch);
	/* The rest does not count. */
	CHECK(p.forecast_ns == p.overhead_ns);
	CHECK(policy_frozen(&p, 256 * MIB, 20 * MS));
	CHECK(p.forecast_ns == p.overhead_ns + 20 * MS);
}

TEST(a_hot_set_is_known_when_it_was_sent_twice)
{
	struct policy p = begin_auto(300, 30);

	/* 64 MiB of 512 look as if passes would help; of 64 they do not. */
	CHECK_INT(pass(&p, 512, 100, 64 * MIB), POLICY_AGAIN);
	CHECK_INT(pass(&p, 64, 100, 64 * MIB), POLICY_FETCH);
}

/* What was skipped is no less of a part of the pass than what was sent. */
TEST(skipped_pages_do_not_look_like_new_ones)
{
	struct policy p = begin_auto(300, 30);
	struct policy_pass one = {
		.pages = 100 * MIB, .skipped = 80 * MIB, .ns = 1000 * MS, .dirty = 100 * MIB,
	};

	CHECK_INT(policy_after(&p, &one), POLICY_AGAIN);
	one.skipped = 0;
	p = begin_auto(300, 30);
	CHECK_INT(policy_after(&p, &one), POLICY_FETCH);
}

TEST(copies_where_that_meets_the_budget)
{
	struct policy p = begin_auto(300, 30);

	CHECK_INT(pass(&p, 512, 200, 256 * MIB), POLICY_AGAIN);
	CHECK_INT(pass(&p, 256, 200, 128 * MIB), POLICY_AGAIN);
	CHECK_INT(pass(&p, 128, 200, 1 * MIB), POLICY_CUT);
	CHECK(!p.fetch);
}

TEST(fetches_when_the_passes_are_too_few)
{
	struct policy p = begin_auto(300, 3);

	/* Half of it each time: 512, 256, 128 and 64 MiB, where 55 would fit. */
	CHECK_INT(pass(&p, 512, 200, 256 * MIB), POLICY_FETCH);
	p = begin_auto(300, 4);
	CHECK_INT(pass(&p, 512, 200, 256 * MIB), POLICY_AGAIN);
}

TEST(hybrid_fetches_after_one_pass_whatever_is_left)
{
	struct policy p = begin(300, 30);

	p.limits.mode = POLICY_HYBRID;
	CHECK_INT(pass(&p, 512, 200, 0), POLICY_FETCH);
}

TEST(fetching_does_not_shorten_the_overhead)
{
	struct policy p = begin_auto(50, 30);

	policy_overhead(&p, 20 * MS, 10 * MS, 0);
	CHECK_INT(pass(&p, 512, 200, 512 * MIB), POLICY_GIVE_UP);
	p.limits.mode = POLICY_HYBRID;
	CHECK_INT(pass(&p, 512, 200, 512 * MIB), POLICY_GIVE_UP);
}

TEST(a_frozen_guest_that_was_too_quick_fetches)
{
	struct policy p = begin_auto(300, 30);

	CHECK_INT(pass(&p, 512, 200, 1 * MIB), POLICY_CUT);
	CHECK(policy_frozen(&p, 100 * MIB, 10 * MS));
	CHECK(p.fetch);
	CHECK(p.forecast_ns == p.overhead_ns + 10 * MS);
}

TEST(slows_writers_down_before_it_fetches)
{
	struct policy p = begin_auto(300, 30);

	p.limits.slowdown = 50;
	CHECK_INT(pass(&p, 256, 100, 256 * MIB), POLICY_AGAIN);
	CHECK(p.slow);
	/* Half as fast is slow enough ... */
	CHECK_INT(pass(&p, 256, 100, 120 * MIB), POLICY_AGAIN);
	CHECK(p.slow && !p.fetch);
	/* ... or it is not. */
	CHECK_INT(pass(&p, 120, 100, 119 * MIB), POLICY_FETCH);
}

TEST(slows_nobody_down_unasked_or_in_vain)
{
	struct policy p = begin(300, 2);
	struct zkz_err why;

	CHECK_INT(pass(&p, 256, 100, 256 * MIB), POLICY_AGAIN);
	CHECK(!p.slow);
	p = begin(300, 30);
	p.limits.slowdown = 50;
	CHECK_INT(pass(&p, 512, 100, 64 * MIB), POLICY_AGAIN);
	CHECK(!p.slow);
	p = begin(300, 1);
	p.limits.slowdown = 50;
	CHECK_INT(pass(&p, 256, 100, 256 * MIB), POLICY_GIVE_UP);
	CHECK(!p.slow);
	p = begin(300, 2);
	p.limits.slowdown = 50;
	CHECK_INT(pass(&p, 256, 100, 256 * MIB), POLICY_AGAIN);
	CHECK(p.slow);
	CHECK_INT(pass(&p, 256, 100, 256 * MIB), POLICY_GIVE_UP);
	policy_why(&p, &why);
	CHECK_HAS(why.text, "slowed down as it is");
}

TEST(modes_have_names)
{
	enum policy_mode m;

	for (m = POLICY_AUTO; m < POLICY_MODES; m++)
		CHECK_INT(policy_mode_parse(policy_mode_name(m)), m);
	CHECK_INT(policy_mode_parse("postcopy"), POLICY_MODES);
	CHECK(!policy_mode_name(POLICY_MODES));
}

TEST(gives_up_at_once_when_the_overhead_alone_is_too_much)
{
	struct policy p = begin(50, 30);
	struct zkz_err why;

	policy_overhead(&p, 20 * MS, 10 * MS, 0);
	CHECK_INT(pass(&p, 512, 200, 0), POLICY_GIVE_UP);
	policy_why(&p, &why);
	CHECK_HAS(why.text, "50 ms");
}

TEST(never_forecasts_without_a_rate)
{
	struct policy p = begin(300, 3);
	struct policy_pass none = { .dirty = 10 };

	CHECK_INT(policy_after(&p, &none), POLICY_AGAIN);
	CHECK(p.forecast_ns == UINT64_MAX);
}

TEST(small_passes_do_not_change_the_rate)
{
	struct policy p = begin(300, 30);
	struct policy_pass tiny = { .pages = 3, .ns = 1 * MS, .dirty = 10 };
	uint64_t rate;

	pass(&p, 512, 200, 200 * MIB);
	rate = p.send_rate;
	policy_after(&p, &tiny);
	CHECK_INT(p.send_rate, rate);
}

TEST(zero_pages_count_little)
{
	struct policy p = begin(300, 30);
	struct policy_pass bulk = { .pages = 100, .cheap = 100000, .ns = 1000 * MS, .dirty = 100000 };

	policy_after(&p, &bulk);
	CHECK(p.send_rate < 100 + 100000 / 32);
}

TEST(closing_pass_is_for_guests_that_write)
{
	struct policy p = begin(300, 2);

	CHECK_INT(pass(&p, 512, 200, 0), POLICY_CUT);
	CHECK(!policy_closing_pass(&p, 0));
	/* What counts is what the guest has written since. */
	CHECK(policy_closing_pass(&p, 1 * MIB));
	CHECK_INT(pass(&p, 512, 200, 1 * MIB), POLICY_CUT);
	CHECK(!policy_closing_pass(&p, 1 * MIB));
	p = begin(300, 2);
	CHECK_INT(pass(&p, 512, 200, 1 * MIB), POLICY_CUT);
	CHECK(policy_closing_pass(&p, 1 * MIB));
}

TEST(frozen_guest_is_let_go_if_it_does_not_fit)
{
	struct policy p = begin(300, 30);

	CHECK_INT(pass(&p, 512, 200, 1 * MIB), POLICY_CUT);
	CHECK(policy_frozen(&p, 10 * MIB, 10 * MS));
	CHECK(!policy_frozen(&p, 100 * MIB, 10 * MS));
	CHECK(!policy_frozen(&p, 10 * MIB, 290 * MS));
	CHECK(policy_thawed(&p));
}

TEST(absurd_numbers_do_not_overflow)
{
	struct policy p = begin(UINT32_MAX, 2);
	struct policy_pass big = {
		.pages = UINT64_MAX / 8, .ns = 1, .dirty = UINT64_MAX,
	};

	policy_after(&p, &big);
	big.pages = 1;
	big.ns = UINT64_MAX;
	policy_after(&p, &big);
	CHECK(p.send_rate > UINT64_MAX / 4);
}

TEST(short_stop_is_one_with_little_to_send)
{
	struct policy p = begin(300, 30);

	pass(&p, 100, 100, MIB);
	CHECK(policy_short_stop(&p));
	p = begin(10000, 30);
	pass(&p, 100, 100, 50 * MIB);
	CHECK(!policy_short_stop(&p));
	p = begin(300, 30);
	p.limits.mode = POLICY_HYBRID;
	CHECK_INT(pass(&p, 100, 100, 50 * MIB), POLICY_FETCH);
	CHECK(policy_short_stop(&p));
}

/* Else a user's budget of ten minutes would end after two. */
TEST(the_last_pass_may_take_as_long_as_the_budget)
{
	struct policy p = begin(600000, 30);

	CHECK_INT(policy_rest_ms(&p), 600000);
	p = begin(300, 30);
	CHECK_INT(policy_rest_ms(&p), 120000);
}

/* Keys protect a limited number of pages: a pass is not begun if the last one might not fit then. */
TEST(keys_limit_the_passes)
{
	struct policy p = begin(300, 30);
	struct zkz_err why;

	p.limits.pages = 1000 * MIB;
	CHECK_INT(pass(&p, 512, 200, 200 * MIB), POLICY_AGAIN);
	CHECK(!p.spent);
	CHECK_INT(pass(&p, 200, 200, 150 * MIB), POLICY_GIVE_UP);
	CHECK(p.spent);
	CHECK(!policy_thawed(&p));
	policy_why(&p, &why);
	CHECK(strstr(why.text, "keys"));
	/* what fits the budget is finished */
	p = begin(300, 30);
	p.limits.pages = 520 * MIB;
	CHECK_INT(pass(&p, 512, 200, 10 * MIB), POLICY_CUT);
	CHECK(!policy_closing_pass(&p, 10 * MIB));
	/* a fetch begins with new keys where it has to */
	p = begin(300, 30);
	p.limits.mode = POLICY_AUTO;
	p.limits.pages = 520 * MIB;
	CHECK_INT(pass(&p, 512, 200, 100 * MIB), POLICY_FETCH);
}
