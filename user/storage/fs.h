/* SPDX-License-Identifier: GPL-2.0 */
/* Kinds of file systems. Pure. */
#ifndef ZKZ_STORAGE_FS_H
#define ZKZ_STORAGE_FS_H

#include <stdbool.h>

/**
 * struct fs_kind - one kind
 * @magic:  as in statfs(2)
 * @name:   for people
 * @shared: other hosts can reach the same files
 * @remote: what is in it is not decided by this host alone
 */
struct fs_kind {
	unsigned long magic;
	const char *name;
	bool shared;
	bool remote;
};

/** fs_find() - the kind with this number, NULL for one that is not known */
const struct fs_kind *fs_find(unsigned long magic);

#endif
