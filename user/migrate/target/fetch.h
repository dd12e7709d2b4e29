/* SPDX-License-Identifier: GPL-2.0 */
/* Target: after GO, while pages still come. */
#ifndef ZKZ_MIGRATE_TARGET_FETCH_H
#define ZKZ_MIGRATE_TARGET_FETCH_H

#include "migrate/target/target.h"

/** target_patience() - how long the source says that the guest may wait for it */
int target_patience(unsigned int *ms, const json_t *msg, struct zkz_err *err);

/** target_fetch_agreed() - fails if the source does not know that memory is missing */
int target_fetch_agreed(struct mover *m, const struct go *go, struct zkz_err *err);

/** target_fetch() - "fetch": watch until all memory is here, and tell the source */
int target_fetch(struct target *t, const json_t *msg, struct zkz_err *err);

/** target_fetch_alone() - the same if the source's worker is gone; does nothing if all is here */
void target_fetch_alone(struct target *t);

#endif
