/* SPDX-License-Identifier: GPL-2.0 */
/* Can a running zone continue under another host's configuration of it? Pure. */
#ifndef ZKZ_MIGRATE_MATCH_H
#define ZKZ_MIGRATE_MATCH_H

#include "lib/err.h"
#include "zone/model.h"

/**
 * match_models() - compare what the guest can see
 * @source: as it runs
 * @target: as the target has it configured
 * @err:    names the first difference
 *
 * Memory, CPUs, devices (id, storage, format) and networks (id, MAC address)
 * must be the same. Lower links, autoboot and boot arguments may differ.
 */
int match_models(const struct zone_model *source, const struct zone_model *target,
		 struct zkz_err *err);

#endif
