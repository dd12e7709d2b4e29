/* SPDX-License-Identifier: GPL-2.0 */
/* What a migration to this host has left, and what it means by now. */
#ifndef ZKZ_MIGRATE_COMMIT_UNDO_H
#define ZKZ_MIGRATE_COMMIT_UNDO_H

#include <stdbool.h>

#include "lib/clock.h"
#include "lib/err.h"

/**
 * undo_wait() - let the keeper of a migration that failed end
 * @zone: zone name; the caller holds its lock
 * @dl:   how long to wait
 *
 * The keeper notices by itself that its worker is gone.
 */
void undo_wait(const char *zone, deadline_t dl);

/**
 * undo_run() - bring the records of the zone to where they belong
 * @zone: zone name; the caller holds its lock
 * @err:  filled on failure
 *
 * Comes before everything that changes the owner file or deletes the zone: it puts in
 * the journal that a migration was committed, before the owner file ceases to say so.
 * Nothing is put back while a keeper of the zone lives.
 */
int undo_run(const char *zone, struct zkz_err *err);

/** undo_arrived() - has the guest that came to this host run? Asks the keeper, if one lives */
bool undo_arrived(const char *zone);

#endif
