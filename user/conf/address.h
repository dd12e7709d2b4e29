/* SPDX-License-Identifier: GPL-2.0 */
/* IP addresses as configurations have them. Pure. */
#ifndef ZKZ_CONF_ADDRESS_H
#define ZKZ_CONF_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

/* How many a list may have. */
#define CONF_MAX_ADDRESSES		16
/* Length of the longest, "ffff:...:255.255.255.255/128", with its end. */
#define CONF_ADDRESS_TEXT	56

/**
 * struct conf_address - an address, or all of a network
 * @v6:     of which kind
 * @byte:   in network order; 4 of them count for IPv4
 * @prefix: as it was written, -1 if not
 * @bits:   how many bits of @byte count
 *
 * Behind an address of one host, 10.0.0.5/24, a prefix only says how large its network is, and all bits count. Where
 * the host's part is zero, 10.0.0.0/24, the whole network is meant, since no host can have that address.
 */
struct conf_address {
	bool v6;
	unsigned char byte[16];
	int prefix;
	unsigned int bits;
};

/** conf_address_parse() - the @len bytes at @text; false if they are no address that a host can have, and no network */
bool conf_address_parse(const char *text, size_t len, struct conf_address *a);

/** conf_address_print() - canonical text, CONF_ADDRESS_TEXT bytes */
void conf_address_print(const struct conf_address *a, char *out);

/** conf_addresses_parse() - a list with commas. Return: how many, or -1 for one that is wrong or one too many. */
int conf_addresses_parse(const char *text, struct conf_address a[CONF_MAX_ADDRESSES]);

#endif
