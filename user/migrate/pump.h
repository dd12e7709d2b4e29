/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a worker of a migration waits: for the other host, the module, QEMU, the keeper and the
 * client, all at a time. Whoever has waited looks at each of them itself, in the order that
 * counts there: it may be that nothing has come.
 */
#ifndef ZKZ_MIGRATE_PUMP_H
#define ZKZ_MIGRATE_PUMP_H

#include "lib/clock.h"
#include "migrate/mover.h"
#include "qemu/qmp.h"
#include "wire/channel.h"

#define PUMP_FDS	2

/**
 * struct pump - what can end a wait; whatever is left out cannot
 * @peer:     control channel; so can the end of its @watch
 * @decision: way of GO
 * @mover:    the module, as long as its session says anything
 * @qmp:      QEMU's monitor
 * @fd:       others to be read from, -1 for none: the keeper, which only ends, or device state
 * @nr:       how many of @fd count
 */
struct pump {
	const struct channel *peer;
	const struct channel *decision;
	const struct mover *mover;
	struct qmp *qmp;
	int fd[PUMP_FDS];
	unsigned int nr;
};

/**
 * pump_wait() - until something has come
 * @p:  what to wait for
 * @dl: not longer than this, and than half a second
 *
 * That often what shows by nothing that comes is looked at: a silent peer, an event that the
 * kernel had no memory for. A wait that the kernel refuses ends nothing either; it only takes
 * its time, so that nobody runs in circles.
 */
void pump_wait(const struct pump *p, deadline_t dl);

#endif
