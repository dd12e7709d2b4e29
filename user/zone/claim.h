/* SPDX-License-Identifier: GPL-2.0 */
/* Disks in use: no two guests of a host get the same one. */
#ifndef ZKZ_ZONE_CLAIM_H
#define ZKZ_ZONE_CLAIM_H

#include <stdbool.h>

#include "lib/err.h"

/**
 * zone_claim() - take a disk for a zone
 * @key:  what tells it from all others, the name of a file
 * @zone: zone name
 * @write: for itself alone; else with others that only read it
 * @err:  ERR_DISK_IN_USE, naming the zone that uses it, or ERR_DISK_CLAIMED if that starts, or is one of several
 *
 * QEMU inherits the descriptor: the disk is taken as long as the keeper or QEMU lives.
 * Return: descriptor, close-on-exec, or -1.
 */
int zone_claim(const char *key, const char *zone, bool write, struct zkz_err *err);

#endif
