/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Disks that a migration to this host has made for the zone that it brings, with the note (note.h) of what there is to
 * put back: without the migration they go again, and with it they are the zone's.
 */
#ifndef ZKZ_MIGRATE_COMMIT_MADE_H
#define ZKZ_MIGRATE_COMMIT_MADE_H

#include "lib/err.h"

/** made_note() - write down, durably and before that is done, that @uri is made */
int made_note(const char *zone, const char *uri, struct zkz_err *err);

/** made_not() - take it back: it was there */
void made_not(const char *zone, const char *uri);

/** made_undo() - take all of them away; nobody runs the zone */
int made_undo(const char *zone, struct zkz_err *err);

/** made_forget() - they stay */
int made_forget(const char *zone, struct zkz_err *err);

#endif
