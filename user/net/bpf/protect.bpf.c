// SPDX-License-Identifier: GPL-2.0
/*
 * Looks at each packet that a guest sends, when it comes from the guest's tap, and drops what link-protection forbids.
 * Packets to the guest are not looked at.
 *
 * A guest decides what is in a packet and how it is laid out: nothing is read but by bpf_skb_load_bytes(), and what
 * ends too early is dropped. Tags of the first VLAN are no longer in the packet here; a second one would hide what is
 * behind it.
 */
#include <linux/bpf.h>
#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "net/bpf/rules.h"

/* Other filters of the link come next. */
#define PASS	TC_ACT_UNSPEC
#define DROP	TC_ACT_SHOT

#define HW_ETHERNET		1
#define PORT_DHCP_SERVER	67
#define PORT_DHCP6_SERVER	547
/* In a message of DHCP: type and length of the hardware address, and that itself. */
#define DHCP_HTYPE		1
#define DHCP_CHADDR		28
#define ICMP6_TARGET		8
#define ND_ADVERT		136
#define ND_SOLICIT		135
#define ND_ROUTER		134
#define ND_REDIRECT		137
/* More headers than that before the one that counts are nobody's who means well. */
#define MAX_HEADERS		8

const volatile struct rules rules;

/* ARP for IPv4 on Ethernet, as no header for programs has it. */
struct arp_ipv4 {
	__u16 hw;
	__u16 proto;
	__u8 hw_len;
	__u8 proto_len;
	__u16 op;
	__u8 sender_mac[ETH_ALEN];
	__u8 sender_ip[4];
	__u8 target_mac[ETH_ALEN];
	__u8 target_ip[4];
} __attribute__((packed));

/* struct at - how far a packet has been read, and what comes there */
struct at {
	__u32 off;
	__u8 proto;
	__u8 fragment;	/* of a packet that has more of them */
	__u8 rest;	/* not the first one: it has no header of the next protocol */
};

static __always_inline int load(struct __sk_buff *skb, __u32 off, void *to, __u32 len)
{
	return bpf_skb_load_bytes(skb, off, to, len);
}

static __always_inline int own_mac(const __u8 *mac)
{
	int i;

	for (i = 0; i < ETH_ALEN; i++)
		if (mac[i] != rules.mac[i])
			return 0;
	return 1;
}

static __always_inline int in_net(const volatile struct rules_net *net, const __u32 *addr)
{
	int i;

	for (i = 0; i < 4; i++)
		if ((addr[i] & net->mask[i]) != net->addr[i])
			return 0;
	return 1;
}

static int allowed(const __u32 *addr, __u32 v6)
{
	__u32 i;

	for (i = 0; i < RULES_MAX_NETS; i++) {
		if (i >= rules.nr_nets)
			break;
		if (rules.net[i].v6 == v6 && in_net(&rules.net[i], addr))
			return 1;
	}
	return 0;
}

static int allowed4(__u32 ip)
{
	__u32 addr[4] = { ip, 0, 0, 0 };

	return allowed(addr, 0);
}

/* Addresses that end at the link are anybody's. */
static int allowed6(const struct in6_addr *ip)
{
	__u32 addr[4];

	__builtin_memcpy(addr, ip, sizeof(addr));
	if ((addr[0] & bpf_htonl(0xffc00000)) == bpf_htonl(0xfe800000))
		return 1;
	return allowed(addr, 1);
}

static int no_address6(const struct in6_addr *ip)
{
	__u32 addr[4];

	__builtin_memcpy(addr, ip, sizeof(addr));
	return !(addr[0] | addr[1] | addr[2] | addr[3]);
}

/* Requests, answers and announcements, and QEMU's own by RARP after a migration, say who has which address. */
static int check_arp(struct __sk_buff *skb)
{
	struct arp_ipv4 arp;
	__u32 ip;

	if (!(rules.what & (RULE_MAC | RULE_IP)))
		return PASS;
	if (load(skb, ETH_HLEN, &arp, sizeof(arp)) || arp.hw != bpf_htons(HW_ETHERNET) ||
	    arp.proto != bpf_htons(ETH_P_IP) || arp.hw_len != ETH_ALEN || arp.proto_len != sizeof(ip))
		return DROP;
	if (rules.what & RULE_MAC && !own_mac(arp.sender_mac))
		return DROP;
	__builtin_memcpy(&ip, arp.sender_ip, sizeof(ip));
	/* "Does anybody have this address?" is asked without one. */
	if (rules.what & RULE_IP && ip && !allowed4(ip))
		return DROP;
	return PASS;
}

static int check_dhcp(struct __sk_buff *skb, __u32 message)
{
	__u8 hw[2], mac[ETH_ALEN];

	if (load(skb, message + DHCP_HTYPE, hw, sizeof(hw)) || load(skb, message + DHCP_CHADDR, mac, sizeof(mac)))
		return DROP;
	return hw[0] == HW_ETHERNET && hw[1] == ETH_ALEN && own_mac(mac) ? PASS : DROP;
}

static int check_udp(struct __sk_buff *skb, const struct at *at, int v6)
{
	struct udphdr udp;

	if (load(skb, at->off, &udp, sizeof(udp)))
		return DROP;
	if (udp.source == bpf_htons(v6 ? PORT_DHCP6_SERVER : PORT_DHCP_SERVER))
		return DROP;
	if (!v6 && udp.dest == bpf_htons(PORT_DHCP_SERVER))
		return check_dhcp(skb, at->off + sizeof(udp));
	return PASS;
}

