/* SPDX-License-Identifier: GPL-2.0 */
/* Packets, layer by layer, as a guest may make them. */
#ifndef ZKZ_SELFTESTS_PACKET_H
#define ZKZ_SELFTESTS_PACKET_H

#include <stddef.h>

/** struct packet - what there is of it */
struct packet {
	unsigned char byte[512];
	size_t len;
};

/** packet_put() - @hex digits, in which blanks do not count */
void packet_put(struct packet *p, const char *hex);

/** packet_eth() - begin anew: from the MAC address @from to all */
void packet_eth(struct packet *p, const char *from, const char *proto);

/** packet_ipv4() - header from @from to 255.255.255.255; @frag is the field of flags and offset */
void packet_ipv4(struct packet *p, const char *from, unsigned char proto, unsigned int frag);

/** packet_ipv6() - header from @from to ff02::1 */
void packet_ipv6(struct packet *p, const char *from, unsigned char next);

/** packet_udp() - header */
void packet_udp(struct packet *p, unsigned int from, unsigned int to);

/** packet_dhcp() - a message of the client with the MAC address @mac, as long as counts */
void packet_dhcp(struct packet *p, const char *mac);

/** packet_arp() - "@mac is the one of @ip" */
void packet_arp(struct packet *p, const char *mac, const char *ip);

/** packet_icmp6() - with 4 bytes of its own and @target */
void packet_icmp6(struct packet *p, unsigned char type, const char *target);

#endif
