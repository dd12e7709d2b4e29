// SPDX-License-Identifier: GPL-2.0
/* A migration that another client tells to end: how its worker hears of that, and what becomes of it. */
#include <sys/socket.h>
#include <unistd.h>

#include "migrate/source/abort.c"
#include "unit.h"
#include "wire/channel.h"
#include "zkzd/abort.c"

bool transfer_fetching(const char *zone, uint64_t *missing)
{
	(void)zone;
	(void)missing;
	return false;
}

static enum abort_end end(enum zone_owner_kind owner, bool moving, bool leaving, bool fetching)
{
	struct abort_view v = { .owner = owner, .moving = moving, .leaving = leaving, .fetching = fetching };

	return abort_end(&v);
}

TEST(while_the_worker_lives_it_decides)
{
	CHECK_INT(end(OWNER_HERE, true, false, false), ABORT_WAIT);
	CHECK_INT(end(OWNER_IN_DOUBT, true, false, false), ABORT_WAIT);
	CHECK_INT(end(OWNER_IN_DOUBT, true, false, true), ABORT_WAIT);
}

TEST(what_is_handed_over_is_not_waited_for)
{
	CHECK_INT(end(OWNER_ELSEWHERE, true, false, true), ABORT_FETCH);
	CHECK_INT(end(OWNER_ELSEWHERE, true, false, false), ABORT_AWAY);
	CHECK_INT(end(OWNER_ELSEWHERE, false, false, false), ABORT_AWAY);
	CHECK_INT(end(OWNER_ELSEWHERE, false, false, true), ABORT_FETCH);
	CHECK_INT(end(OWNER_INCOMING, false, false, false), ABORT_AWAY);
	CHECK_INT(end(OWNER_ARRIVED, false, false, false), ABORT_AWAY);
}

TEST(here_means_that_the_guest_runs_on)
{
	CHECK_INT(end(OWNER_HERE, false, true, false), ABORT_WAIT);
	CHECK_INT(end(OWNER_HERE, false, false, false), ABORT_HERE);
	/* It was deleted meanwhile, or its file is gone. */
	CHECK_INT(end(OWNER_NONE, false, false, false), ABORT_HERE);
}

TEST(a_worker_that_died_in_doubt_leaves_it_so)
{
	CHECK_INT(end(OWNER_IN_DOUBT, false, false, false), ABORT_DOUBT);
	CHECK_INT(end(OWNER_IN_DOUBT, false, true, false), ABORT_DOUBT);
}

TEST(to_the_worker_it_is_a_client_that_has_hung_up)
{
	struct zkz_err err = { 0 };
	struct channel ch;
	char byte = 0;
	int sv[2];

	NEED(!socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	channel_init(&ch, -1, -1, "the target");
	ch.watch = client_fd = sv[0];
	CHECK(!channel_cancelled(&ch, &err));
	on_abort(ZONE_MOVING_ABORT);
	CHECK(channel_cancelled(&ch, &err));
	CHECK(err_is(&err, ERR_CANCELLED));
	/* And the client still hears how it ends. */
	CHECK_INT(write(sv[0], "x", 1), 1);
	CHECK_INT(read(sv[1], &byte, 1), 1);
	CHECK_INT(byte, 'x');
	/* After GO nobody looks. */
	ch.watch = -1;
	CHECK(!channel_cancelled(&ch, &err));
	channel_fini(&ch);
	close(sv[0]);
	close(sv[1]);
}
