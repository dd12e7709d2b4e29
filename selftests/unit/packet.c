// SPDX-License-Identifier: GPL-2.0
#include "packet.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(struct packet *p, const void *bytes, size_t len)
{
	if (p->len + len > sizeof(p->byte))
		abort();
	memcpy(p->byte + p->len, bytes, len);
	p->len += len;
}

static void put16(struct packet *p, unsigned int n)
{
	unsigned char b[2] = { (unsigned char)(n >> 8), (unsigned char)n };

	put(p, b, 2);
}

static void put_address(struct packet *p, int family, const char *text)
{
	unsigned char b[16];

	if (inet_pton(family, text, b) != 1)
		abort();
	put(p, b, family == AF_INET ? 4 : 16);
}

void packet_put(struct packet *p, const char *hex)
{
	unsigned int b;

	for (; *hex; hex++) {
		unsigned char byte;

		if (isspace((unsigned char)*hex))
			continue;
		if (sscanf(hex, "%2x", &b) != 1)
			abort();
		byte = (unsigned char)b;
		put(p, &byte, 1);
		hex++;
	}
}

void packet_eth(struct packet *p, const char *from, const char *proto)
{
	p->len = 0;
	packet_put(p, "ffffffffffff");
	packet_put(p, from);
	packet_put(p, proto);
}

void packet_ipv4(struct packet *p, const char *from, unsigned char proto, unsigned int frag)
{
	unsigned char rest[4] = { 64, proto, 0, 0 };

	packet_put(p, "4500 0000 0000");
	put16(p, frag);
	put(p, rest, sizeof(rest));
	put_address(p, AF_INET, from);
	put_address(p, AF_INET, "255.255.255.255");
}

void packet_ipv6(struct packet *p, const char *from, unsigned char next)
{
	unsigned char head[8] = { 0x60, 0, 0, 0, 0, 0, next, 255 };

	put(p, head, sizeof(head));
	put_address(p, AF_INET6, from);
	put_address(p, AF_INET6, "ff02::1");
}

void packet_udp(struct packet *p, unsigned int from, unsigned int to)
{
	put16(p, from);
	put16(p, to);
	packet_put(p, "0000 0000");
}

void packet_dhcp(struct packet *p, const char *mac)
{
	packet_put(p, "01 01 06 00 00000000 0000 0000");
	packet_put(p, "00000000 00000000 00000000 00000000");
	packet_put(p, mac);
}

void packet_arp(struct packet *p, const char *mac, const char *ip)
{
	packet_put(p, "0001 0800 06 04 0002");
	packet_put(p, mac);
	put_address(p, AF_INET, ip);
	packet_put(p, "ffffffffffff");
	put_address(p, AF_INET, ip);
}

void packet_icmp6(struct packet *p, unsigned char type, const char *target)
{
	unsigned char head[8] = { type };

	put(p, head, sizeof(head));
	put_address(p, AF_INET6, target);
}
