/* SPDX-License-Identifier: GPL-2.0 */
/* Source: a last pass that is a fetch. */
#ifndef ZKZ_MIGRATE_SOURCE_FETCH_H
#define ZKZ_MIGRATE_SOURCE_FETCH_H

#include "migrate/source/source.h"

/**
 * source_fetch_over() - before a migration: is an earlier fetch over?
 *
 * Fails while this host still waits for memory of the zone. What is left of a fetch
 * that the zone should have left by, and did not, is removed.
 */
int source_fetch_over(const char *zone, struct zkz_err *err);

/** source_fetch_broke() - after GO: have the connections of a fetch broken? With @err, if so */
bool source_fetch_broke(struct source *s, struct zkz_err *err);

/**
 * source_fetch_reconnect() - if they have, try others, once
 *
 * Before the answer to GO: the target's QEMU may need a page to load the guest, and the
 * zone would be given back only when nobody waits for that any more.
 */
void source_fetch_reconnect(struct source *s);

/** source_fetch_rest() - after GO: until all has come, over new connections if need be */
int source_fetch_rest(struct source *s, struct zkz_err *err);

/**
 * source_fetch_left() - go on with a fetch whose worker is gone
 *
 * @s has the session, the id and address of the migration, and no connection yet.
 */
int source_fetch_left(struct source *s, struct zkz_err *err);

#endif
