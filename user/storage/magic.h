/* SPDX-License-Identifier: GPL-2.0 */
/* Files that look like images and are none that zkz knows. Pure. */
#ifndef ZKZ_STORAGE_MAGIC_H
#define ZKZ_STORAGE_MAGIC_H

#include <stddef.h>

enum magic {
	MAGIC_NONE,	/* nothing that is known */
	MAGIC_PACKED,	/* something that was compressed */
	MAGIC_FOREIGN,	/* a disk image of another format */
};

/** magic_of() - by what a file begins with; @head may be anything */
enum magic magic_of(const unsigned char *head, size_t len);

#endif
