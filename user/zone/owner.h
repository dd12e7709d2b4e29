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
#include "lib/id.h"

/* Numbers of JSON are exact up to here. */
#define ZONE_EPOCH_MAX	(1ULL << 53)

/*
 * A zone that is made anew, or taken by force, is ahead of every host that has seen it:
 * none can have handed it on so often meanwhile.
 */
#define ZONE_EPOCH_JUMP	1000

enum zone_owner_kind {
	OWNER_NONE,	 /* configured here, never attached */
	OWNER_HERE,	 /* this host may run it */
	OWNER_ELSEWHERE, /* handed over to another host */
	OWNER_INCOMING,	 /* a migration to this host has begun and not ended */
	OWNER_IN_DOUBT,	 /* handed over, but the other host has not confirmed it */
	OWNER_ARRIVED,	 /* taken over; its guest may start, and is not known to have run here */
};

/**
 * struct zone_owner - content of the owner file
 * @kind:      who owns it
 * @epoch:     how often it has changed owner, from 1
 * @migration: id of the migration that changed it last, may be empty
 * @peer:      the other host of that migration, may be empty
 * @host:      its id, see zone/hostid.h, may be empty
 *
 * OWNER_NONE with an epoch is what is left of a zone that was deleted here: whoever
 * makes it anew must not fall behind hosts that remember it.
 */
struct zone_owner {
	enum zone_owner_kind kind;
	uint64_t epoch;
	char migration[40];
	char peer[256];
	char host[ID_TEXT_SIZE];
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

/** zone_owner_staged() - what is prepared, or was replaced by it; -1 if nothing is */
int zone_owner_staged(const char *zone, struct zone_owner *o);

/**
 * zone_owner_commit() - make the change that was prepared last, durably
 *
 * What the file said is the prepared change now: zone_owner_revert() makes that.
 * Return: 0, -1 if nothing has changed, or FILE_UNSURE.
 */
int zone_owner_commit(const char *zone, struct zkz_err *err);

/**
 * zone_owner_revert() - go back to a record, on a full disk, too
 * @zone: zone name
 * @back: what the file is to say; that needs no room if zone_owner_commit() has replaced it
 * @err:  filled on failure
 *
 * Return: as zone_owner_commit().
 */
int zone_owner_revert(const char *zone, const struct zone_owner *back, struct zkz_err *err);

/** zone_owner_confirm() - see that what the file says is on disk: before a guest is booted by it */
int zone_owner_confirm(const char *zone, struct zkz_err *err);

/**
 * zone_owner_begin() - a zone that no host has becomes this one's
 * @zone: zone name
 * @o:    what its owner file says, OWNER_NONE; then what it says now
 * @err:  filled on failure
 */
int zone_owner_begin(const char *zone, struct zone_owner *o, struct zkz_err *err);

/** zone_owner_forget() - the zone is deleted or detached here: keep its epoch alone */
int zone_owner_forget(const char *zone, struct zkz_err *err);

/** zone_owner_may_run() - refuse unless this host owns the zone */
int zone_owner_may_run(const char *zone, struct zkz_err *err);

#endif
