// SPDX-License-Identifier: GPL-2.0
#include "storage/magic.h"

#include <string.h>

/* As file(1) knows them. */
static const struct {
	enum magic kind;
	size_t at;
	const char *text;
	size_t len;
} marks[] = {
	{ MAGIC_PACKED, 0, "\x1f\x8b", 2 },		/* gzip */
	{ MAGIC_PACKED, 0, "BZh", 3 },			/* bzip2 */
	{ MAGIC_PACKED, 0, "\xfd\x37zXZ", 6 },		/* xz, with the NUL behind it */
	{ MAGIC_PACKED, 0, "\x28\xb5\x2f\xfd", 4 },	/* zstd */
	{ MAGIC_PACKED, 0, "PK\x03\x04", 4 },		/* zip */
	{ MAGIC_FOREIGN, 0, "KDMV", 4 },		/* VMware */
	{ MAGIC_FOREIGN, 0, "# Disk DescriptorFile", 21 },
	{ MAGIC_FOREIGN, 0, "vhdxfile", 8 },		/* Hyper-V */
	{ MAGIC_FOREIGN, 0, "con\145ctix", 8 },		/* Virtual PC */
	{ MAGIC_FOREIGN, 64, "\x7f\x10\xda\xbe", 4 },	/* VirtualBox */
	{ MAGIC_FOREIGN, 0, "QED", 4 },			/* QEMU's former one, with the NUL behind it */
};

enum magic magic_of(const unsigned char *head, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (len >= marks[i].at + marks[i].len &&
		    !memcmp(head + marks[i].at, marks[i].text, marks[i].len))
			return marks[i].kind;
	return MAGIC_NONE;
}
