// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest may send: packets go through the program that the kernel has for its tap, in the kernel, with no tap.
 * A table of what the program is told, and the packets that it lets through or drops.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net/protect.h"
#include "packet.h"
#include "unit.h"

#include "net/bpf/protect.skel.h"

#define OWN	"020000000001"
#define OTHER	"020000000002"
#define IPV4	"0800"
#define IPV6	"86dd"
#define ARP	"0806"
#define UDP	17
#define ICMP6	58

/* What has whole headers of IPv6 is no shorter. */
#define SHORT	(14 + 40)

static struct protect_bpf *prog;

static struct zone_nic nic(unsigned int protect, const char *allowed)
{
	struct zone_nic n = { .mac = "02:00:00:00:00:01", .protect = protect };
	int nr = allowed ? conf_addresses_parse(allowed, n.allowed) : 0;

	n.nr_allowed = nr > 0 ? (unsigned int)nr : 0;
	return n;
}

/* Return: false where no program can be loaded; the test is skipped then. */
static bool load(unsigned int protect, const char *allowed)
{
	struct zone_nic n = nic(protect, allowed);

	if (geteuid()) {
		unit_skip("only root can load BPF programs");
		return false;
	}
	prog = protect_bpf__open();
	if (!prog)
		return CHECK(prog);
	protect_rules(&n, &prog->rodata->rules);
	if (!protect_bpf__load(prog))
		return true;
	protect_bpf__destroy(prog);
	prog = NULL;
	unit_skip("this kernel loads no BPF programs");
	return false;
}

static void unload(void)
{
	protect_bpf__destroy(prog);
	prog = NULL;
}

static bool passes(const struct packet *p)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = p->byte, .data_size_in = (__u32)p->len);
	int rc = bpf_prog_test_run_opts(bpf_program__fd(prog->progs.from_guest), &opts);

	/* Newer kernels make no such try with a header that is cut off; a guest's packet would come all the same. */
	if (rc == -EINVAL && p->len < SHORT)
		return false;
	CHECK_INT(rc, 0);
	/* "the next filter" or "drop" */
	CHECK(opts.retval == (__u32)-1 || opts.retval == 2);
	return opts.retval == (__u32)-1;
}

/* Whatever there is of a packet that is not to pass, it does not: cut off anywhere behind the type. */
static void never(struct packet *p)
{
	size_t whole = p->len;

	for (; p->len > 14; p->len--)
		unit_check(!passes(p), __FILE__, __LINE__, "%zu of %zu bytes pass", p->len, whole);
	p->len = whole;
}

TEST(addresses_become_rules)
{
	struct zone_nic n = nic(ZONE_IP_NOSPOOF, "10.0.0.5/24,10.1.0.0/16,fd00::/64");
	struct rules r;

	snprintf(n.trunk, sizeof(n.trunk), "20");
	protect_rules(&n, &r);
	CHECK_INT(r.what, RULE_IP | RULE_TAGS);
	CHECK_BYTES(r.mac, 6, "\x02\0\0\0\0\x01", 6);
	CHECK_INT(r.nr_nets, 3);
	CHECK_INT(ntohl(r.net[0].addr[0]), 0x0a000005);
	CHECK_INT(ntohl(r.net[0].mask[0]), 0xffffffff);
	CHECK_INT(ntohl(r.net[1].addr[0]), 0x0a010000);
	CHECK_INT(ntohl(r.net[1].mask[0]), 0xffff0000);
	CHECK_INT(r.net[1].mask[3], 0xffffffff);
	CHECK_INT(r.net[2].v6, 1);
	CHECK_INT(r.net[2].mask[1], 0xffffffff);
	CHECK_INT(r.net[2].mask[2], 0);
}

TEST(another_mac_does_not_pass)
{
	struct packet p;

	if (!load(ZONE_MAC_NOSPOOF, NULL))
		return;
	packet_eth(&p, OWN, IPV4);
	packet_ipv4(&p, "192.0.2.1", UDP, 0);
	CHECK(passes(&p));
	packet_eth(&p, OTHER, IPV4);
	packet_ipv4(&p, "192.0.2.1", UDP, 0);
	never(&p);
	packet_eth(&p, OTHER, "88cc");
	packet_put(&p, "0102030405060708");
	never(&p);
	packet_eth(&p, OWN, "88cc");
	packet_put(&p, "0102030405060708");
	CHECK(passes(&p));
	packet_eth(&p, OWN, ARP);
	packet_arp(&p, OWN, "192.0.2.1");
	CHECK(passes(&p));
	packet_eth(&p, OWN, ARP);
	packet_arp(&p, OTHER, "192.0.2.1");
	never(&p);
	unload();
}

