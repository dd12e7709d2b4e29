/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The target's durable memory of the zones that it took over, one small file a
 * migration, apart from the zone: the answer must survive the zone's deletion.
 *
 * The commit itself is the owner file (zone/owner.h). The journal remembers it for
 * later questions, once the owner file may say something else. A record goes when the
 * source says that it has written down the end: it never asks again. Where it could not
 * say so the record is kept for good, since without it the answer would be "refused".
 */
#ifndef ZKZ_MIGRATE_COMMIT_JOURNAL_H
#define ZKZ_MIGRATE_COMMIT_JOURNAL_H

#include <stdbool.h>

#include "lib/err.h"

/** journal_read() - was the zone taken over in this migration? In @owned */
int journal_read(const char *migration, bool *owned, struct zkz_err *err);

/** journal_write() - it was: write that down, durably */
int journal_write(const char *migration, const char *zone, struct zkz_err *err);

/** journal_forget() - the source will not ask about this migration again */
int journal_forget(const char *migration, struct zkz_err *err);

/** journal_prune() - remove what killed writers and older versions have left */
void journal_prune(void);

#endif
