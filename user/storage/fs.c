// SPDX-License-Identifier: GPL-2.0
#include "storage/fs.h"

#include <stddef.h>

/* Anything not listed counts as local to this host, and yet not as its own. */
static const struct fs_kind fs_kinds[] = {
	{ 0x6969, "NFS", true, true },
	{ 0xff534d42, "CIFS", true, true },
	{ 0xfe534d42, "SMB2", true, true },
	{ 0x00c36400, "Ceph", true, true },
	{ 0x01161970, "GFS2", true, true },
	{ 0x7461636f, "OCFS2", true, true },
	{ 0x013111a8, "IBRIX", true, true },
	{ 0x0bd00bd0, "Lustre", true, true },
	{ 0x01021997, "9p", false, true },
	{ 0x01021994, "tmpfs", false, false },
	{ 0xef53, "ext4", false, false },
	{ 0x58465342, "XFS", false, false },
	{ 0x9123683e, "btrfs", false, false },
	{ 0x794c7630, "overlay", false, false },
	{ 0x858458f6, "ramfs", false, false },
};

const struct fs_kind *fs_find(unsigned long magic)
{
	size_t i;

	for (i = 0; i < sizeof(fs_kinds) / sizeof(fs_kinds[0]); i++)
		if (fs_kinds[i].magic == (magic & 0xffffffffUL))
			return &fs_kinds[i];
	return NULL;
}
