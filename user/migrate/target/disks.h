/* SPDX-License-Identifier: GPL-2.0 */
/* Target: what the zone's disks are here. */
#ifndef ZKZ_MIGRATE_TARGET_DISKS_H
#define ZKZ_MIGRATE_TARGET_DISKS_H

#include "migrate/target/target.h"

/** target_disk() - "disk": a fingerprint of one */
int target_disk(struct target *t, const json_t *msg, struct zkz_err *err);

/** target_store() - "store": make one that only the source has, or only look whether it is there */
int target_store(struct target *t, const json_t *msg, struct zkz_err *err);

#endif
