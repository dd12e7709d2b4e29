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
 * @probing: even if we do not know yet that they work, because that is being tested
 * @mode: of the root folder
 * @uid: of the root folder
 * @gid: of the root folder
 */
struct zkz_sb {
	unsigned long max_pages;
	atomic_long_t used;
	bool huge;
	bool probing;
	umode_t mode;
	kuid_t uid;
	kgid_t gid;
};

static inline struct zkz_sb *zkz_sb_of(const struct super_block *sb)
{
	return sb->s_fs_info;
}

extern struct file_system_type zkz_fs_type;

/**
 * zkz_fs_huge() - may a file system give out huge folios?
 * @zsb: the file system
 *
 * Return: true if it was mounted so and they work on this kernel.
 */
bool zkz_fs_huge(const struct zkz_sb *zsb);

int zkz_fs_init(void);
void zkz_fs_exit(void);

#endif /* _ZKZ_FS_H */
