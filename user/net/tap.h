/* SPDX-License-Identifier: GPL-2.0 */
/* Network links of zones: tap devices on a bridge. */
#ifndef ZKZ_NET_TAP_H
#define ZKZ_NET_TAP_H

#include "lib/err.h"
#include "zone/model.h"

/** tap_check() - is the interface's bridge there, as it needs it, and can this host protect the link as it says? */
int tap_check(const struct zone_nic *nic, struct zkz_err *err);

/**
 * tap_make() - make a tap device, which nothing reaches yet, and protect it
 * @name: interface name wanted, below 16 bytes
 * @nic:  the interface that it is of
 * @err:  filled on failure
 *
 * The device lives as long as a descriptor of it: when the keeper and QEMU
 * have closed theirs, or have died, it is gone.
 * Return: descriptor (close-on-exec) for QEMU, or -1.
 */
int tap_make(const char *name, const struct zone_nic *nic, struct zkz_err *err);

/** tap_name() - what the device of a descriptor is called; 16 bytes. Return: @name, empty if it is none */
char *tap_name(int fd, char *name);

/**
 * tap_plug() - let packets flow between a tap and its bridge
 * @name: of the tap
 * @nic:  the interface that it is of: bridge, size of packets and VLANs are as that says
 * @err:  filled on failure
 */
int tap_plug(const char *name, const struct zone_nic *nic, struct zkz_err *err);

/**
 * tap_replug() - the same tap for an interface that is another one now: bridge, VLANs and protection
 * @name: of the tap
 * @nic:  what it is of
 * @err:  filled on failure; nothing reaches the tap then
 *
 * While this goes on, packets are lost, and none takes a way that neither the old nor the new one allows.
 */
int tap_replug(const char *name, const struct zone_nic *nic, struct zkz_err *err);

/** tap_open() - both; nothing is left behind where that fails */
int tap_open(const char *name, const struct zone_nic *nic, struct zkz_err *err);

#endif
