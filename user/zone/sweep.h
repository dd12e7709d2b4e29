/* SPDX-License-Identifier: GPL-2.0 */
/* What a keeper that was killed could not clean up. */
#ifndef ZKZ_ZONE_SWEEP_H
#define ZKZ_ZONE_SWEEP_H

#include <stdbool.h>

/** zone_left_over() - is there anything of a run whose keeper is dead? */
bool zone_left_over(const char *zone);

/**
 * zone_sweep() - remove memory and sockets of a run whose keeper is dead
 * @zone: zone name; the caller holds the zone lock
 *
 * QEMU dies with its keeper, so nothing uses them any more. Does nothing for a
 * zone whose keeper lives.
 */
void zone_sweep(const char *zone);

#endif
