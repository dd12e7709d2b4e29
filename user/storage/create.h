/* SPDX-License-Identifier: GPL-2.0 */
/* New disks. */
#ifndef ZKZ_STORAGE_CREATE_H
#define ZKZ_STORAGE_CREATE_H

#include <stdint.h>

#include "lib/err.h"
#include "lib/spawn.h"

/**
 * storage_create() - make a disk that a guest sees as zeros
 * @text:   URI of a file
 * @size:   in bytes
 * @format: "raw" or "qcow2"
 * @user:   whom QEMU runs as: whose file it becomes, or root's where that user may not make one
 * @err:    filled on failure: nothing is left of it then, and what was there is as it was
 */
int storage_create(const char *text, uint64_t size, const char *format, const struct spawn_user *user,
		   struct zkz_err *err);

#endif
