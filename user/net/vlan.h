/* SPDX-License-Identifier: GPL-2.0 */
/* VLANs of a bridge, and which of them a port of it is in. */
#ifndef ZKZ_NET_VLAN_H
#define ZKZ_NET_VLAN_H

#include <netlink/netlink.h>

#include "lib/err.h"
#include "zone/model.h"

/** vlan_wanted() - does the interface need a bridge that knows VLANs? */
bool vlan_wanted(const struct zone_nic *nic);

/** vlan_check() - does the bridge of the interface know them, if it needs that? */
int vlan_check(const struct zone_nic *nic, struct zkz_err *err);

/**
 * vlan_enter() - put a port of the bridge into the VLANs of the interface
 * @s:       routing socket
 * @tap:     name of the port, for messages
 * @ifindex: its number; it should be down, since it is in the bridge's own VLAN until then
 * @nic:     the interface; without VLANs nothing is done
 * @err:     filled on failure
 */
int vlan_enter(struct nl_sock *s, const char *tap, int ifindex, const struct zone_nic *nic, struct zkz_err *err);

#endif
