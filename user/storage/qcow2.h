/* SPDX-License-Identifier: GPL-2.0 */
/* The header of a qcow2 image. Pure; the bytes may be anything. */
#ifndef ZKZ_STORAGE_QCOW2_H
#define ZKZ_STORAGE_QCOW2_H

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

/** qcow2_size() - size of the disk in it, 0 if this is no qcow2 image */
uint64_t qcow2_size(const unsigned char *head, size_t len);

/**
 * qcow2_alone() - refuse an image that is no qcow2 image, or not a whole one
 * @path: for the message
 * @head: its first bytes
 * @len:  how many
 * @err:  filled: it has a backing file, or keeps its data in another file
 */
int qcow2_alone(const char *path, const unsigned char *head, size_t len, struct zkz_err *err);

#endif
