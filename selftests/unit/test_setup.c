// SPDX-License-Identifier: GPL-2.0
/* The end of QEMU's setup. */
#include <string.h>

#include "qemu/setup.h"
#include "unit.h"

static const uint8_t mark[] = { 0x7e, 0, 0, 0, 2, 0x03, 0, 0, 0, 2 };

TEST(mark_is_found_in_the_middle)
{
	uint8_t buf[40] = { 0 };
	bool found;

	memcpy(buf + 13, mark, sizeof(mark));
	CHECK_INT(qemu_setup_end(buf, sizeof(buf), &found), 13);
	CHECK(found);
	CHECK_INT(qemu_setup_end(buf + 13, 10, &found), 0);
	CHECK(found);
}

TEST(what_may_become_the_mark_is_left_over)
{
	uint8_t buf[40] = { 0 };
	size_t len;
	bool found;

	memcpy(buf + 13, mark, sizeof(mark));
	for (len = 14; len < 13 + sizeof(mark); len++) {
		CHECK_INT(qemu_setup_end(buf, len, &found), 13);
		CHECK(!found);
	}
	CHECK_INT(qemu_setup_end(buf, 13, &found), 13);
	CHECK(!found);
}

TEST(other_sections_are_not_the_end)
{
	uint8_t buf[64] = { 0 };
	bool found;

	/* Another part of the same kind, then the end of another kind. */
	memcpy(buf + 3, mark, sizeof(mark));
	buf[8] = 0x02;
	memcpy(buf + 20, mark, sizeof(mark));
	buf[29] = 3;
	CHECK_INT(qemu_setup_end(buf, sizeof(buf), &found), sizeof(buf));
	CHECK(!found);
	/* Footers in a row hide nothing. */
	memset(buf + 40, 0x7e, 4);
	memcpy(buf + 44, mark, sizeof(mark));
	CHECK_INT(qemu_setup_end(buf, sizeof(buf), &found), 44);
	CHECK(found);
	CHECK_INT(qemu_setup_end(buf, 0, &found), 0);
	CHECK(!found);
}
