/* SPDX-License-Identifier: GPL-2.0 */
/* Target: the question of a source that does not know what became of a migration. */
#ifndef ZKZ_MIGRATE_TARGET_QUERY_H
#define ZKZ_MIGRATE_TARGET_QUERY_H

#include "migrate/target/target.h"

/** target_query() - "query": who owns the zone after a migration that broke off? */
int target_query(struct target *t, const json_t *msg, struct zkz_err *err);

#endif
