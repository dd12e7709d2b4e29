// SPDX-License-Identifier: GPL-2.0
/* Comparing the clocks of two hosts. */
#include <stdint.h>

#include "migrate/figures/offset.h"
#include "unit.h"

#define BASE	INT64_C(1000000000000)

/* A ping that takes @out ns there and @back ns home; the target is @off ahead. */
static struct ping ping(int64_t at, int64_t off, int64_t out, int64_t back)
{
	struct ping p = { .t1 = BASE + at };

	p.t2 = p.t1 + out + off;
	p.t3 = p.t2 + 50;
	p.t4 = p.t3 - off + back;
	return p;
}

TEST(symmetric_ping_gives_the_offset)
{
	struct ping p = ping(0, 5000, 300, 300);
	struct offset o;

	offset_init(&o);
	CHECK(!offset_valid(&o));
	CHECK(offset_add(&o, &p));
	CHECK_INT(offset_mid(&o), 5000);
	CHECK_INT(offset_bound(&o), 300);
	CHECK_INT(o.rtt, 600);
}

TEST(truth_lies_within_the_bound)
{
	static const int64_t ways[][2] = { { 900, 100 }, { 100, 2000 }, { 400, 350 }, { 3000, 90 } };
	struct offset o;
	unsigned int i;

	offset_init(&o);
	for (i = 0; i < 4; i++) {
		struct ping p = ping(i * 10000, -777000, ways[i][0], ways[i][1]);

		CHECK(offset_add(&o, &p));
		CHECK(o.low <= -777000 && o.high >= -777000);
	}
	/* The best of both ways, not the best ping. */
	CHECK_INT(o.high - o.low, 100 + 90);
	CHECK_INT(o.pings, 4);
}

TEST(nonsense_is_not_counted)
{
	struct ping back = ping(0, 0, 300, 300), neg = back, late = back;
	struct offset o;

	offset_init(&o);
	back.t4 = back.t1 - 1;
	neg.t2 = -5;
	late.t3 = late.t2 + 100000;	/* took longer there than the whole trip */
	CHECK(!offset_add(&o, &back));
	CHECK(!offset_add(&o, &neg));
	CHECK(!offset_add(&o, &late));
	CHECK(!offset_valid(&o));
}

TEST(clock_that_was_set_starts_again)
{
	struct ping a = ping(0, 0, 300, 300), b = ping(1000, 900000, 300, 300);
	struct offset o;

	offset_init(&o);
	offset_add(&o, &a);
	offset_add(&o, &b);
	CHECK_INT(o.pings, 1);
	CHECK_INT(offset_mid(&o), 900000);
}

TEST(drift_is_interpolated)
{
	struct ping a = ping(0, 1000, 100, 100), b = ping(10000000, 3000, 300, 300);
	struct offset before, after, o;

	offset_init(&before);
	offset_init(&after);
	offset_add(&before, &a);
	offset_add(&after, &b);
	o = offset_at(&before, &after, before.until);
	CHECK(offset_mid(&o) >= 999 && offset_mid(&o) <= 1001);
	CHECK(offset_bound(&o) >= 99 && offset_bound(&o) <= 101);
	o = offset_at(&before, &after, BASE + 5000000);
	CHECK(offset_mid(&o) >= 1998 && offset_mid(&o) <= 2002);
	CHECK(offset_bound(&o) >= 198 && offset_bound(&o) <= 202);
	/* Nothing is known about later than the last ping. */
	o = offset_at(&before, &after, BASE + 50000000);
	CHECK_INT(offset_mid(&o), 3000);
	CHECK_INT(offset_bound(&o), 300);
}

TEST(one_measurement_is_enough)
{
	struct ping a = ping(0, 1000, 100, 100);
	struct offset one, none, o;

	offset_init(&one);
	offset_init(&none);
	offset_add(&one, &a);
	o = offset_at(&one, &none, BASE + 1000);
	CHECK_INT(offset_mid(&o), 1000);
	o = offset_at(&none, &one, BASE + 1000);
	CHECK_INT(offset_mid(&o), 1000);
	o = offset_at(&none, &none, BASE + 1000);
	CHECK(!offset_valid(&o));
}

TEST(clock_that_was_set_between_leaves_both_possible)
{
	struct ping a = ping(0, 1000, 100, 100), b = ping(10000000, 900000, 100, 100);
	struct offset before, after, o;

	offset_init(&before);
	offset_init(&after);
	offset_add(&before, &a);
	offset_add(&after, &b);
	o = offset_at(&before, &after, BASE + 5000000);
	CHECK_INT(o.low, 900);
	CHECK_INT(o.high, 900100);
}
