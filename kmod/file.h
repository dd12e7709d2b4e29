/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_FILE_H
#define _ZKZ_FILE_H

#include <linux/fs.h>

extern const struct file_operations zkz_file_ops;
extern const struct inode_operations zkz_file_inode_ops;

#endif /* _ZKZ_FILE_H */
