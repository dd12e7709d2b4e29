// SPDX-License-Identifier: GPL-2.0
/* Has a host the memory for a zone that is about to come? */
#include "compat/room.h"
#include "unit.h"

#define MiB (UINT64_C(1) << 20)

static struct zkz_err why;

TEST(room_is_what_nobody_was_promised)
{
	struct room r = { .available = 1000 * MiB, .limit = 5000 * MiB, .promised = 700 * MiB };

	CHECK(!room_decide(&r, 300 * MiB, &why));
	NEED(room_decide(&r, 301 * MiB, &why));
	CHECK_INT(why.id, ERR_TARGET_NO_ROOM);
	CHECK_HAS(why.text, "needs 301 MiB");
	CHECK_HAS(why.text, "300 MiB for it");
	CHECK_HAS(why.text, "700 MiB were promised");
	CHECK(why.remedy[0]);
}

TEST(the_limit_of_zone_memory_counts)
{
	struct room r = { .available = 1000 * MiB, .limit = 200 * MiB };

	CHECK(!room_decide(&r, 200 * MiB, &why));
	NEED(room_decide(&r, 256 * MiB, &why));
	CHECK_HAS(why.text, "limit");
}

TEST(more_was_promised_than_there_is)
{
	struct room r = { .available = 10 * MiB, .limit = 1000 * MiB, .promised = UINT64_MAX };

	NEED(room_decide(&r, 64 * MiB, &why));
	CHECK_HAS(why.text, "0 MiB for it");
}
