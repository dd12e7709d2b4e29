/* SPDX-License-Identifier: GPL-2.0 */
/* After GO: asking the target what became of a migration. */
#ifndef ZKZ_MIGRATE_COMMIT_RESOLVE_H
#define ZKZ_MIGRATE_COMMIT_RESOLVE_H

#include "lib/clock.h"
#include "lib/err.h"
#include "migrate/commit/record.h"
#include "wire/ssh.h"

/**
 * resolve_right_host() - that who answers is the host of this migration
 * @c:   the migration
 * @ssh: connected
 * @err: ERR_WRONG_HOST. A record without an identity believes nobody
 */
int resolve_right_host(const struct commit *c, const struct ssh *ssh, struct zkz_err *err);

/**
 * resolve_ask() - connect to the target and ask, again and again
 * @c:      the migration; @c->host says who is to answer, whoever else may at that address
 * @at:     address of the target
 * @unsent: the last byte has not left, and does not any more
 * @dl:     when to give up
 * @event:  what was heard: COMMIT_HEARD_BACK, _RUNS or _OWNED
 * @err:    ERR_IN_DOUBT if there was no answer
 */
int resolve_ask(const struct commit *c, const char *at, bool unsent, deadline_t dl,
		enum commit_event *event, struct zkz_err *err);

#endif
