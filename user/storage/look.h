/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files as descriptors, opened aside (lib/aside.h): what a path leads to is looked at once, on the descriptor
 * that is then used, and storage that does not answer stops nobody.
 */
#ifndef ZKZ_STORAGE_LOOK_H
#define ZKZ_STORAGE_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/spawn.h"

/* Enough for the header of an image. */
#define LOOK_HEAD	512

/**
 * struct look_at - what to open
 * @path:   absolute path
 * @flags:  O_RDONLY or O_RDWR, with O_DIRECT or not
 * @user:   whom QEMU runs as. It is opened as that user, so that folders, groups, access lists and a file
 *          server's own opinion count; NULL: as we are
 * @either: what that user may not open is opened as we are
 */
struct look_at {
	const char *path;
	int flags;
	const struct spawn_user *user;
	bool either;
};

/**
 * struct look - what was found
 * @fd:    descriptor, close-on-exec, the caller's
 * @fs:    file system, as in statfs(2)
 * @block: a block device, not a file
 * @size:  in bytes
 * @dev:   device of the file system, or the block device itself
 * @ino:   inode number, 0 for a block device
 * @head:  the first bytes
 * @head_len: how many
 */
struct look {
	int fd;
	uint64_t fs;
	bool block;
	uint64_t size;
	uint64_t dev;
	uint64_t ino;
	unsigned char head[LOOK_HEAD];
	uint32_t head_len;
};

/**
 * look_open() - open a file or block device
 * @at:  what
 * @l:   filled; @fd is -1 on failure
 * @err: filled on failure
 *
 * No symbolic link is followed but those that only root can have made: of root, in a folder of root's that
 * nobody else may write to, on a file system of this host.
 */
int look_open(const struct look_at *at, struct look *l, struct zkz_err *err);

/**
 * look_blocks() - read pieces of it, aside
 * @fd:    descriptor of look_open()
 * @at:    where they begin, multiples of their length
 * @nr:    how many
 * @len:   how long each is
 * @buf:   nr * len bytes; what is beyond the end is zero
 * @err:   filled on failure
 */
int look_blocks(int fd, const uint64_t *at, size_t nr, size_t len, void *buf, struct zkz_err *err);

#endif
