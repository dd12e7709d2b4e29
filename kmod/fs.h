/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_FS_H
#define _ZKZ_FS_H

#include <linux/fs.h>

#define ZKZ_FS_MAGIC	0x7a6b7a66	/* "zkzf" */

/**
 * struct zkz_sb - one mounted zkzfs
 * @max_pages: the size limit, 0 for none
 * @used: pages charged to it
 * @huge: give out huge folios
 * @mode: of the root folder
 * @uid: of the root folder
 * @gid: of the root folder
 */
struct zkz_sb {
	unsigned long max_pages;
	atomic_long_t used;
	bool huge;
	umode_t mode;
	kuid_t uid;
	kgid_t gid;
};

static inline struct zkz_sb *zkz_sb_of(const struct super_block *sb)
{
	return sb->s_fs_info;
}

/* Huge folios work on this kernel: the self-test says so. */
extern bool zkz_huge_works;

extern struct file_system_type zkz_fs_type;

int zkz_fs_init(void);
void zkz_fs_exit(void);

#endif /* _ZKZ_FS_H */
