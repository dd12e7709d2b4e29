/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_INODE_H
#define _ZKZ_INODE_H

#include <linux/fs.h>

struct inode *zkz_inode_alloc(struct super_block *sb);
void zkz_inode_free(struct inode *inode);
void zkz_inode_evict(struct inode *inode);

/**
 * zkz_inode_new() - make an inode for a regular file or a folder
 * @sb: the file system
 * @dir: the folder it will be in, or NULL
 * @mode: type and rights
 *
 * Return: the inode, or NULL if there is no memory for it.
 */
struct inode *zkz_inode_new(struct super_block *sb, struct inode *dir, umode_t mode);

int zkz_inode_init(void);
void zkz_inode_exit(void);

#endif /* _ZKZ_INODE_H */
