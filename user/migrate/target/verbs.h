/* SPDX-License-Identifier: GPL-2.0 */
/* The target's half of a migration, as zkzd sees it. */
#ifndef ZKZ_MIGRATE_TARGET_VERBS_H
#define ZKZ_MIGRATE_TARGET_VERBS_H

#include "lib/request.h"

/** op_serve() - the verb of zkzd */
int op_serve(struct request *rq, struct zkz_err *err);

#endif
