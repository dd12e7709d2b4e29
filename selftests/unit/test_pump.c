// SPDX-License-Identifier: GPL-2.0
/* Waiting of a migration's workers: what ends it, and what does not. */
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/io.h"
#include "migrate/guard.h"
#include "migrate/pump.h"
#include "unit.h"

/* Long enough to be told from at once, on a busy machine as well. */
#define SHORT_MS	40

/* Two channels and a keeper, and the other sides of them. */
struct place {
	struct channel peer, decision;
	int to_peer, to_decision, client, to_client, keeper, to_keeper;
	struct pump p;
};

static void pair(int *ours, int *theirs)
{
	int p[2];

	NEED(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p));
	*ours = p[0];
	*theirs = p[1];
}

static void set_up(struct place *x)
{
	int peer, decision;

	pair(&peer, &x->to_peer);
	pair(&decision, &x->to_decision);
	pair(&x->client, &x->to_client);
	pair(&x->keeper, &x->to_keeper);
	channel_init(&x->peer, peer, peer, "host2");
	channel_init(&x->decision, decision, decision, "host2");
	x->peer.watch = x->client;
	x->p = (struct pump) {
		.peer = &x->peer, .decision = &x->decision, .fd = { x->keeper, -1 }, .nr = 2,
	};
}

static void tear_down(struct place *x)
{
	channel_fini(&x->peer);
	channel_fini(&x->decision);
	io_close(&x->to_peer);
	io_close(&x->to_decision);
	io_close(&x->client);
	io_close(&x->to_client);
	io_close(&x->keeper);
	io_close(&x->to_keeper);
}

/* Did it wait for all of the time that it was given? */
static bool waits(const struct place *x)
{
	uint64_t t0 = clock_mono_ns();

	pump_wait(&x->p, deadline_in_ms(SHORT_MS));
	return clock_mono_ns() - t0 >= (SHORT_MS - 1) * NSEC_PER_MSEC;
}

/* Something has come: no end is needed for it to end. */
static void check_ends(const struct place *x)
{
	CHECK(!waits(x));
	pump_wait(&x->p, DEADLINE_NONE);
}

TEST(waits_for_what_has_not_come)
{
	struct place x;

	set_up(&x);
	CHECK(waits(&x));
	/* Without anything to wait for it only takes its time. */
	x.p = (struct pump) { 0 };
	CHECK(waits(&x));
	tear_down(&x);
}

TEST(each_of_them_ends_a_wait)
{
	struct place x;
	int *end[] = { &x.to_peer, &x.to_decision, &x.to_client, &x.to_keeper };
	size_t i;

	for (i = 0; i < sizeof(end) / sizeof(end[0]); i++) {
		set_up(&x);
		io_close(end[i]);
		CHECK(!waits(&x));
		tear_down(&x);
	}
}

TEST(what_is_left_out_does_not)
{
	struct place x;

	set_up(&x);
	io_close(&x.to_decision);
	io_close(&x.to_keeper);
	check_ends(&x);
	x.p.decision = NULL;
	x.p.nr = 0;
	CHECK(waits(&x));
	tear_down(&x);
}

/* poll(2) refuses more descriptors than a process may have. */
TEST(a_wait_that_fails_takes_its_time)
{
	struct rlimit few, before;
	struct place x;

	set_up(&x);
	NEED(!getrlimit(RLIMIT_NOFILE, &before));
	few = before;
	few.rlim_cur = 1;
	NEED(!setrlimit(RLIMIT_NOFILE, &few));
	CHECK(waits(&x));
	NEED(!setrlimit(RLIMIT_NOFILE, &before));
	tear_down(&x);
}

TEST(a_keeper_that_is_gone)
{
	struct place x;

	set_up(&x);
	CHECK(!guard_ended(x.keeper));
	io_close(&x.to_keeper);
	CHECK(guard_ended(x.keeper));
	CHECK(!guard_ended(-1));
	tear_down(&x);
}

TEST(a_session_is_heard_as_long_as_it_talks)
{
	struct mover m;

	mover_init(&m);
	CHECK(!mover_talks(&m));
	/* Nobody is asked then: there is no module here. */
	CHECK_INT(mover_listen(&m, NULL, NULL, NULL), 0);
	m.session = 1;
	CHECK(mover_talks(&m));
	mover_note(&m, &(struct session_info) { .event = ZKZ_EVENT_END });
	CHECK(!mover_talks(&m));
	CHECK_INT(mover_listen(&m, NULL, NULL, NULL), 0);
}

TEST(a_session_is_quiet_after_a_second)
{
	struct mover m;

	mover_init(&m);
	mover_hear(&m, &(struct session_info) { .event = ZKZ_EVENT_PROGRESS });
	CHECK(!mover_quiet(&m, m.heard_ns));
	CHECK(!mover_quiet(&m, m.heard_ns + SESSION_QUIET_NS));
	CHECK(mover_quiet(&m, m.heard_ns + SESSION_QUIET_NS + 1));
	/* Whoever begins to watch one that others have watched looks at it first of all. */
	m.heard_ns = 0;
	CHECK(mover_quiet(&m, clock_mono_ns()));
}
