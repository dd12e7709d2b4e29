/* SPDX-License-Identifier: GPL-2.0 */
/* Target: disks that the source copies to, by NBD to the QEMU that waits for the guest. */
#ifndef ZKZ_MIGRATE_TARGET_EXPORTS_H
#define ZKZ_MIGRATE_TARGET_EXPORTS_H

#include <stdbool.h>

#include "zone/model.h"

/**
 * struct exports - what is served; empty unless disks go along
 * @nr:    how many; from "mirror" until target_mirror_end()
 * @nbd:   QEMU serves those of them that can be written to
 * @relay: one for each, see relay_start(), or carry_in() of what is only read; else -1
 */
struct exports {
	unsigned int nr;
	bool nbd;
	int relay[ZONE_MAX_DISKS];
};

#endif
