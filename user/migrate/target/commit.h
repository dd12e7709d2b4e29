/* SPDX-License-Identifier: GPL-2.0 */
/* Target: GO, and undoing. */
#ifndef ZKZ_MIGRATE_TARGET_COMMIT_H
#define ZKZ_MIGRATE_TARGET_COMMIT_H

#include "migrate/target/target.h"

/** target_go() - the source has sent everything and waits for what we decide */
int target_go(struct go *go, uint64_t epoch, const json_t *msg, struct zkz_err *err);

/** target_commit() - take the zone over, or give it back if QEMU cannot load it */
int target_commit(struct target *t, struct zkz_err *err);

/** target_give_back() - after GO: say for good that this host does not take the zone. Return: -1 */
int target_give_back(struct target *t, struct zkz_err *err);

/** target_measure() - "measure": what the probes saw of it */
int target_measure(struct target *t, const json_t *msg, struct zkz_err *err);

/** target_goodbye() - "bye": the source has done; @settled: it has written down the end */
void target_goodbye(struct target *t, bool settled);

/** target_undo() - before GO: leave nothing behind */
void target_undo(struct target *t, const char *why);

#endif
