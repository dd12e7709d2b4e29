/* SPDX-License-Identifier: GPL-2.0 */
/* Disks in use: no two guests of a host get the same one. */
#ifndef ZKZ_ZONE_CLAIM_H
#define ZKZ_ZONE_CLAIM_H

#include "lib/err.h"

/**
 * zone_claim() - take a disk for a zone
 * @key:  what tells it from all others, the name of a file
 * @zone: zone name
 * @err:  ERR_DISK_IN_USE, naming the zone that uses it, or ERR_DISK_CLAIMED if that starts
 *
 * QEMU inherits the descriptor: the disk is taken as long as the keeper or QEMU lives.
 * Return: descriptor, close-on-exec, or -1.
 */
int zone_claim(const char *key, const char *zone, struct zkz_err *err);

#endif
