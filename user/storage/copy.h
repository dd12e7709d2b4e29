/* SPDX-License-Identifier: GPL-2.0 */
/* Copies of disks, and of images that become disks. */
#ifndef ZKZ_STORAGE_COPY_H
#define ZKZ_STORAGE_COPY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/spawn.h"

/**
 * struct copy - one copy
 * @from:        URI of a disk that nobody writes to meanwhile
 * @from_format: "raw" or "qcow2"
 * @to:          URI of what it becomes: of a file that is made, or of a device or an export that is there
 * @to_format:   as @from_format
 * @least:       how large the disk is to be at least, in bytes
 * @over:        what is on a device or an export may be lost
 * @user:        whom QEMU runs as
 * @watch:       a hang-up of it ends the copy; -1 for none
 * @told:        how far it is, in bytes of the disk; a few times a second
 * @arg:         for @told
 * @made:        set: the file was made, and is there
 */
struct copy {
	const char *from;
	const char *from_format;
	const char *to;
	const char *to_format;
	uint64_t least;
	bool over;
	const struct spawn_user *user;
	int watch;
	void (*told)(uint64_t done, uint64_t total, void *arg);
	void *arg;
	bool made;
};

/**
 * storage_copy() - make a disk of what is on another, durably
 * @c:   what
 * @err: filled on failure, ERR_CANCELLED if @watch has hung up: a file that was made is taken away again
 *
 * Files of one format are copied byte by byte, with their holes, or share their blocks where the file system can do
 * that; nobody looks into them, and so those that only root may open can be copied. For all else there is qemu-img,
 * which runs as @user.
 */
int storage_copy(struct copy *c, struct zkz_err *err);

#endif
