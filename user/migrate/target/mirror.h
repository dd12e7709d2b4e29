/* SPDX-License-Identifier: GPL-2.0 */
/* Target: disks that the source copies to while its guest runs. */
#ifndef ZKZ_MIGRATE_TARGET_MIRROR_H
#define ZKZ_MIGRATE_TARGET_MIRROR_H

#include "migrate/target/target.h"

/** exports_init() - nothing is served */
void exports_init(struct exports *e);

/** target_mirror() - "mirror": QEMU takes what comes for its disks, on a stream for each */
int target_mirror(struct target *t, const json_t *msg, struct zkz_err *err);

/** target_mirror_end() - all is there: the disks are this QEMU's alone. Before anything else can be decided */
int target_mirror_end(struct target *t, struct zkz_err *err);

/** exports_close() - nobody copies any more */
void exports_close(struct exports *e);

#endif
