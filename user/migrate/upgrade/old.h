/* SPDX-License-Identifier: GPL-2.0 */
/* What of a zone that runs is older than what is installed. */
#ifndef ZKZ_MIGRATE_UPGRADE_OLD_H
#define ZKZ_MIGRATE_UPGRADE_OLD_H

#include "lib/stale.h"
#include "qemu/installed.h"
#include "zone/state.h"

/**
 * struct old - the programs that run it, beside those of today
 * @keeper:    of its keeper
 * @qemu:      of its QEMU
 * @runs:      version of the QEMU that runs it; empty if its keeper does not tell
 * @installed: the QEMU of today
 */
struct old {
	struct stale keeper;
	struct stale qemu;
	char runs[32];
	struct installed installed;
};

/** old_look() - look at a zone that runs, @st */
int old_look(const char *zone, const struct zone_status *st, struct old *o, struct zkz_err *err);

/** old_json() - for users; a new reference */
json_t *old_json(const struct old *o);

#endif
