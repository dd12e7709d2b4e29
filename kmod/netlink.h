/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_NETLINK_H
#define _ZKZ_NETLINK_H

int zkz_netlink_init(void);
void zkz_netlink_exit(void);

#endif /* _ZKZ_NETLINK_H */