/* Who has no address yet asks for one by DHCP, and tells switches by IGMP what it listens to. */
static int check_source4(struct __sk_buff *skb, const struct iphdr *ip, const struct at *at)
{
	struct udphdr udp;

	if (ip->saddr)
		return allowed4(ip->saddr) ? PASS : DROP;
	if (ip->protocol == IPPROTO_IGMP)
		return PASS;
	if (ip->protocol != IPPROTO_UDP || at->rest || load(skb, at->off, &udp, sizeof(udp)))
		return DROP;
	return udp.dest == bpf_htons(PORT_DHCP_SERVER) ? PASS : DROP;
}

static int check_ipv4(struct __sk_buff *skb)
{
	struct at at = { 0 };
	struct iphdr ip;

	if (!(rules.what & (RULE_IP | RULE_DHCP)))
		return PASS;
	if (load(skb, ETH_HLEN, &ip, sizeof(ip)) || ip.version != 4 || ip.ihl < 5)
		return DROP;
	at.off = ETH_HLEN + ip.ihl * 4;
	at.rest = !!(ip.frag_off & bpf_htons(0x1fff));
	if (rules.what & RULE_IP && check_source4(skb, &ip, &at) == DROP)
		return DROP;
	if (rules.what & RULE_DHCP && ip.protocol == IPPROTO_UDP && !at.rest)
		return check_udp(skb, &at, 0);
	return PASS;
}

/* Return: 1 if a header was read, 0 if none of those between is there, -1 if it is cut off. */
static __always_inline int next_header(struct __sk_buff *skb, struct at *at)
{
	__u8 h[4];

	switch (at->proto) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_DSTOPTS:
	case IPPROTO_AH:
	case IPPROTO_FRAGMENT:
		break;
	default:
		return 0;
	}
	if (load(skb, at->off, h, sizeof(h)))
		return -1;
	if (at->proto == IPPROTO_FRAGMENT) {
		at->fragment = 1;
		at->rest = h[2] || h[3] & 0xf8;
		at->off += 8;
	} else if (at->proto == IPPROTO_AH) {
		at->off += (h[1] + 2) * 4;
	} else {
		at->off += (h[1] + 1) * 8;
	}
	at->proto = h[0];
	return 1;
}

/* Return: 0 if the last header was found, or what comes is the rest of another packet; -1 if not. */
static int find_last(struct __sk_buff *skb, struct at *at)
{
	int i, rc;

	for (i = 0; i < MAX_HEADERS; i++) {
		rc = next_header(skb, at);
		if (rc <= 0 || at->rest)
			return rc < 0 ? -1 : 0;
	}
	return -1;
}

/* Neighbour discovery is the ARP of IPv6, and routers give out addresses by it. In fragments it is not to be. */
static int check_icmp6(struct __sk_buff *skb, const struct ipv6hdr *ip, const struct at *at)
{
	struct in6_addr target;
	__u8 type;

	if (load(skb, at->off, &type, sizeof(type)))
		return DROP;
	if (type < 133 || type > ND_REDIRECT)
		return PASS;
	if (at->fragment)
		return DROP;
	if (type == ND_ROUTER)
		return rules.what & RULE_DHCP ? DROP : PASS;
	if (!(rules.what & RULE_IP))
		return PASS;
	if (type == ND_REDIRECT)
		return DROP;
	if (type != ND_ADVERT && !(type == ND_SOLICIT && no_address6(&ip->saddr)))
		return PASS;
	if (load(skb, at->off + ICMP6_TARGET, &target, sizeof(target)))
		return DROP;
	return allowed6(&target) ? PASS : DROP;
}

static int check_ipv6(struct __sk_buff *skb)
{
	struct ipv6hdr ip;
	struct at at = { 0 };

	if (!(rules.what & (RULE_IP | RULE_DHCP)))
		return PASS;
	if (load(skb, ETH_HLEN, &ip, sizeof(ip)) || ip.version != 6)
		return DROP;
	at.off = ETH_HLEN + sizeof(ip);
	at.proto = ip.nexthdr;
	if (find_last(skb, &at))
		return DROP;
	/* Without an address one can only look for one. */
	if (rules.what & RULE_IP && !(no_address6(&ip.saddr) ? at.proto == IPPROTO_ICMPV6 : allowed6(&ip.saddr)))
		return DROP;
	if (at.rest)
		return PASS;
	if (at.proto == IPPROTO_ICMPV6)
		return check_icmp6(skb, &ip, &at);
	return rules.what & RULE_DHCP && at.proto == IPPROTO_UDP ? check_udp(skb, &at, 1) : PASS;
}

/* Tags behind the first hide whose packet it is. */
static int is_tag(__u16 proto)
{
	return proto == bpf_htons(ETH_P_8021Q) || proto == bpf_htons(ETH_P_8021AD) || proto == bpf_htons(ETH_P_QINQ1);
}

SEC("tc")
int from_guest(struct __sk_buff *skb)
{
	struct ethhdr eth;

	if (load(skb, 0, &eth, sizeof(eth)))
		return DROP;
	if (rules.what & RULE_MAC && !own_mac(eth.h_source))
		return DROP;
	if (rules.what & RULE_RESTRICTED && skb->vlan_present && !(rules.what & RULE_TAGS))
		return DROP;
	if (eth.h_proto == bpf_htons(ETH_P_IP))
		return check_ipv4(skb);
	if (eth.h_proto == bpf_htons(ETH_P_IPV6))
		return check_ipv6(skb);
	if (eth.h_proto == bpf_htons(ETH_P_ARP) || eth.h_proto == bpf_htons(ETH_P_RARP))
		return check_arp(skb);
	if (rules.what & RULE_RESTRICTED)
		return DROP;
	return is_tag(eth.h_proto) && rules.what & ~RULE_MAC ? DROP : PASS;
}

char _license[] SEC("license") = "GPL";
