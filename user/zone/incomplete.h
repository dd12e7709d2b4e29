/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Zones whose disks are being made, or taken away: a note that outlives whoever does it. As long as it is there the
 * zone is "incomplete" and may not run, and what is listed can be taken away.
 */
#ifndef ZKZ_ZONE_INCOMPLETE_H
#define ZKZ_ZONE_INCOMPLETE_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/err.h"

/** zone_incomplete() - is there such a note? */
bool zone_incomplete(const char *zone);

/**
 * zone_incomplete_begin() - write it, durably
 * @zone: zone name; the caller holds its lock
 * @uris: array of the URIs of files that are about to be made or taken away
 * @err:  filled on failure
 */
int zone_incomplete_begin(const char *zone, const json_t *uris, struct zkz_err *err);

/** zone_incomplete_uris() - what it lists, a new array; NULL if it cannot be read */
json_t *zone_incomplete_uris(const char *zone, struct zkz_err *err);

/** zone_incomplete_end() - all of it is done */
int zone_incomplete_end(const char *zone, struct zkz_err *err);

#endif
