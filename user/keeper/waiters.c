// SPDX-License-Identifier: GPL-2.0
/*
 * Clients of the control socket: how they are answered, and those who wait for the end of the run, a migration's worker
 * among them.
 */
#include "keeper/keeper.h"

#include <poll.h>

#include "lib/errjson.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"

#define ANSWER_MS	5000

void keeper_answer(int fd, json_t *result, const struct zkz_err *err)
{
	json_t *obj = result;

	if (err)
		obj = err_to_json(err);
	else
		json_object_set_new(obj, "type", json_string("result"));
	if (obj && jsonl_write(fd, obj, deadline_in_ms(ANSWER_MS), NULL))
		log_debug("a client did not take its answer");
	json_decref(obj);
}

/* A client that has hung up, by Ctrl-C say, frees its place when one is needed. */
static bool hung_up(const struct waiter *w)
{
	struct pollfd p = { .fd = w->fd };

	return poll(&p, 1, 0) == 1 && p.revents;
}

int keeper_add_waiter(struct keeper *k, int *fd, bool guest, deadline_t until, struct zkz_err *err)
{
	int i;

	for (i = 0; i < KEEPER_MAX_WAITERS; i++) {
		struct waiter *w = &k->waiter[i];

		if (w->fd >= 0 && !hung_up(w))
			continue;
		io_close(&w->fd);
		w->fd = *fd;
		w->guest = guest;
		w->until = until;
		*fd = -1;
		return 0;
	}
	return err_zone_waiters(err, k->z.name);
}

void keeper_wait_end(struct keeper *k, int *fd)
{
	if (keeper_add_waiter(k, fd, false, DEADLINE_NONE, NULL))
		keeper_answer(*fd, json_object(), NULL);
}

void keeper_answer_waiters(struct keeper *k, const struct zkz_err *err)
{
	struct zkz_err handed;
	int i;

	/* What has ended here is not the guest, then. */
	err_zone_handed_over(&handed, k->z.name, k->handed);
	for (i = 0; i < KEEPER_MAX_WAITERS; i++) {
		struct waiter *w = &k->waiter[i];
		const struct zkz_err *why = k->handed[0] && w->guest ? &handed : err;

		if (w->fd < 0)
			continue;
		keeper_answer(w->fd, why ? NULL : json_object(), why);
		io_close(&w->fd);
	}
}

static void say_too_late(const struct keeper *k, struct zkz_err *err)
{
	if (k->moving == AUX_IN_DOUBT) {
		err_zone_stands_still(err, k->z.name);
		return;
	}
	err_zone_not_shut_down(err, k->z.name);
}

void keeper_check_waiters(struct keeper *k)
{
	struct zkz_err err;
	int i;

	say_too_late(k, &err);
	for (i = 0; i < KEEPER_MAX_WAITERS; i++) {
		struct waiter *w = &k->waiter[i];

		if (w->fd < 0 || deadline_left_ms(w->until) != 0)
			continue;
		log_warn("the guest has not shut down in time");
		keeper_answer(w->fd, NULL, &err);
		io_close(&w->fd);
	}
}

deadline_t keeper_waiters_next(const struct keeper *k)
{
	deadline_t first = DEADLINE_NONE;
	int i;

	for (i = 0; i < KEEPER_MAX_WAITERS; i++)
		if (k->waiter[i].fd >= 0 && k->waiter[i].until < first)
			first = k->waiter[i].until;
	return first;
}

void keeper_last_word(struct keeper *k, const struct zkz_err *why)
{
	struct zkz_err err;

	if (k->guard_fd < 0)
		return;
	if (k->mode == KEEPER_INCOMING && k->vm.ended && !k->resume_ns) {
		err_guest_not_started(&err, k->z.name);
		err_cause(&err, why);
		keeper_answer(k->guard_fd, NULL, &err);
	}
	io_close(&k->guard_fd);
}
