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

/** undo_forget() - the migration has succeeded */
int undo_forget(const char *zone, struct zkz_err *err);

/**
 * undo_wait() - let the keeper of a migration that failed end
 * @zone: zone name; the caller holds its lock
 * @dl:   how long to wait
 *
 * The keeper notices by itself that its worker is gone.
 */
void undo_wait(const char *zone, deadline_t dl);

/**
 * undo_run() - put back what is written down, if anything is
 * @zone: zone name; the caller holds its lock
 * @err:  filled on failure
 *
 * Does nothing while a keeper of the zone lives. If the migration was committed
 * after all, only the note is removed.
 */
int undo_run(const char *zone, struct zkz_err *err);

#endif
