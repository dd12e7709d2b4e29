// SPDX-License-Identifier: GPL-2.0
/*
 * zkz.ko: the memory of kernel zones as files, and their replication over sockets.
 */
#include "fs.h"
#include "inode.h"
#include "netlink.h"
#include "selftest/selftest.h"

#include <linux/module.h>

static int __init zkz_init(void)
{
	int err;

	if (!zkz_selftest_bitmap() || !zkz_selftest_brake())
		return -ENOTRECOVERABLE;
	err = zkz_inode_init();
	if (err)
		return err;
	err = zkz_fs_init();
	if (err)
		goto err_inode;
	err = zkz_netlink_init();
	if (err)
		goto err_fs;
	return 0;

err_fs:
	zkz_fs_exit();
err_inode:
	zkz_inode_exit();
	return err;
}

static void __exit zkz_exit(void)
{
	zkz_netlink_exit();
	zkz_fs_exit();
	zkz_inode_exit();
}

module_init(zkz_init);
module_exit(zkz_exit);

MODULE_DESCRIPTION("Memory of kernel zones as files, tracked and replicated");
MODULE_LICENSE("GPL");
