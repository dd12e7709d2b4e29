/* SPDX-License-Identifier: GPL-2.0 */
/* Where a zone is to go: ssh://[user@]host[:port]. Pure. */
#ifndef ZKZ_WIRE_URI_H
#define ZKZ_WIRE_URI_H

#include <stdint.h>

#include "lib/err.h"

/* Longest text; it is kept in the zone's owner file. */
#define HOST_URI_MAX	255

/**
 * struct host_uri - another host
 * @user: empty for the default
 * @host: name or numeric address, without brackets
 * @port: 0 for the default
 */
struct host_uri {
	char user[64];
	char host[256];
	uint16_t port;
};

/**
 * host_uri_parse() - read "ssh://[user@]host[:port]"
 * @text: the text, from the command line or a journal
 * @uri:  filled
 * @err:  filled on failure
 *
 * Nothing in the result can be mistaken for an option of ssh(1).
 */
int host_uri_parse(const char *text, struct host_uri *uri, struct zkz_err *err);

#endif