TEST(another_ipv4_address_does_not_pass)
{
	struct packet p;

	if (!load(ZONE_IP_NOSPOOF, "10.0.0.5/24,10.1.0.0/16"))
		return;
	packet_eth(&p, OTHER, IPV4);
	packet_ipv4(&p, "10.0.0.5", UDP, 0);
	CHECK(passes(&p));
	packet_eth(&p, OWN, IPV4);
	packet_ipv4(&p, "10.1.255.1", UDP, 0);
	CHECK(passes(&p));
	packet_eth(&p, OWN, IPV4);
	packet_ipv4(&p, "10.0.0.6", UDP, 0);
	packet_udp(&p, 1000, 2000);
	never(&p);
	/* Nor in the rest of a packet that begins elsewhere. */
	packet_eth(&p, OWN, IPV4);
	packet_ipv4(&p, "10.0.0.6", UDP, 100);
	never(&p);
	packet_eth(&p, OWN, ARP);
	packet_arp(&p, OWN, "10.0.0.5");
	CHECK(passes(&p));
	packet_eth(&p, OWN, ARP);
	packet_arp(&p, OWN, "10.0.0.1");
	never(&p);
	packet_eth(&p, OWN, "8035");
	packet_arp(&p, OWN, "0.0.0.0");
	CHECK(passes(&p));
	packet_eth(&p, OWN, IPV6);
	packet_ipv6(&p, "2001:db8::1", UDP);
	never(&p);
	unload();
}

TEST(without_an_address_one_is_asked_for)
{
	struct packet p;

	if (!load(ZONE_IP_NOSPOOF, "10.0.0.5"))
		return;
	packet_eth(&p, OWN, IPV4);
	packet_ipv4(&p, "0.0.0.0", UDP, 0);
	packet_udp(&p, 68, 67);
	CHECK(passes(&p));
	packet_eth(&p, OWN, IPV4);
	packet_ipv4(&p, "0.0.0.0", UDP, 0);
	packet_udp(&p, 68, 53);
	never(&p);
	packet_eth(&p, OWN, IPV4);
	packet_ipv4(&p, "0.0.0.0", 6, 0);
	never(&p);
	packet_eth(&p, OWN, IPV4);
	packet_ipv4(&p, "0.0.0.0", 2, 0);
	CHECK(passes(&p));
	unload();
}

TEST(another_ipv6_address_does_not_pass)
{
	struct packet p;

	if (!load(ZONE_IP_NOSPOOF, "fd00::/64,2001:db8::5"))
		return;
	packet_eth(&p, OWN, IPV6);
	packet_ipv6(&p, "fd00::1:2:3", UDP);
	CHECK(passes(&p));
	packet_eth(&p, OWN, IPV6);
	packet_ipv6(&p, "fe80::1", UDP);
	CHECK(passes(&p));
	packet_eth(&p, OWN, IPV6);
	packet_ipv6(&p, "2001:db8::6", UDP);
	packet_udp(&p, 1, 2);
	never(&p);
	packet_eth(&p, OWN, IPV6);
	packet_ipv6(&p, "::", UDP);
	packet_udp(&p, 1, 2);
	never(&p);
	packet_eth(&p, OWN, IPV4);
	packet_ipv4(&p, "10.0.0.1", UDP, 0);
	never(&p);
	unload();
}

static void neighbour(struct packet *p, const char *from, unsigned char type, const char *target)
{
	packet_eth(p, OWN, IPV6);
	packet_ipv6(p, from, ICMP6);
	packet_icmp6(p, type, target);
}

/* Header @next behind one of 8 bytes of each kind that there is before it. */
static void behind_headers(struct packet *p, const char *from, const char *fragment)
{
	packet_eth(p, OWN, IPV6);
	packet_ipv6(p, from, 0);
	packet_put(p, "3c 00 000000000000");
	packet_put(p, fragment);
}

