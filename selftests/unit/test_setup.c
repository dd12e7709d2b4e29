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

/* As QEMU 11.1.3 sends it with pc-q35-11.1, and 10.0.13 with pc-q35-10.0. */
static const uint8_t switchover[] = {
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10,
	0x7e, 0x00, 0x00, 0x00, 0x02, 0x08, 0x00, 0x0b, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x02,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x7e, 0x00, 0x00, 0x00, 0x02,
};

TEST(a_command_may_stand_in_the_mark)
{
	size_t len;
	bool found;

	CHECK_INT(qemu_setup_end(switchover, sizeof(switchover), &found), 13);
	CHECK(found);
	for (len = 14; len < 13 + QEMU_SETUP_MARK_MAX; len++) {
		CHECK_INT(qemu_setup_end(switchover, len, &found), 13);
		CHECK(!found);
	}
	CHECK_INT(qemu_setup_end(switchover, len, &found), 13);
	CHECK(found);
}

TEST(no_other_command_is_part_of_the_mark)
{
	uint8_t buf[sizeof(switchover)];
	size_t i;
	bool found;

	/* Another command, one with data, another section, the same of another kind. */
	for (i = 19; i < 13 + QEMU_SETUP_MARK_MAX; i++) {
		memcpy(buf, switchover, sizeof(buf));
		buf[i] ^= 0x40;
		qemu_setup_end(buf, sizeof(buf), &found);
		CHECK(!found);
	}
	/* Twice the command. */
	memcpy(buf, switchover, sizeof(buf));
	memcpy(buf + 23, switchover + 18, 5);
	qemu_setup_end(buf, sizeof(buf), &found);
	CHECK(!found);
}

TEST(parts_follow_what_names_the_memory)
{
	uint8_t buf[64] = { 0 };
	size_t len;
	bool found;

	memcpy(buf + 3, mark, sizeof(mark));
	buf[8] = 0x02;
	memcpy(buf + 20, mark, sizeof(mark));
	CHECK_INT(qemu_setup_begun(buf, sizeof(buf), &found), 3);
	CHECK(found);
	for (len = 4; len < 3 + sizeof(mark); len++) {
		CHECK_INT(qemu_setup_begun(buf, len, &found), 3);
		CHECK(!found);
	}
	/* Without any, what comes last does. */
	CHECK_INT(qemu_setup_begun(buf + 5, sizeof(buf) - 5, &found), 15);
	CHECK(found);
	/* Of another section. */
	buf[12] = 3;
	CHECK_INT(qemu_setup_begun(buf, sizeof(buf), &found), 20);
	CHECK(found);
	CHECK_INT(qemu_setup_begun(switchover, sizeof(switchover), &found), 13);
	CHECK(found);
}
