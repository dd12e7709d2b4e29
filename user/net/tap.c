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

static struct rtnl_link *find_bridge(struct nl_sock *s, const char *name, unsigned int mtu,
				     struct zkz_err *err)
{
	struct rtnl_link *link = find_link(s, name, err);

	if (link && check_bridge(link, name, mtu, err)) {
		rtnl_link_put(link);
		return NULL;
	}
	return link;
}

int tap_check(const char *bridge, unsigned int mtu, struct zkz_err *err)
{
	struct nl_sock *s = open_route(err);
	struct rtnl_link *br = s ? find_bridge(s, bridge, mtu, err) : NULL;

	rtnl_link_put(br);
	nl_socket_free(s);
	return br ? 0 : -1;
}

int tap_make(const char *name, struct zkz_err *err)
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

/* Same MTU as the bridge, port of the bridge, up: one change. */
static int attach(struct nl_sock *s, const char *name, struct rtnl_link *br,
		  struct zkz_err *err)
{
	struct rtnl_link *tap = find_link(s, name, err);
	struct rtnl_link *change = rtnl_link_alloc();
	int rc;

	if (!tap || !change) {
		rtnl_link_put(change);
		rtnl_link_put(tap);
		return -1;
	}
	rtnl_link_set_mtu(change, rtnl_link_get_mtu(br));
	rtnl_link_set_master(change, rtnl_link_get_ifindex(br));
	rtnl_link_set_flags(change, IFF_UP);
	rc = rtnl_link_change(s, tap, change, 0);
	if (rc < 0)
		err_network_tap_attach(err, name, rtnl_link_get_name(br), nl_geterror(rc));
	rtnl_link_put(change);
	rtnl_link_put(tap);
	return rc < 0 ? -1 : 0;
}

int tap_plug(const char *name, const char *bridge, unsigned int mtu, struct zkz_err *err)
{
	struct nl_sock *s = open_route(err);
	struct rtnl_link *br = s ? find_bridge(s, bridge, mtu, err) : NULL;
	int rc = br ? attach(s, name, br, err) : -1;

	rtnl_link_put(br);
	nl_socket_free(s);
	return rc;
}

int tap_open(const char *name, const char *bridge, unsigned int mtu, struct zkz_err *err)
{
	int fd = tap_make(name, err);

	if (fd >= 0 && tap_plug(name, bridge, mtu, err))
		io_close(&fd);
	return fd;
}
