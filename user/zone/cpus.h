/* SPDX-License-Identifier: GPL-2.0 */
/* The processors of the host that a zone's QEMU runs on. */
#ifndef ZKZ_ZONE_CPUS_H
#define ZKZ_ZONE_CPUS_H

#include <sched.h>

#include "lib/err.h"
#include "zone/model.h"

/**
 * zone_cpus_enter() - run on the zone's processors, which whoever is started meanwhile inherits
 * @z:      zone
 * @before: filled, for zone_cpus_leave()
 * @err:    filled if they are not all here; nothing is changed then
 *
 * Of the calling thread. A zone without processors of its own runs where its keeper does.
 */
int zone_cpus_enter(const struct zone_model *z, cpu_set_t *before, struct zkz_err *err);

/** zone_cpus_leave() - run where we ran before */
void zone_cpus_leave(const cpu_set_t *before);

#endif
