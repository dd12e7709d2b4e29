/* SPDX-License-Identifier: GPL-2.0 */
/* Network links of zones: tap devices on a bridge. */
#ifndef ZKZ_NET_TAP_H
#define ZKZ_NET_TAP_H

#include "lib/err.h"

/**
 * tap_open() - make a tap device, attach it to a bridge and set it up
 * @name:   interface name wanted, below 16 bytes
 * @bridge: bridge that exists
 * @err:    filled on failure; nothing is left behind then
 *
 * The device lives as long as a descriptor of it: when the keeper and QEMU
 * have closed theirs, or have died, it is gone.
 * Return: descriptor (close-on-exec) for QEMU, or -1.
 */
int tap_open(const char *name, const char *bridge, struct zkz_err *err);

#endif
