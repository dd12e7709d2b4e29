/* SPDX-License-Identifier: GPL-2.0 */
/* QEMU's table of the memory blocks of a machine. Pure. */
#ifndef ZKZ_QEMU_RAMBLOCK_H
#define ZKZ_QEMU_RAMBLOCK_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct ramblock - one line of it
 * @name: "pc.bios"
 * @used: bytes in use
 * @max:  bytes it can grow to
 */
struct ramblock {
	char name[128];
	uint64_t used;
	uint64_t max;
};

/**
 * ramblock_next() - the next block of a text of x-query-ramblock
 * @text: where to go on; moved behind the line that was read
 * @b:    filled
 *
 * Lines that tell of no block, such as the title, are left out. Return: false at the end.
 */
bool ramblock_next(const char **text, struct ramblock *b);

#endif
