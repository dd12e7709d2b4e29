// SPDX-License-Identifier: GPL-2.0
#include "net/protect.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/pkt_sched.h>
#include <net/if.h>
#include <netlink/cache.h>
#include <netlink/netlink.h>
#include <netlink/route/qdisc.h>
#include <stdio.h>
#include <string.h>

#include "lib/bpflog.h"
#include "net/bpf/protect.skel.h"

/* One that is none is nobody's. */
static void take_mac(const char *text, __u8 *mac)
{
	if (sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &mac[0], &mac[1], &mac[2], &mac[3], &mac[4],
		   &mac[5]) != 6)
		memset(mac, 0, 6);
}

static void take_net(const struct conf_address *a, struct rules_net *net)
{
	unsigned char mask[16] = { 0 };
	unsigned int i;

	for (i = 0; i < a->bits; i++)
		mask[i / 8] |= (unsigned char)(0x80U >> i % 8);
	net->v6 = a->v6;
	memcpy(net->addr, a->byte, sizeof(net->addr));
	memcpy(net->mask, mask, sizeof(net->mask));
	for (i = 0; i < 4; i++)
		net->addr[i] &= net->mask[i];
	/* Nothing but the first word of IPv4 is compared with anything but zero. */
	for (i = 1; i < 4 && !a->v6; i++)
		net->mask[i] = ~0U;
}

void protect_rules(const struct zone_nic *nic, struct rules *rules)
{
	unsigned int i;

	memset(rules, 0, sizeof(*rules));
	rules->what = (nic->protect & ZONE_MAC_NOSPOOF ? RULE_MAC : 0) |
		      (nic->protect & ZONE_IP_NOSPOOF ? RULE_IP : 0) |
		      (nic->protect & ZONE_DHCP_NOSPOOF ? RULE_DHCP : 0) |
		      (nic->protect & ZONE_RESTRICTED ? RULE_RESTRICTED : 0) | (nic->trunk[0] ? RULE_TAGS : 0);
	take_mac(nic->mac, rules->mac);
	for (i = 0; i < nic->nr_allowed && i < RULES_MAX_NETS; i++)
		take_net(nic->allowed + i, rules->net + i);
	rules->nr_nets = i;
}

static struct protect_bpf *load(const char *tap, const struct zone_nic *nic, struct zkz_err *err)
{
	struct protect_bpf *p;

	bpf_log_here();
	p = protect_bpf__open();
	if (!p) {
		err_network_protect(err, tap, errno);
		return NULL;
	}
	protect_rules(nic, &p->rodata->rules);
	if (!protect_bpf__load(p))
		return p;
	err_network_protect(err, tap, errno);
	protect_bpf__destroy(p);
	return NULL;
}

int protect_check(const struct zone_nic *nic, struct zkz_err *err)
{
	struct protect_bpf *p;

	if (!nic->protect)
		return 0;
	p = load(nic->lower_link, nic, err);
	protect_bpf__destroy(p);
	return p ? 0 : -1;
}

/* Where packets come in there may be a place for filters already: of who has plugged something in by the tap's name. */
static int attach(int ifindex, int program)
{
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = BPF_TC_INGRESS);
	DECLARE_LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = program);
	int rc = bpf_tc_hook_create(&hook);

	return rc && rc != -EEXIST ? rc : bpf_tc_attach(&hook, &opts);
}

int protect_link(const char *tap, int ifindex, const struct zone_nic *nic, struct zkz_err *err)
{
	struct protect_bpf *p;
	int rc;

	if (!nic->protect)
		return 0;
	p = load(tap, nic, err);
	if (!p)
		return -1;
	rc = attach(ifindex, bpf_program__fd(p->progs.from_guest));
	protect_bpf__destroy(p);
	return rc ? err_network_protect(err, tap, -rc) : 0;
}

/* With the place for programs goes what is in it; a link that nobody has protected has none. */
int protect_again(const char *tap, int ifindex, const struct zone_nic *nic, struct zkz_err *err)
{
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex,
			    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	int rc;

	bpf_log_here();
	rc = bpf_tc_hook_destroy(&hook);
	if (rc && rc != -EINVAL && rc != -ENOENT)
		return err_network_protect(err, tap, -rc);
	return protect_link(tap, ifindex, nic, err);
}

/* The kernel counts them where the program is attached. */
uint64_t protect_dropped(const char *tap)
{
	struct nl_sock *s = nl_socket_alloc();
	struct rtnl_qdisc *place = NULL;
	struct nl_cache *all = NULL;
	uint64_t n = 0;

	if (s && !nl_connect(s, NETLINK_ROUTE) && !rtnl_qdisc_alloc_cache(s, &all))
		place = rtnl_qdisc_get_by_parent(all, (int)if_nametoindex(tap), TC_H_CLSACT);
	if (place)
		n = rtnl_tc_get_stat(TC_CAST(place), RTNL_TC_DROPS);
	rtnl_qdisc_put(place);
	nl_cache_free(all);
	nl_socket_free(s);
	return n;
}
