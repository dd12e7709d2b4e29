/* SPDX-License-Identifier: GPL-2.0 */
/* Zones that are like others. Pure. */
#ifndef ZKZ_ZONE_LIKENESS_H
#define ZKZ_ZONE_LIKENESS_H

#include "conf/model.h"
#include "lib/err.h"

/**
 * zone_likeness() - make the configuration of one zone that of another
 * @c:    configuration of zone @of; changed
 * @of:   its name
 * @zone: name of the new one
 * @err:  filled on failure: a disk is no file, and nobody but its administrator knows which one is to be the new one's
 *
 * It gets addresses and an identity of its own when it is stored. Its disks are files beside those of the other, with
 * the new name where theirs have the old one, or before theirs.
 */
int zone_likeness(struct conf *c, const char *of, const char *zone, struct zkz_err *err);

#endif
