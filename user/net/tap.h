/* SPDX-License-Identifier: GPL-2.0 */
/* Network links of zones: tap devices on a bridge. */
#ifndef ZKZ_NET_TAP_H
#define ZKZ_NET_TAP_H

#include "lib/err.h"

/** tap_check() - is there such a bridge, for packets of @mtu bytes, if that is not 0? */
int tap_check(const char *bridge, unsigned int mtu, struct zkz_err *err);

/**
 * tap_make() - make a tap device, which nothing reaches yet
 * @name: interface name wanted, below 16 bytes
 * @err:  filled on failure
 *
 * The device lives as long as a descriptor of it: when the keeper and QEMU
 * have closed theirs, or have died, it is gone.
 * Return: descriptor (close-on-exec) for QEMU, or -1.
 */
int tap_make(const char *name, struct zkz_err *err);

/** tap_plug() - attach it to @bridge, which is as tap_check() wants it, and set it up */
int tap_plug(const char *name, const char *bridge, unsigned int mtu, struct zkz_err *err);

/** tap_open() - both; nothing is left behind where that fails */
int tap_open(const char *name, const char *bridge, unsigned int mtu, struct zkz_err *err);

#endif
