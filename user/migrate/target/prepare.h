/* SPDX-License-Identifier: GPL-2.0 */
/* Target: from the configuration to a QEMU that waits for the guest. Each answers on the channel, or fails. */
#ifndef ZKZ_MIGRATE_TARGET_PREPARE_H
#define ZKZ_MIGRATE_TARGET_PREPARE_H

#include "migrate/target/target.h"

/** target_config() - "config": take the zone's lock and its configuration */
int target_config(struct target *t, const json_t *msg, struct zkz_err *err);

/** target_attach() - "attach": the owner file says "incoming" */
int target_attach(struct target *t, const json_t *msg, struct zkz_err *err);

/** target_boot() - "boot": start a keeper and its QEMU */
int target_boot(struct target *t, const json_t *msg, struct zkz_err *err);

/** target_check() - "check": is there room, and do the hosts fit? */
int target_check(struct target *t, const json_t *msg, struct zkz_err *err);

#endif
