/* SPDX-License-Identifier: GPL-2.0 */
/* Target: a source whose connections broke comes again. */
#ifndef ZKZ_MIGRATE_TARGET_RESUME_H
#define ZKZ_MIGRATE_TARGET_RESUME_H

#include "migrate/target/target.h"

/** target_resume() - "resume": its zone is here already; take other streams */
int target_resume(struct target *t, const json_t *msg, struct zkz_err *err);

#endif
