/* SPDX-License-Identifier: GPL-2.0 */
/* What a run leaves: removed by its keeper, or in its place if that was killed. */
#ifndef ZKZ_ZONE_SWEEP_H
#define ZKZ_ZONE_SWEEP_H

#include <stdbool.h>

/** zone_left_over() - is there anything of a run whose keeper is dead? */
bool zone_left_over(const char *zone);

/**
 * zone_clear_run() - remove memory, sockets and state of a run that has ended
 * @zone:    zone name; the caller holds the mark of life, or the zone lock
 * @how:     how it ended, for "zkz status"; NULL if it never began
 * @crashed: nobody had asked for the end
 */
void zone_clear_run(const char *zone, const char *how, bool crashed);

/**
 * zone_sweep() - remove memory and sockets of a run whose keeper is dead
 * @zone: zone name; the caller holds the zone lock
 *
 * QEMU dies with its keeper, so nothing uses them any more. Does nothing for a
 * zone whose keeper lives.
 */
void zone_sweep(const char *zone);

#endif
