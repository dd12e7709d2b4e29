// SPDX-License-Identifier: GPL-2.0
/*
 * zkz.ko: the memory of kernel zones as files, and their replication over sockets.
 */
#include <linux/module.h>

static int __init zkz_init(void)
{
	return 0;
}

static void __exit zkz_exit(void)
{
}

module_init(zkz_init);
module_exit(zkz_exit);

MODULE_DESCRIPTION("Memory of kernel zones as files, tracked and replicated");
MODULE_LICENSE("GPL");
