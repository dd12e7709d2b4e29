/* SPDX-License-Identifier: GPL-2.0 */
/* The source's half of a migration, as zkzd sees it. */
#ifndef ZKZ_MIGRATE_SOURCE_VERBS_H
#define ZKZ_MIGRATE_SOURCE_VERBS_H

#include "lib/request.h"

/** op_migrate() - the verb of zkzd */
int op_migrate(struct request *rq, struct zkz_err *err);

/** op_recover() - the verb of zkzd: resolve a zone that is in doubt */
int op_recover(struct request *rq, struct zkz_err *err);

/**
 * source_recover() - ask who owns a zone that is in doubt, and do what follows
 *
 * Without waiting for anybody: a zone that is locked, or whose host does not answer at
 * once, stays as it is.
 */
void source_recover(const char *zone);

#endif
