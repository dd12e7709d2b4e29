/* SPDX-License-Identifier: GPL-2.0 */
/* Upgrades in place, as zkzd sees them. */
#ifndef ZKZ_MIGRATE_UPGRADE_VERBS_H
#define ZKZ_MIGRATE_UPGRADE_VERBS_H

#include "lib/request.h"

/** op_upgrade() - the verb of zkzd: a running zone gets the keeper and the QEMU that are installed now */
int op_upgrade(struct request *rq, struct zkz_err *err);

#endif
