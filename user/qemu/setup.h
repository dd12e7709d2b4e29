/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the setup of QEMU's migration stream ends. Pure.
 *
 * QEMU sends its memory in sections while the guest runs. The last of them, of the
 * type "end", begins what it sends after it has stopped the guest and drained its
 * disks; the devices follow in it. In the stream that is
 *
 *	0x7e  id (4 bytes)      footer of the section before
 *	0x03  id (4 bytes)      header of the last section of the same kind
 *
 * as docs/devel/migration.rst of QEMU tells.
 */
#ifndef ZKZ_QEMU_SETUP_H
#define ZKZ_QEMU_SETUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QEMU_SETUP_MARK		10

/**
 * qemu_setup_end() - how much of a piece of the stream belongs to the setup
 * @buf:   piece; what an earlier call left over comes first in it
 * @len:   its length
 * @found: the setup ends there, and the rest is not part of it
 *
 * Bytes at the end that may be the beginning of the mark are left over.
 */
size_t qemu_setup_end(const uint8_t *buf, size_t len, bool *found);

#endif
