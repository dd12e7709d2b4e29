// SPDX-License-Identifier: GPL-2.0
/* What users ask of a guest that stands still (pause.c): that it goes on, or begins anew. */
#include "keeper/keeper.h"

#include <poll.h>

#define RESET_MS	5000

/* Events for as long as that takes, or until @done. */
static void hear(struct keeper *k, uint64_t ms, bool (*done)(const struct keeper *k, unsigned int arg),
		 unsigned int arg)
{
	deadline_t dl = deadline_in_ms(ms);

	/* A command may have read events that poll(2) cannot show. */
	for (keeper_events(k); k->vm.qmp && !done(k, arg) && deadline_left_ms(dl); keeper_events(k)) {
		struct pollfd p = { .fd = qmp_fd(k->vm.qmp), .events = POLLIN };

		poll(&p, 1, deadline_left_ms(dl));
	}
}

static bool stopped_again(const struct keeper *k, unsigned int arg)
{
	(void)arg;
	return k->stopped;
}

static bool was_reset(const struct keeper *k, unsigned int before)
{
	return k->resets != before;
}

int keeper_resume(struct keeper *k, struct zkz_err *err)
{
	struct pause *p = &k->pause;

	if (!p->on)
		return err_zone_not_paused(err, k->z.name);
	if (keeper_pause_try(k, err))
		return err_zone_resume(err, k->z.name);
	hear(k, KEEPER_PROVED_MS, stopped_again, 0);
	if (!k->stopped) {
		keeper_pause_end(k);
		return 0;
	}
	return err_zone_paused_again(err, k->z.name, p->why);
}

/* What the guest has not written by then is lost, as when the power is cut. */
int keeper_reset(struct keeper *k, struct zkz_err *err)
{
	unsigned int before = k->resets;

	if (qmp_exec(k->vm.qmp, "system_reset", NULL, NULL, deadline_in_ms(KEEPER_QMP_MS), err))
		return -1;
	if (!k->pause.on)
		return 0;
	/* Only a machine that has been reset has forgotten what it was to write. */
	hear(k, RESET_MS, was_reset, before);
	return k->vm.qmp ? qmp_exec(k->vm.qmp, "cont", NULL, NULL, deadline_in_ms(KEEPER_QMP_MS), err) :
		err_qemu_ended(err, k->z.name);
}
