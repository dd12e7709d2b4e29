/* SPDX-License-Identifier: GPL-2.0 */
/* What processes that were killed could not clean up, for all zones. */
#ifndef ZKZ_ZKZD_SWEEP_H
#define ZKZ_ZKZD_SWEEP_H

#include <stdbool.h>

/**
 * sweep_all() - clean up after keepers and migration workers that have died
 * @wait: wait for keepers that are about to end, because their migration to
 *        this host has failed
 *
 * Zones that are busy are left alone.
 */
void sweep_all(bool wait);

/** sweep_modes() - configurations that an older zkz wrote were readable for everybody */
void sweep_modes(void);

/** sweep_files() - remove files that are of no use any more; once a day is enough */
void sweep_files(void);

#endif
