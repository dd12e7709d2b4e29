/* SPDX-License-Identifier: GPL-2.0 */
/* What a keeper that was killed could not clean up. */
#ifndef ZKZ_ZKZD_SWEEP_H
#define ZKZ_ZKZD_SWEEP_H

#include <stdbool.h>

/**
 * sweep_zone() - remove memory and sockets of a run whose keeper is dead
 * @zone: zone name; the caller holds the zone lock
 *
 * QEMU dies with its keeper, so nothing uses them any more. Does nothing for a
 * zone whose keeper lives.
 */
void sweep_zone(const char *zone);

/**
 * sweep_dead_runs() - the same for all zones that are not busy
 * @wait: wait for keepers that are about to end, because their migration to
 *        this host has failed
 */
void sweep_dead_runs(bool wait);

#endif
