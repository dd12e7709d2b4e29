/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who owns a zone, durably. Exactly one host may run a zone; the epoch counts
 * how often the ownership has moved. Written under the zone lock only.
 */
#ifndef ZKZ_ZONE_OWNER_H
#define ZKZ_ZONE_OWNER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"

/* Numbers of JSON are exact up to here. */
#define ZONE_EPOCH_MAX	(1ULL << 53)

enum zone_owner_kind {
	OWNER_NONE,	 /* configured here, never attached */
	OWNER_HERE,	 /* this host may run it */
	OWNER_ELSEWHERE, /* handed over to another host */
	OWNER_INCOMING,	 /* a migration to this host has begun and not ended */
	OWNER_IN_DOUBT,	 /* handed over, but the other host has not confirmed it */
};

/**
 * struct zone_owner - content of the owner file
 * @kind:      who owns it
 * @epoch:     how often it has changed owner, from 1
 * @migration: id of the migration that changed it last, may be empty
 * @peer:      the other host of that migration, may be empty
 */
struct zone_owner {
	enum zone_owner_kind kind;
	uint64_t epoch;
	char migration[40];
	char peer[256];
};

/** zone_owner_text() - "here" */
const char *zone_owner_text(enum zone_owner_kind kind);

/** zone_owner_to_json() - a new object, or NULL */
json_t *zone_owner_to_json(const struct zone_owner *o);

/** zone_owner_from_json() - the reverse; -1 if it is damaged */
int zone_owner_from_json(const json_t *obj, struct zone_owner *o);

/** zone_owner_same() - do they say the same? */
bool zone_owner_same(const struct zone_owner *a, const struct zone_owner *b);

/**
 * zone_owner_read() - read the owner file
 *
 * A missing file is OWNER_NONE with epoch 0, and no failure.
 */
int zone_owner_read(const char *zone, struct zone_owner *o, struct zkz_err *err);

/** zone_owner_write() - replace the owner file, durably */
int zone_owner_write(const char *zone, const struct zone_owner *o,
		     struct zkz_err *err);

/**
 * zone_owner_stage() - prepare a change of the owner file
 *
 * The slow part of a durable write, done while nobody waits for it.
 */
int zone_owner_stage(const char *zone, const struct zone_owner *o,
		     struct zkz_err *err);

/** zone_owner_commit() - make the change that was prepared last, durably */
int zone_owner_commit(const char *zone, struct zkz_err *err);

/** zone_owner_may_run() - refuse unless this host owns the zone */
int zone_owner_may_run(const char *zone, struct zkz_err *err);

#endif
