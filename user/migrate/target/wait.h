/* SPDX-License-Identifier: GPL-2.0 */
/* Target: what the module, QEMU and the keeper say, until the guest has started. */
#ifndef ZKZ_MIGRATE_TARGET_WAIT_H
#define ZKZ_MIGRATE_TARGET_WAIT_H

#include "migrate/target/target.h"

/** target_look_at_module() - take in what the module has said; fails if the memory will not come */
int target_look_at_module(struct mover *m, struct zkz_err *err);

/** target_look_at_qemu() - take in what its QEMU has said; fails if that cannot load the guest */
int target_look_at_qemu(struct target *t, struct zkz_err *err);

/** target_look_at_keeper() - fails if it is gone, and QEMU with it */
int target_look_at_keeper(const struct target *t, struct zkz_err *err);

#endif
