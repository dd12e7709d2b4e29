// SPDX-License-Identifier: GPL-2.0
#include "zkzd/abort.h"

#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>

#include "lib/clock.h"
#include "lib/io.h"
#include "zkzd/transfer.h"
#include "zone/lock.h"
#include "zone/state.h"
#include "zone/store.h"

/* What gives up a migration waits for QEMU, for the keeper and for the target. */
#define ABORT_MS	150000
#define LOOK_MS		100

enum abort_end abort_end(const struct abort_view *v)
{
	switch (v->owner) {
	case OWNER_ELSEWHERE:
		return v->fetching ? ABORT_FETCH : ABORT_AWAY;
	case OWNER_IN_DOUBT:
		/* Written before GO: only the worker knows. */
		return v->moving ? ABORT_WAIT : ABORT_DOUBT;
	case OWNER_INCOMING:
	case OWNER_ARRIVED:
		/* It is on its way back already. */
		return ABORT_AWAY;
	default:
		return v->moving || v->leaving ? ABORT_WAIT : ABORT_HERE;
	}
}

/* The worker first: what it leaves behind is final when it is gone. */
static int look(const char *zone, int worker, struct abort_view *v, struct zkz_err *err)
{
	struct pollfd p = { .fd = worker, .events = POLLIN };
	struct zone_status st;
	struct zone_owner o;
	uint64_t missing;

	v->moving = worker >= 0 && poll(&p, 1, 0) == 0;
	if (zone_owner_read(zone, &o, err) || zone_status_read(zone, &st, err))
		return -1;
	v->owner = o.kind;
	/* Another one may have begun since. */
	v->leaving = !v->moving && st.aux == AUX_MIGRATING_OUT && !zone_moving(zone);
	v->fetching = o.kind == OWNER_ELSEWHERE && transfer_fetching(zone, &missing);
	return 0;
}

static int wait_end(const char *zone, int worker, enum abort_end *end, struct abort_view *v, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(ABORT_MS);

	for (;;) {
		struct pollfd p = { .fd = worker, .events = POLLIN };

		if (look(zone, worker, v, err))
			return -1;
		*end = abort_end(v);
		if (*end != ABORT_WAIT || !deadline_left_ms(dl))
			return 0;
		if (v->moving)
			poll(&p, 1, LOOK_MS);
		else
			clock_sleep_ms(LOOK_MS);
	}
}

/* Return: -1 */
static int not_ended(const char *zone, const struct abort_view *v, struct zkz_err *err)
{
	if (!v->moving)
		return err_abort_guest_not_back(err, zone);
	return v->owner == OWNER_IN_DOUBT ? err_abort_not_ended_in_doubt(err, zone) : err_abort_not_ended(err, zone);
}

bool abort_too_late(const char *zone, struct zkz_err *err)
{
	struct zone_owner o;
	uint64_t missing;

	/* A zone whose owner is unknown can be halted. */
	if (zone_owner_read(zone, &o, NULL))
		return false;
	if (o.kind == OWNER_IN_DOUBT)
		return zone_owner_may_run(zone, err) != 0;
	if (o.kind != OWNER_ELSEWHERE || !transfer_fetching(zone, &missing))
		return false;
	err_abort_fetching(err, zone, o.peer, (missing + (1 << 20) - 1) >> 20);
	return true;
}

bool abort_at_source(const char *zone, struct zkz_err *err)
{
	struct zone_owner o;

	if (zone_owner_read(zone, &o, NULL) || o.kind != OWNER_INCOMING)
		return false;
	err_abort_incoming(err, zone, o.peer);
	return true;
}

static int no_migration(const char *zone, struct zkz_err *err)
{
	if (!zone_configured(zone))
		return zone_unknown(zone, err);
	if (abort_too_late(zone, err) || abort_at_source(zone, err))
		return -1;
	if (zone_owner_may_run(zone, err))
		return err_abort_none(err);
	return err_abort_nothing(err, zone);
}

int abort_begin(const char *zone, struct zkz_err *err)
{
	int worker = zone_moving_worker(zone);

	if (worker < 0)
		return no_migration(zone, err);
	/* One that ends just now cannot be told, and need not. */
	pidfd_send_signal(worker, ZONE_MOVING_ABORT, NULL, 0);
	return worker;
}

int abort_wait(const char *zone, int worker, uint64_t *ms, struct zkz_err *err)
{
	uint64_t began = clock_mono_ns();
	enum abort_end end = ABORT_WAIT;
	struct abort_view v;
	int rc = wait_end(zone, worker, &end, &v, err);

	io_close(&worker);
	*ms = (clock_mono_ns() - began) / NSEC_PER_MSEC;
	if (rc || end == ABORT_HERE)
		return rc;
	if (end == ABORT_WAIT)
		return not_ended(zone, &v, err);
	/* It may be back by now. */
	if (!(end == ABORT_FETCH && abort_too_late(zone, err)) && !zone_owner_may_run(zone, err))
		return 0;
	return end == ABORT_DOUBT ? err_abort_maybe_late(err, *ms) : err_abort_too_late(err, *ms);
}
