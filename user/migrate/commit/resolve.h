/* SPDX-License-Identifier: GPL-2.0 */
/* After GO: asking the target what became of a migration. */
#ifndef ZKZ_MIGRATE_RESOLVE_H
#define ZKZ_MIGRATE_RESOLVE_H

#include "lib/clock.h"
#include "lib/err.h"
#include "lib/request.h"
#include "migrate/commit/journal.h"

/**
 * resolve_ask() - connect to the target and ask, again and again
 * @peer:      address of the target
 * @zone:      zone name
 * @migration: id
 * @dl:        when to give up
 * @o:         the answer: owned or refused
 * @err:       ERR_IN_DOUBT if there was none
 */
int resolve_ask(const char *peer, const char *zone, const char *migration,
		deadline_t dl, enum outcome *o, struct zkz_err *err);

/** op_recover() - the verb of zkzd: resolve a zone that is in doubt */
int op_recover(struct request *rq, struct zkz_err *err);

#endif
