/* SPDX-License-Identifier: GPL-2.0 */
/* LUNs that this host sees, by identifier and by target. No device is opened: the kernel and udev know. */
#ifndef ZKZ_STORAGE_LUN_H
#define ZKZ_STORAGE_LUN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"
#include "storage/uri.h"

/* Where udev makes a link for each identifier of a disk, and for each way to it. */
#define LUN_DIR		"/dev/disk/by-id"
#define LUN_PORTAL_DIR	"/dev/disk/by-path"

/**
 * lun_place() - where a disk that is opened on the host is found there
 * @u:   of which uri_is_opened() is true; its @path is filled if it names a LUN
 * @err: filled on failure: the host does not see the LUN
 */
int lun_place(struct storage_uri *u, struct zkz_err *err);

/**
 * lun_of_device() - the identifier of the LUN that a device is
 * @dev:  number of the device, of which a LUN may have several: one for each path, and one for all of them
 * @name: LUNAME_SIZE bytes
 *
 * Return: is one known that no other LUN can have? A partition has none.
 */
bool lun_of_device(uint64_t dev, char *name);

/**
 * lun_from_portal() - from udev's name of an iSCSI LUN in LUN_PORTAL_DIR to its URI
 * @link: "ip-10.0.0.1:3260-iscsi-iqn.2026-01.org.example:d1-lun-0"
 * @u:    filled
 *
 * Return: is it one?
 */
bool lun_from_portal(const char *link, struct storage_uri *u);

/**
 * lun_of_target() - the device of a LUN that QEMU reaches itself, if the host's initiator does, too
 * @u:   URI with a target
 * @dev: filled with the number of one
 *
 * Return: does it?
 */
bool lun_of_target(const struct storage_uri *u, uint64_t *dev);

#endif
