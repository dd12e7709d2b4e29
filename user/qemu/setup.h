/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the setup of QEMU's migration stream ends. Pure.
 *
 * QEMU sends its memory in sections while the guest runs: one that names every piece of memory, then parts with what
 * is in them. How much is in a part depends on how fast QEMU was: it looks at its clock now and then, and after
 * 50 ms (MAX_WAIT in its migration/ram.c) a part is over. The last section, of the
 * type "end", begins what it sends after it has stopped the guest and drained its
 * disks, with what is left of memory; the devices follow in it. In the stream that is
 *
 *	0x7e  id (4 bytes)      footer of the section before
 *	0x08  0x000b  0x0000    command, without data: the switchover starts
 *	0x03  id (4 bytes)      header of the last section of the same kind
 *
 * as docs/devel/migration.rst of QEMU tells. The command is there with machine types from
 * pc-q35-10.0 on. QEMU could be told not to send it (-global migration.send-switchover-start=off),
 * but that helps no guest that runs already, and a QEMU before 10.0 knows no such property.
 */
#ifndef ZKZ_QEMU_SETUP_H
#define ZKZ_QEMU_SETUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of it, without the command and with it. */
#define QEMU_SETUP_MARK		10
#define QEMU_SETUP_MARK_MAX	15

/**
 * qemu_setup_begun() - how much of a piece of the stream is before the first part of memory
 * @buf:   piece; what an earlier call left over comes first in it
 * @len:   its length
 * @found: that ends there, by a footer that the first part follows, or the last section, where there is none
 */
size_t qemu_setup_begun(const uint8_t *buf, size_t len, bool *found);

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
