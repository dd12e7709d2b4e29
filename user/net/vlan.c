// SPDX-License-Identifier: GPL-2.0
#include "net/vlan.h"

#include <linux/if_bridge.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <sys/socket.h>

#include "conf/set.h"

/* A number that the kernel shows of a bridge; 0 if it does not. */
static unsigned int bridge_number(const char *bridge, const char *name)
{
	unsigned int value = 0;
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/net/%s/bridge/%s", bridge, name);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fscanf(f, "%u", &value) != 1)
		value = 0;
	fclose(f);
	return value;
}

bool vlan_wanted(const struct zone_nic *nic)
{
	return nic->vlan || nic->trunk[0];
}

int vlan_check(const struct zone_nic *nic, struct zkz_err *err)
{
	if (!vlan_wanted(nic) || bridge_number(nic->lower_link, "vlan_filtering"))
		return 0;
	return err_network_vlan_unaware(err, nic->lower_link);
}

static struct nl_msg *begin(int type, int ifindex, struct nlattr **spec)
{
	struct ifinfomsg link = { .ifi_family = AF_BRIDGE, .ifi_index = ifindex };
	struct nl_msg *m = nlmsg_alloc_simple(type, 0);

	if (!m)
		return NULL;
	*spec = nlmsg_append(m, &link, sizeof(link), NLMSG_ALIGNTO) ? NULL : nla_nest_start(m, IFLA_AF_SPEC);
	if (*spec)
		return m;
	nlmsg_free(m);
	return NULL;
}

static int put(struct nl_msg *m, unsigned int vlan, unsigned int flags)
{
	struct bridge_vlan_info info = { .flags = (__u16)flags, .vid = (__u16)vlan };

	return nla_put(m, IFLA_BRIDGE_VLAN_INFO, sizeof(info), &info);
}

static int put_range(struct nl_msg *m, unsigned int first, unsigned int last)
{
	if (first == last)
		return put(m, first, 0);
	return put(m, first, BRIDGE_VLAN_INFO_RANGE_BEGIN) ? -1 : put(m, last, BRIDGE_VLAN_INFO_RANGE_END);
}

static int put_all(struct nl_msg *m, const struct zone_nic *nic, const struct conf_set *tagged)
{
	unsigned int first, last = 0;

	while (conf_set_range(tagged, last + 1, &first, &last))
		if (put_range(m, first, last))
			return -1;
	return nic->vlan ? put(m, nic->vlan, BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED) : 0;
}

/* Takes the message over. Return: 0 or a negative code of libnl. */
static int ask(struct nl_sock *s, struct nl_msg *m, struct nlattr *spec, int failed)
{
	if (failed) {
		nlmsg_free(m);
		return -NLE_NOMEM;
	}
	nla_nest_end(m, spec);
	return nl_send_sync(s, m);
}

static int add(struct nl_sock *s, int ifindex, const struct zone_nic *nic, const struct conf_set *tagged)
{
	struct nlattr *spec;
	struct nl_msg *m = begin(RTM_SETLINK, ifindex, &spec);

	return m ? ask(s, m, spec, put_all(m, nic, tagged)) : -NLE_NOMEM;
}

static int drop(struct nl_sock *s, int ifindex, unsigned int vlan)
{
	struct nlattr *spec;
	struct nl_msg *m = begin(RTM_DELLINK, ifindex, &spec);

	return m ? ask(s, m, spec, put(m, vlan, 0)) : -NLE_NOMEM;
}

int vlan_enter(struct nl_sock *s, const char *tap, int ifindex, const struct zone_nic *nic, struct zkz_err *err)
{
	unsigned int own = bridge_number(nic->lower_link, "default_pvid");
	struct conf_set tagged;
	int rc;

	if (!vlan_wanted(nic))
		return 0;
	conf_set_parse(nic->trunk, CONF_SET_MAX - 1, &tagged);
	rc = add(s, ifindex, nic, &tagged);
	/* A new port is in the VLAN that the bridge gives to all, and leaves it for another one without tags. */
	if (!rc && own && nic->vlan && own != nic->vlan && !conf_set_has(&tagged, own))
		rc = drop(s, ifindex, own);
	return rc < 0 ? err_network_vlan(err, tap, nic->lower_link, nl_geterror(rc)) : 0;
}
