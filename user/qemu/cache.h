/* SPDX-License-Identifier: GPL-2.0 */
/* Keeps what a QEMU can do, so that it is asked once for each program that is installed. */
#ifndef ZKZ_QEMU_CACHE_H
#define ZKZ_QEMU_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "qemu/ability.h"

/**
 * struct program - a program as it is now; one that was replaced is another
 * @path:     where it was found
 * @device:   of the file
 * @inode:    likewise
 * @size:     likewise
 * @mtime_ns: likewise
 */
struct program {
	char path[256];
	uint64_t device;
	uint64_t inode;
	uint64_t size;
	uint64_t mtime_ns;
};

/**
 * cache_read() - what is kept of a program
 * @file: where
 * @p:    program
 * @a:    filled
 *
 * Return: false if nothing is, or of another program, or nothing that makes sense.
 */
bool cache_read(const char *file, const struct program *p, struct ability *a);

/** cache_write() - keep it, in place of what was kept */
int cache_write(const char *file, const struct program *p, const struct ability *a, struct zkz_err *err);

#endif
