/* SPDX-License-Identifier: GPL-2.0 */
/* What this host is, as far as a running zone can notice. */
#ifndef ZKZ_MIGRATE_HOST_H
#define ZKZ_MIGRATE_HOST_H

#include "compat/passport.h"
#include "lib/err.h"

/**
 * host_passport() - look at this host
 * @p:    filled; free with passport_fini()
 * @qemu: version of the QEMU that runs the zone
 * @err:  filled on failure
 */
int host_passport(struct passport *p, const char *qemu, struct zkz_err *err);

/**
 * host_link_mbit() - how fast is the network interface that has an address?
 * @addr: numeric, or NULL
 *
 * Return: Mbit/s, 0 if that is not known.
 */
uint32_t host_link_mbit(const char *addr);

#endif
