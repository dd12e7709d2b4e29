/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ending a migration from this host that runs in another worker. That worker decides whether
 * it is early enough, and nothing here holds a lock: who asks tells it, waits, and reads
 * afterwards what the owner file says.
 */
#ifndef ZKZ_ZKZD_ABORT_H
#define ZKZ_ZKZD_ABORT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"
#include "zone/owner.h"

/**
 * struct abort_view - what is seen of a migration that was told to end
 * @owner:    kind of the owner file
 * @moving:   its worker lives
 * @leaving:  it does not, and the keeper has not let the guest run on yet
 * @fetching: the guest runs on the target, and needs memory that is here
 */
struct abort_view {
	enum zone_owner_kind owner;
	bool moving;
	bool leaving;
	bool fetching;
};

enum abort_end {
	ABORT_WAIT,	/* it is not over */
	ABORT_HERE,	/* the zone stays here */
	ABORT_AWAY,	/* it was handed over */
	ABORT_FETCH,	/* likewise, and its memory is still on the way */
	ABORT_DOUBT,	/* its worker has ended, and does not know */
};

/** abort_end() - what has become of it? Pure */
enum abort_end abort_end(const struct abort_view *v);

/**
 * abort_begin() - tell the migration of a zone to end
 * @zone: zone name
 * @err:  that there is none, and what there is
 *
 * Return: its worker, a descriptor for abort_wait(), or -1.
 */
int abort_begin(const char *zone, struct zkz_err *err);

/**
 * abort_wait() - wait until it has
 * @zone:   zone name
 * @worker: of abort_begin(), is closed
 * @ms:     how long it took
 * @err:    whose the zone is, if not this host's, or what is waited for
 *
 * Return: 0 if the migration has ended and the zone is this host's; -1.
 */
int abort_wait(const char *zone, int worker, uint64_t *ms, struct zkz_err *err);

/** abort_too_late() - may another host have the guest, or need what is here of it? With @err, if so */
bool abort_too_late(const char *zone, struct zkz_err *err);

/** abort_at_source() - is the zone on its way to this host? Then @err says where that can be ended */
bool abort_at_source(const char *zone, struct zkz_err *err);

#endif
