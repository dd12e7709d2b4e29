/* SPDX-License-Identifier: GPL-2.0 */
/* Link protection: what a guest must not send is dropped where it comes from its tap. */
#ifndef ZKZ_NET_PROTECT_H
#define ZKZ_NET_PROTECT_H

#include <stdint.h>

#include "lib/err.h"
#include "net/bpf/rules.h"
#include "zone/model.h"

/** protect_rules() - what the program in the kernel is told; pure */
void protect_rules(const struct zone_nic *nic, struct rules *rules);

/** protect_check() - can packets be checked on this host? Nothing is left of the try. */
int protect_check(const struct zone_nic *nic, struct zkz_err *err);

/**
 * protect_link() - check what comes from a tap from now on
 * @tap:     its name, for messages
 * @ifindex: its number
 * @nic:     the interface that it is of; without link-protection nothing is done
 * @err:     filled on failure
 *
 * The program belongs to the link, and goes away with it. Needs CAP_BPF and CAP_NET_ADMIN.
 */
int protect_link(const char *tap, int ifindex, const struct zone_nic *nic, struct zkz_err *err);

/** protect_again() - the same for a link that may be protected already: what was said before does not hold any more */
int protect_again(const char *tap, int ifindex, const struct zone_nic *nic, struct zkz_err *err);

/** protect_dropped() - how many packets of the guest were dropped so far, by the name of its tap */
uint64_t protect_dropped(const char *tap);

#endif
