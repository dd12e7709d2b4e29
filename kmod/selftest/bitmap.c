// SPDX-License-Identifier: GPL-2.0
#include "selftest.h"
#include "../bitmap.h"

#include <linux/bitmap.h>
#include <linux/init.h>
#include <linux/printk.h>
#include <linux/string.h>

#define LONGS	8
#define BITS	(LONGS * BITS_PER_LONG)

#define CHECK(what)								\
	do {									\
		if (!(what)) {							\
			pr_err("zkz: self-test of bitmaps: not true: " #what "\n");	\
			return false;						\
		}								\
	} while (0)

static unsigned long map[LONGS] __initdata, other[LONGS] __initdata;

static bool __init test_set(void)
{
	CHECK(!zkz_bitmap_any(map, LONGS));
	CHECK(zkz_bitmap_set(map, 0, 1) == 1);
	CHECK(zkz_bitmap_set(map, 0, 1) == 0);
	CHECK(zkz_bitmap_set(map, 60, 10) == 10);
	CHECK(zkz_bitmap_set(map, 64, 64) == 58);
	CHECK(zkz_bitmap_set(map, BITS - 1, 1) == 1);
	CHECK(zkz_bitmap_set(map, 0, 0) == 0);
	CHECK(zkz_bitmap_any(map, LONGS));
	CHECK(bitmap_weight(map, BITS) == 70);
	CHECK(test_bit(60, map) && test_bit(127, map) && !test_bit(59, map) && !test_bit(128, map));
	return true;
}

static bool __init test_take_put(void)
{
	memset(other, 0xff, sizeof(other));
	CHECK(zkz_bitmap_take(map, other, LONGS) == 70);
	CHECK(!zkz_bitmap_any(map, LONGS));
	CHECK(bitmap_weight(other, BITS) == 70);
	CHECK(zkz_bitmap_set(map, 61, 4) == 4);
	CHECK(zkz_bitmap_put(map, other, LONGS) == 66);
	CHECK(bitmap_equal(map, other, BITS));
	CHECK(zkz_bitmap_set(map, 0, BITS) == BITS - 70);
	CHECK(zkz_bitmap_take(map, other, LONGS) == BITS);
	CHECK(zkz_bitmap_take(map, other, LONGS) == 0);
	return true;
}

static bool __init test_drop(void)
{
	memset(other, 0, sizeof(other));
	CHECK(zkz_bitmap_set(map, 62, 4) == 4);
	CHECK(zkz_bitmap_drop(map, other, LONGS) == 0);
	other[0] = ~0UL;
	CHECK(zkz_bitmap_drop(map, other, LONGS) == 2);
	CHECK(bitmap_weight(map, BITS) == 2 && test_bit(64, map) && test_bit(65, map));
	CHECK(other[0] == ~0UL);
	other[1] = 3;
	CHECK(zkz_bitmap_drop(map, other, LONGS) == 2);
	CHECK(!zkz_bitmap_any(map, LONGS));
	return true;
}

static bool __init test_run(void)
{
	unsigned long start = 0, end = 0;

	CHECK(!zkz_bitmap_run(map, BITS, 0, &start, &end));
	zkz_bitmap_set(map, 10, 2);
	zkz_bitmap_set(map, 15, 1);
	zkz_bitmap_set(map, BITS - 1, 1);
	start = 0;
	CHECK(zkz_bitmap_run(map, BITS, 2, &start, &end) && start == 10 && end == 12);
	start = end;
	CHECK(zkz_bitmap_run(map, BITS, 2, &start, &end) && start == 15 && end == 16);
	start = end;
	CHECK(zkz_bitmap_run(map, BITS, 2, &start, &end) && start == BITS - 1 && end == BITS);
	start = end;
	CHECK(!zkz_bitmap_run(map, BITS, 2, &start, &end));
	start = 0;
	CHECK(zkz_bitmap_run(map, BITS, 3, &start, &end) && start == 10 && end == 16);
	start = 0;
	CHECK(zkz_bitmap_run(map, BITS, BITS, &start, &end) && start == 10 && end == BITS);
	return true;
}

bool __init zkz_selftest_bitmap(void)
{
	return test_set() && test_take_put() && test_drop() && test_run();
}
