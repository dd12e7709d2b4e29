/* SPDX-License-Identifier: GPL-2.0 */
/* Devices that come to a QEMU that runs, and go. What one step has done is taken back where the next one fails. */
#ifndef ZKZ_QEMU_PLUG_H
#define ZKZ_QEMU_PLUG_H

#include "lib/err.h"
#include "qemu/qmp.h"
#include "zone/model.h"

/**
 * struct plug_disk - a disk that comes
 * @fd:     open file or block device; -1 for what QEMU reaches itself
 * @block:  it is a block device
 * @claim:  mark that it is taken
 * @secret: a file with the secret that its server asks for, -1 for none
 * @initiator: what this host is called by iSCSI targets
 */
struct plug_disk {
	int fd;
	bool block;
	int claim;
	int secret;
	const char *initiator;
};

/** plug_disk() - the guest gets a disk; QEMU has duplicates of all descriptors then */
int plug_disk(struct qmp *q, const struct zone_model *z, const struct zone_disk *d, const struct plug_disk *p,
	      struct zkz_err *err);

/** plug_nic() - the guest gets an interface, whose packets go through @tap */
int plug_nic(struct qmp *q, const struct zone_nic *n, int tap, struct zkz_err *err);

/**
 * unplug_ask() - ask the guest to let go of a device
 * @q:    monitor
 * @name: of the device
 * @err:  filled on failure
 *
 * QEMU says DEVICE_DELETED when it has; it may never.
 */
int unplug_ask(struct qmp *q, const char *name, struct zkz_err *err);

/** unplug_disk() - the device is gone: so goes what it read and wrote, and the mark that it is taken */
int unplug_disk(struct qmp *q, unsigned int id, struct zkz_err *err);

/** unplug_nic() - the device is gone: so goes its way to the tap */
int unplug_nic(struct qmp *q, unsigned int id, struct zkz_err *err);

#endif
