// SPDX-License-Identifier: GPL-2.0
#include "selftest.h"
#include "../brake.h"

#include <linux/init.h>
#include <linux/printk.h>
#include <linux/time64.h>

#define CHECK(what)								\
	do {									\
		if (!(what)) {							\
			pr_err("zkz: self-test of the brake: not true: " #what "\n");	\
			return false;						\
		}								\
	} while (0)

static struct zkz_brake brake __initdata;

/* Let thread @who write all the time for @ns, each write taking 10 us. Returns how long it waited. */
static u64 __init write_for(unsigned int who, u64 *now, u64 ns)
{
	u64 end = *now + ns, waited = 0;

	while (*now < end) {
		u64 wait = zkz_brake_turn(&brake, who, *now);

		waited += wait;
		*now += wait + 10 * NSEC_PER_USEC;
	}
	return waited;
}

static bool __init test_budget(void)
{
	u64 now = NSEC_PER_SEC, waited;

	CHECK(!write_for(1, &now, 10 * NSEC_PER_MSEC));
	zkz_brake_set(&brake, 50, now);
	waited = write_for(1, &now, 100 * NSEC_PER_MSEC);
	CHECK(waited > 48 * NSEC_PER_MSEC && waited < 53 * NSEC_PER_MSEC);
	CHECK(atomic64_read(&brake.total) == waited);
	/* Who has not written for long has not saved it all for one time. */
	now += NSEC_PER_SEC;
	waited = write_for(1, &now, 100 * NSEC_PER_MSEC);
	CHECK(waited > 65 * NSEC_PER_MSEC && waited < 75 * NSEC_PER_MSEC);
	/* Another thread has a budget of its own, but one of the same slot has not. */
	CHECK(zkz_brake_turn(&brake, 2, now) > 0);
	CHECK(zkz_brake_turn(&brake, 1 + ZKZ_BRAKE_SLOTS, now) < NSEC_PER_MSEC);
	return true;
}

static bool __init test_release(void)
{
	u64 now = 100 * NSEC_PER_SEC, waited;

	zkz_brake_set(&brake, 0, now);
	CHECK(!write_for(1, &now, 100 * NSEC_PER_MSEC));
	zkz_brake_set(&brake, 10, now);
	waited = write_for(1, &now, 100 * NSEC_PER_MSEC);
	CHECK(waited > 9 * NSEC_PER_MSEC && waited < 12 * NSEC_PER_MSEC);
	return true;
}

bool __init zkz_selftest_brake(void)
{
	return test_budget() && test_release();
}
