/* SPDX-License-Identifier: GPL-2.0 */
/* Hosts that serve storage. */
#ifndef ZKZ_STORAGE_HOST_H
#define ZKZ_STORAGE_HOST_H

#include <stddef.h>

#include "lib/err.h"

/**
 * host_is_us() - does a name or address lead back to this host?
 * @host: as in a URI
 * @err:  filled on failure: it cannot be resolved
 *
 * So do loopback addresses, those of any interface, and names of either. The same text then means another
 * server on another host. Return: 1, 0 or -1.
 */
int host_is_us(const char *host, struct zkz_err *err);

/**
 * host_canonical() - one text for all names and addresses of a host
 * @host: as in a URI
 * @text: filled: the least of its addresses, "ours" if one of them is this host's, or the name itself if that cannot
 *        be resolved
 * @size: of @text, at least INET6_ADDRSTRLEN
 *
 * A host that has two names with different addresses is two hosts for this.
 */
void host_canonical(const char *host, char *text, size_t size);

#endif
