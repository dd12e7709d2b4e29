/* SPDX-License-Identifier: GPL-2.0 */
/* Source: disks must be storage that both hosts share, and one disk on both. */
#ifndef ZKZ_MIGRATE_SOURCE_DISKS_H
#define ZKZ_MIGRATE_SOURCE_DISKS_H

#include "lib/err.h"
#include "migrate/source/link.h"
#include "zone/model.h"

/** source_check_storage() - refuse disks that no other host can reach */
int source_check_storage(const char *zone, const struct zone_model *model, struct zkz_err *err);

/** source_check_disks() - refuse disks that are others at the target; it has the configuration */
int source_check_disks(struct link *l, const char *zone, const struct zone_model *model, struct zkz_err *err);

#endif
