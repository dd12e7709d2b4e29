/* SPDX-License-Identifier: GPL-2.0 */
/* What protect.bpf.c is told when it is loaded, for one link. */
#ifndef ZKZ_NET_BPF_RULES_H
#define ZKZ_NET_BPF_RULES_H

#include <linux/types.h>

/* What the guest must not do. */
#define RULE_MAC	1	/* send with another MAC address */
#define RULE_IP		2	/* or with another IP address */
#define RULE_DHCP	4	/* give out addresses, or ask for one in another's name */
#define RULE_RESTRICTED	8	/* speak anything else than IP and ARP */
#define RULE_TAGS	16	/* ... but it may tag its packets */

#define RULES_MAX_NETS	16

/**
 * struct rules_net - addresses of one network, in network order
 * @addr: address; bits that do not count are zero; IPv4 has the first word, the others are zero
 * @mask: bits that count
 * @v6:   of which kind
 */
struct rules_net {
	__u32 addr[4];
	__u32 mask[4];
	__u32 v6;
};

/**
 * struct rules - all of it
 * @what:    RULE_MAC...
 * @mac:     the guest's own
 * @nr_nets: how many of @net there are
 * @net:     addresses that it may use
 */
struct rules {
	__u32 what;
	__u8 mac[8];
	__u32 nr_nets;
	struct rules_net net[RULES_MAX_NETS];
};

#endif
