/* SPDX-License-Identifier: GPL-2.0 */
/* The zkzfs mount that holds the memory of zones. */
#ifndef ZKZ_ZONE_MEMFS_H
#define ZKZ_ZONE_MEMFS_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/err.h"

/**
 * memfs_mount() - make sure that zkzfs is mounted on ZKZ_MEM_DIR, and its module loaded
 * @err: filled when that cannot be; says why
 */
int memfs_mount(struct zkz_err *err);

/** memfs_unmount() - the reverse; fails while a zone has memory there */
int memfs_unmount(struct zkz_err *err);

/** memfs_check() - is it mounted? Changes nothing. */
int memfs_check(struct zkz_err *err);

/**
 * memfs_create() - a new memory file, all holes
 * @zone: zone name; a file that a dead run left behind is removed
 * @size: bytes
 * @uid:  owner
 * @gid:  group
 * @err:  filled on failure
 */
int memfs_create(const char *zone, uint64_t size, uid_t uid, gid_t gid,
		 struct zkz_err *err);

/** memfs_remove() - give the memory of a zone back; a missing file is fine */
int memfs_remove(const char *zone, struct zkz_err *err);

/**
 * memfs_resident() - how much memory a zone's file holds
 * @zone:  zone name
 * @size:  size of the file
 * @bytes: allocated bytes
 *
 * Return: -1 if there is no such file.
 */
int memfs_resident(const char *zone, uint64_t *size, uint64_t *bytes);

#endif
