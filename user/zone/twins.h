/* SPDX-License-Identifier: GPL-2.0 */
/* What zones of one host must not have in common. */
#ifndef ZKZ_ZONE_TWINS_H
#define ZKZ_ZONE_TWINS_H

#include "zone/model.h"

/** typedef twin_fn - "Zone z1: device 0 is the disk of zone z2's device 1", of the catalogue */
typedef void (*twin_fn)(const struct zkz_err *warning, void *arg);

/**
 * zone_twins() - tell of disks, MAC addresses and processors that other zones of this host have, too
 * @z:   the zone
 * @fn:  called for each
 * @arg: for @fn
 *
 * A copy of a zone's configuration has both. Zones that cannot be read are passed over.
 */
void zone_twins(const struct zone_model *z, twin_fn fn, void *arg);

/**
 * zone_other_user() - has another zone of this host a disk?
 * @zone:    who has it, too
 * @storage: URI
 * @other:   filled with its name, empty if none has
 * @err:     filled on failure
 */
int zone_other_user(const char *zone, const char *storage, char other[64], struct zkz_err *err);

#endif
