/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a target has to put back if a migration does not succeed, written down
 * before anything is changed: the worker may not live to do it.
 */
#ifndef ZKZ_MIGRATE_UNDO_H
#define ZKZ_MIGRATE_UNDO_H

#include <stdbool.h>

#include "lib/clock.h"
#include "lib/err.h"
#include "zone/owner.h"

/**
 * undo_note() - before the first change
 * @zone:      zone name; the caller holds its lock
 * @migration: id
 * @before:    owner file as it is now
 * @imported:  the configuration is about to come with the migration
 * @err:       filled on failure
 */
int undo_note(const char *zone, const char *migration, const struct zone_owner *before,
	      bool imported, struct zkz_err *err);

/** undo_forget() - the migration has succeeded, and the journal says so */
int undo_forget(const char *zone, struct zkz_err *err);

/**
 * undo_wait() - let the keeper of a migration that failed end
 * @zone: zone name; the caller holds its lock
 * @dl:   how long to wait
 *
 * The keeper notices by itself that its worker is gone.
 */
void undo_wait(const char *zone, deadline_t dl);

/** undo_pending() - is anything written down? */
bool undo_pending(const char *zone);

enum undo_verdict {
	UNDO_COMMITTED,	/* the migration took place */
	UNDO_PUT_BACK,	/* it did not, and the zone is as it left it */
	UNDO_STALE,	/* the zone has moved on: nothing of the note applies */
};

/**
 * undo_decide() - what a note means by now. Pure.
 * @migration: id of the migration that wrote it
 * @before:    owner file before that migration
 * @now:       owner file
 */
enum undo_verdict undo_decide(const char *migration, const struct zone_owner *before,
			      const struct zone_owner *now);

/**
 * undo_run() - act on what is written down, if anything is
 * @zone: zone name; the caller holds its lock
 * @err:  filled on failure
 *
 * Comes before everything that changes the owner file or deletes the zone: it
 * puts in the journal that the migration was committed, before the owner file
 * ceases to say so. Nothing is put back while a keeper of the zone lives.
 */
int undo_run(const char *zone, struct zkz_err *err);

#endif
