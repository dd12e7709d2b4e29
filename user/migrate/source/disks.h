/* SPDX-License-Identifier: GPL-2.0 */
/* Source: disks must be storage that both hosts share, and one disk on both. */
#ifndef ZKZ_MIGRATE_SOURCE_DISKS_H
#define ZKZ_MIGRATE_SOURCE_DISKS_H

#include "lib/err.h"
#include "migrate/source/source.h"

/**
 * source_check_storage() - refuse disks that no other host can reach
 * @zone:  name
 * @model: its disks
 * @local: filled: those that are to go along, by their place in @model; NULL if none is to
 * @err:   filled on failure
 */
int source_check_storage(const char *zone, const struct zone_model *model, bool *local, struct zkz_err *err);

/** source_disks() - refuse disks that are others at the target, and let it make those that go along */
int source_disks(struct source *s, struct zkz_err *err);

#endif
