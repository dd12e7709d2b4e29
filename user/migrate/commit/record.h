/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The records of a zone that changes hosts, and the rules at work: what the files say,
 * and the writes that the table of migrate/commit/rules.h asks for.
 */
#ifndef ZKZ_MIGRATE_COMMIT_RECORD_H
#define ZKZ_MIGRATE_COMMIT_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/id.h"
#include "migrate/commit/rules.h"
#include "zone/owner.h"

/**
 * struct commit - one migration, as one of its hosts sees it
 * @zone:      name; whoever writes holds its lock
 * @target:    this host is the target
 * @migration: id
 * @epoch:     of the zone at the source; a hand-over makes it one more
 * @peer:      the other host, as it is to be shown and found
 * @host:      its id
 * @kept:      source: the record from before, to which it goes back
 */
struct commit {
	const char *zone;
	bool target;
	char migration[40];
	uint64_t epoch;
	char peer[256];
	char host[ID_TEXT_SIZE];
	struct zone_owner kept;
};

/** commit_source() - a source that begins; @now is the owner file, which says "here" */
void commit_source(struct commit *c, const char *zone, const struct zone_owner *now);

/** commit_in_doubt() - a source after that; @now is the owner file, which says "in-doubt" */
void commit_in_doubt(struct commit *c, const char *zone, const struct zone_owner *now);

/** commit_target() - a target; @now is the owner file, which may know the migration already */
void commit_target(struct commit *c, const char *zone, const char *migration, const struct zone_owner *now);

/**
 * commit_prepare() - have the next record ready on disk, while nobody waits for it
 *
 * At the source what COMMIT_GO_DUE will make true, at the target what COMMIT_GO will.
 */
int commit_prepare(const struct commit *c, struct zkz_err *err);

/** commit_remember() - the owner file says that the zone was taken over: have the journal say so, too */
int commit_remember(const struct commit *c, struct zkz_err *err);

/** commit_standing() - what the records say now */
int commit_standing(const struct commit *c, enum commit_standing *st, struct zkz_err *err);

/**
 * commit_do() - something is heard, or has failed: write what the rules ask for
 * @c:     the migration
 * @event: what
 * @rule:  what to say, and what becomes of the guest; NULL if nothing is known to be so
 * @err:   filled on failure
 *
 * Return: 0 if the rule for @event holds. -1 if what it writes could not be made durable:
 * @rule is the one that holds instead, if there is one.
 */
int commit_do(const struct commit *c, enum commit_event event, const struct commit_rule **rule,
	      struct zkz_err *err);

#endif
