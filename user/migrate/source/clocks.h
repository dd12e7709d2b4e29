/* SPDX-License-Identifier: GPL-2.0 */
/* Source: how far the clocks of the two hosts are apart. */
#ifndef ZKZ_MIGRATE_SOURCE_CLOCKS_H
#define ZKZ_MIGRATE_SOURCE_CLOCKS_H

#include "lib/err.h"
#include "migrate/figures/offset.h"
#include "migrate/source/link.h"

/** source_compare_clocks() - OFFSET_PINGS pings; @o is empty if it fails. @zone is for the log */
int source_compare_clocks(struct link *l, const char *zone, struct offset *o, struct zkz_err *err);

/** source_compare_after() - the same after GO, if the target is there */
void source_compare_after(struct link *l, const char *zone, struct offset *o);

#endif