TEST(neighbours_are_told_the_truth)
{
	struct packet p;

	if (!load(ZONE_IP_NOSPOOF, "2001:db8::5"))
		return;
	neighbour(&p, "fe80::1", 136, "2001:db8::5");
	CHECK(passes(&p));
	neighbour(&p, "fe80::1", 136, "2001:db8::1");
	never(&p);
	/* "Does anybody have this address?" would take it from one who is just looking for one. */
	neighbour(&p, "::", 135, "2001:db8::1");
	never(&p);
	neighbour(&p, "::", 135, "2001:db8::5");
	CHECK(passes(&p));
	neighbour(&p, "fe80::1", 135, "2001:db8::1");
	CHECK(passes(&p));
	neighbour(&p, "fe80::1", 137, "2001:db8::5");
	never(&p);
	/* Options, and options for the target, then the advertisement. */
	behind_headers(&p, "fe80::1", "3a 00 000000000000");
	packet_icmp6(&p, 136, "2001:db8::1");
	never(&p);
	behind_headers(&p, "fe80::1", "3a 00 000000000000");
	packet_icmp6(&p, 136, "2001:db8::5");
	CHECK(passes(&p));
	/* In the first fragment of several. */
	behind_headers(&p, "fe80::1", "2c 00 000000000000 3a 00 0001 00000000");
	packet_icmp6(&p, 136, "2001:db8::5");
	never(&p);
	/* What comes behind a later one is no header. */
	behind_headers(&p, "2001:db8::5", "2c 00 000000000000 3a 00 0009 00000000");
	packet_icmp6(&p, 136, "2001:db8::1");
	CHECK(passes(&p));
	behind_headers(&p, "2001:db8::6", "2c 00 000000000000 3a 00 0009 00000000");
	never(&p);
	unload();
}

TEST(headers_have_an_end)
{
	struct packet p;
	int i;

	if (!load(ZONE_IP_NOSPOOF, "2001:db8::5"))
		return;
	packet_eth(&p, OWN, IPV6);
	packet_ipv6(&p, "2001:db8::5", 60);
	for (i = 0; i < 20; i++)
		packet_put(&p, "3c 00 000000000000");
	never(&p);
	unload();
}

TEST(addresses_are_not_given_out)
{
	struct packet p;

	if (!load(ZONE_DHCP_NOSPOOF, NULL))
		return;
	packet_eth(&p, OTHER, IPV4);
	packet_ipv4(&p, "10.9.9.9", UDP, 0);
	packet_udp(&p, 67, 68);
	packet_dhcp(&p, OTHER);
	never(&p);
	packet_eth(&p, OTHER, IPV6);
	packet_ipv6(&p, "fe80::1", UDP);
	packet_udp(&p, 547, 546);
	never(&p);
	neighbour(&p, "fe80::1", 134, "::");
	never(&p);
	neighbour(&p, "fe80::1", 136, "2001:db8::1");
	CHECK(passes(&p));
	packet_eth(&p, OTHER, IPV4);
	packet_ipv4(&p, "10.9.9.9", UDP, 0);
	packet_udp(&p, 53, 68);
	CHECK(passes(&p));
	unload();
}

TEST(dhcp_is_asked_in_ones_own_name)
{
	struct packet p;

	if (!load(ZONE_DHCP_NOSPOOF, NULL))
		return;
	packet_eth(&p, OWN, IPV4);
	packet_ipv4(&p, "0.0.0.0", UDP, 0);
	packet_udp(&p, 68, 67);
	packet_dhcp(&p, OWN);
	CHECK(passes(&p));
	packet_eth(&p, OWN, IPV4);
	packet_ipv4(&p, "0.0.0.0", UDP, 0);
	packet_udp(&p, 68, 67);
	packet_dhcp(&p, OTHER);
	never(&p);
	/* With options before it, and as the first of several fragments. */
	packet_eth(&p, OWN, IPV4);
	packet_put(&p, "4600 0000 0000 2000 40 11 0000 00000000 ffffffff 01010100");
	packet_udp(&p, 68, 67);
	packet_dhcp(&p, OTHER);
	never(&p);
	unload();
}

TEST(restricted_is_ip_and_arp)
{
	struct packet p;

	if (!load(ZONE_RESTRICTED, NULL))
		return;
	packet_eth(&p, OTHER, IPV4);
	packet_ipv4(&p, "10.0.0.6", UDP, 0);
	CHECK(passes(&p));
	packet_eth(&p, OTHER, ARP);
	packet_arp(&p, OTHER, "10.0.0.6");
	CHECK(passes(&p));
	packet_eth(&p, OTHER, "88cc");
	packet_put(&p, "00000000");
	never(&p);
	/* A length where a type should be: spanning tree. */
	packet_eth(&p, OTHER, "0026");
	packet_put(&p, "424203");
	never(&p);
	unload();
}

TEST(a_tag_hides_nothing)
{
	struct packet p;

	if (!load(ZONE_IP_NOSPOOF, "10.0.0.5"))
		return;
	packet_eth(&p, OWN, "8100");
	packet_put(&p, "0014 0800");
	packet_ipv4(&p, "10.0.0.6", UDP, 0);
	never(&p);
	packet_eth(&p, OWN, "88a8");
	packet_put(&p, "0014 0800");
	packet_ipv4(&p, "10.0.0.6", UDP, 0);
	never(&p);
	unload();
}
