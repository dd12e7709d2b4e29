/* SPDX-License-Identifier: GPL-2.0 */
/* What a keeper that was killed could not clean up. */
#ifndef ZKZ_ZKZD_SWEEP_H
#define ZKZ_ZKZD_SWEEP_H

/**
 * sweep_zone() - remove memory and sockets of a run whose keeper is dead
 * @zone: zone name; the caller holds the zone lock
 *
 * QEMU dies with its keeper, so nothing uses them any more. Does nothing for a
 * zone whose keeper lives.
 */
void sweep_zone(const char *zone);

/** sweep_dead_runs() - the same for all zones that are not busy */
void sweep_dead_runs(void);

#endif
