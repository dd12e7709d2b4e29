/* SPDX-License-Identifier: GPL-2.0 */
/* Disks that are files: new ones, and old ones that go. */
#ifndef ZKZ_STORAGE_CREATE_H
#define ZKZ_STORAGE_CREATE_H

#include <stdint.h>

#include "lib/err.h"
#include "lib/spawn.h"

/**
 * storage_create() - make a disk that a guest sees as zeros
 * @text:   URI of a file
 * @size:   in bytes
 * @room:   how much its file system must have free, in bytes
 * @format: "raw" or "qcow2"
 * @user:   whom QEMU runs as: whose file it becomes, or root's where a file server does not let it be that user's
 * @err:    filled on failure: nothing is left of it then, and what was there is as it was
 */
int storage_create(const char *text, uint64_t size, uint64_t room, const char *format, const struct spawn_user *user,
		   struct zkz_err *err);

/** storage_used() - how much a disk that is a file takes of its file system, in bytes */
int storage_used(const char *text, const struct spawn_user *user, uint64_t *used, struct zkz_err *err);

/**
 * storage_create_from() - make a file of what another one has
 * @text: URI of a file
 * @fd:   descriptor of the other one, a small file in memory
 * @user: as of storage_create()
 * @err:  as of storage_create()
 */
int storage_create_from(const char *text, int fd, const struct spawn_user *user, struct zkz_err *err);

/**
 * storage_remove() - take a disk away that is a file
 * @text: URI of a file; one that is not there is fine
 * @user: as of storage_create()
 * @err:  filled on failure
 */
int storage_remove(const char *text, const struct spawn_user *user, struct zkz_err *err);

#endif
