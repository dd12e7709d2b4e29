/* SPDX-License-Identifier: GPL-2.0 */
/* Disks and interfaces that come while the guest runs, and go; and what else of its machine changes. */
#ifndef ZKZ_KEEPER_PLUG_H
#define ZKZ_KEEPER_PLUG_H

#include "keeper/keeper.h"

/**
 * struct keeper_device - what comes or goes
 * @disk: a disk, else an interface
 * @id:   of the resource
 */
struct keeper_device {
	bool disk;
	unsigned int id;
};

/**
 * keeper_change() - a device comes, an interface gets another link, or the guest gives memory or gets it
 * @k:    the keeper
 * @how:  "plug", "relink" or "resize"
 * @d:    which; nothing for the last one
 * @text: configuration of what QEMU is built of then: as now, but for that
 * @err:  filled on failure; all is as it was then
 */
int keeper_change(struct keeper *k, const char *how, const struct keeper_device *d, const char *text,
		  struct zkz_err *err);

/** keeper_unplug() - ask the guest to let go of a device at a port; keeper_has() tells when it has */
int keeper_unplug(struct keeper *k, const struct keeper_device *d, struct zkz_err *err);

/** keeper_has() - is it there? */
bool keeper_has(const struct keeper *k, const struct keeper_device *d);

/** keeper_device_deleted() - the guest has let go of a device of that name, asked or not */
void keeper_device_deleted(struct keeper *k, const char *name);

/** keeper_unplugged() - what else there is of such devices goes; not while somebody else has the monitor */
void keeper_unplugged(struct keeper *k);

#endif
