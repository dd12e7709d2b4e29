/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a target has to put back if a migration does not succeed, written down
 * before anything is changed: the worker may not live to do it.
 */
#ifndef ZKZ_MIGRATE_COMMIT_NOTE_H
#define ZKZ_MIGRATE_COMMIT_NOTE_H

#include <stdbool.h>

#include "lib/err.h"
#include "zone/owner.h"

/**
 * struct note - the file: what to do without the migration
 * @migration: id
 * @imported:  the configuration came with it
 * @replaced:  it took the place of another one, of which a copy is kept
 * @before:    owner file as it was
 */
struct note {
	char migration[40];
	bool imported;
	bool replaced;
	struct zone_owner before;
};

/** note_write() - before the first change; the caller holds the zone's lock. Copies what will be replaced */
int note_write(const char *zone, const struct note *n, struct zkz_err *err);

/** note_read() - 1 if there is a note, 0 if not, -1 on failure */
int note_read(const char *zone, struct note *n, struct zkz_err *err);

/** note_pending() - is anything written down? */
bool note_pending(const char *zone);

/** note_forget() - nothing of it applies any more */
int note_forget(const char *zone, struct zkz_err *err);

/**
 * note_applies() - is the owner file as the migration found it, or as putting back left it? Pure.
 * @n:   the note
 * @now: owner file
 */
bool note_applies(const struct note *n, const struct zone_owner *now);

/**
 * note_put_back() - leave the zone as it was before the migration
 *
 * With the zone's lock, and no keeper of it alive. What fails is tried again later.
 */
int note_put_back(const char *zone, const struct note *n, struct zkz_err *err);

#endif
