// SPDX-License-Identifier: GPL-2.0
#include "net/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netlink/cache.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "lib/io.h"
#include "net/protect.h"
#include "net/vlan.h"

static struct nl_sock *open_route(struct zkz_err *err)
{
	struct nl_sock *s = nl_socket_alloc();
	int rc;

	rc = s ? nl_connect(s, NETLINK_ROUTE) : -NLE_NOMEM;
	if (rc < 0) {
		err_network_routing(err, nl_geterror(rc));
		nl_socket_free(s);
		return NULL;
	}
	return s;
}

static struct rtnl_link *find_link(struct nl_sock *s, const char *name,
				   struct zkz_err *err)
{
	struct rtnl_link *link;
	int rc = rtnl_link_get_kernel(s, 0, name, &link);

	if (rc < 0) {
		err_network_link(err, name, nl_geterror(rc));
		return NULL;
	}
	return link;
}

/* The guest may send packets of @mtu bytes: on a bridge that carries less they would be lost. */
static int check_bridge(struct rtnl_link *link, const char *name, unsigned int mtu, struct zkz_err *err)
{
	const char *type = rtnl_link_get_type(link);

	if (!type || strcmp(type, "bridge"))
		return err_network_no_bridge(err, name);
	if (rtnl_link_get_mtu(link) < mtu)
		return err_network_mtu(err, name, rtnl_link_get_mtu(link), mtu);
	return 0;
}

static struct rtnl_link *find_bridge(struct nl_sock *s, const struct zone_nic *nic, struct zkz_err *err)
{
	struct rtnl_link *link = find_link(s, nic->lower_link, err);

	if (link && (check_bridge(link, nic->lower_link, nic->mtu, err) || vlan_check(nic, err))) {
		rtnl_link_put(link);
		return NULL;
	}
	return link;
}

int tap_check(const struct zone_nic *nic, struct zkz_err *err)
{
	struct nl_sock *s = open_route(err);
	struct rtnl_link *br = s ? find_bridge(s, nic, err) : NULL;

	rtnl_link_put(br);
	nl_socket_free(s);
	return br ? protect_check(nic, err) : -1;
}

static int make(const char *name, struct zkz_err *err)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return err_network_tun(err, errno);
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (ioctl(fd, TUNSETIFF, &ifr)) {
		err_network_tap(err, name, errno);
		io_close(&fd);
	}
	return fd;
}

int tap_make(const char *name, const struct zone_nic *nic, struct zkz_err *err)
{
	int fd = make(name, err);

	if (fd >= 0 && protect_link(name, (int)if_nametoindex(name), nic, err))
		io_close(&fd);
	return fd;
}

char *tap_name(int fd, char *name)
{
	struct ifreq ifr = { 0 };

	if (ioctl(fd, TUNGETIFF, &ifr))
		ifr.ifr_name[0] = '\0';
	snprintf(name, IFNAMSIZ, "%s", ifr.ifr_name);
	return name;
}

/* Port of the bridge, with the same MTU. */
static int enslave(struct nl_sock *s, struct rtnl_link *tap, struct rtnl_link *br)
{
	struct rtnl_link *change = rtnl_link_alloc();
	int rc;

	if (!change)
		return -NLE_NOMEM;
	rtnl_link_set_mtu(change, rtnl_link_get_mtu(br));
	rtnl_link_set_master(change, rtnl_link_get_ifindex(br));
	rc = rtnl_link_change(s, tap, change, 0);
	rtnl_link_put(change);
	return rc;
}

static int set_up(struct nl_sock *s, struct rtnl_link *tap)
{
	struct rtnl_link *change = rtnl_link_alloc();
	int rc;

	if (!change)
		return -NLE_NOMEM;
	rtnl_link_set_flags(change, IFF_UP);
	rc = rtnl_link_change(s, tap, change, 0);
	rtnl_link_put(change);
	return rc;
}

/* It goes up when no packet can take a way that it must not. */
static int attach(struct nl_sock *s, struct rtnl_link *tap, struct rtnl_link *br, const struct zone_nic *nic,
		  struct zkz_err *err)
{
	const char *name = rtnl_link_get_name(tap);
	int rc = enslave(s, tap, br);

	if (rc < 0)
		return err_network_tap_attach(err, name, nic->lower_link, nl_geterror(rc));
	if (vlan_enter(s, name, rtnl_link_get_ifindex(tap), nic, err))
		return -1;
	rc = set_up(s, tap);
	return rc < 0 ? err_network_tap_attach(err, name, nic->lower_link, nl_geterror(rc)) : 0;
}

int tap_plug(const char *name, const struct zone_nic *nic, struct zkz_err *err)
{
	struct nl_sock *s = open_route(err);
	struct rtnl_link *br = s ? find_bridge(s, nic, err) : NULL;
	struct rtnl_link *tap = br ? find_link(s, name, err) : NULL;
	int rc = tap ? attach(s, tap, br, nic, err) : -1;

	rtnl_link_put(tap);
	rtnl_link_put(br);
	nl_socket_free(s);
	return rc;
}

/* Out of the bridge, with its VLANs, and down. */
static int unplug(const char *name, struct zkz_err *err)
{
	struct nl_sock *s = open_route(err);
	struct rtnl_link *tap = s ? find_link(s, name, err) : NULL, *change = tap ? rtnl_link_alloc() : NULL;
	int rc = -1;

	if (change) {
		rtnl_link_unset_flags(change, IFF_UP);
		rtnl_link_set_master(change, 0);
		rc = rtnl_link_change(s, tap, change, 0);
		if (rc < 0)
			rc = err_network_tap_detach(err, name, nl_geterror(rc));
	}
	rtnl_link_put(change);
	rtnl_link_put(tap);
	nl_socket_free(s);
	return rc;
}

int tap_replug(const char *name, const struct zone_nic *nic, struct zkz_err *err)
{
	return unplug(name, err) || protect_again(name, (int)if_nametoindex(name), nic, err) ||
	       tap_plug(name, nic, err) ? -1 : 0;
}

int tap_open(const char *name, const struct zone_nic *nic, struct zkz_err *err)
{
	int fd = tap_make(name, nic, err);

	if (fd >= 0 && tap_plug(name, nic, err))
		io_close(&fd);
	return fd;
}
