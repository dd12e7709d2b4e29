/* SPDX-License-Identifier: GPL-2.0 */
/* Source: the zone's QEMU, its migration, and the way of the device state to the target. */
#ifndef ZKZ_MIGRATE_SOURCE_STATE_H
#define ZKZ_MIGRATE_SOURCE_STATE_H

#include <stdint.h>

#include "lib/err.h"
#include "migrate/source/link.h"
#include "qemu/devstate.h"
#include "qemu/qmp.h"

/**
 * struct leaving - the zone's QEMU, which is to leave
 * @qmp:          its monitor; from source_local() until GO is answered for good, else NULL
 * @status:       of its migration, by its events; empty before a freeze
 * @stop_ns:      CLOCK_REALTIME when it stopped the guest, 0 while that runs
 * @completed_ns: when it had sent all devices
 * @state:        device state
 */
struct leaving {
	struct qmp *qmp;
	char status[32];
	uint64_t stop_ns;
	uint64_t completed_ns;
	struct devstate state;
};

/** state_connect() - to the target's QEMU, once, and the way of the decision */
int state_connect(struct devstate *st, struct link *l, struct zkz_err *err);

/** state_close() - give up what is left, and the way of the decision */
void state_close(struct devstate *st, struct link *l);

#endif
