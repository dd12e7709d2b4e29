/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A migration worker's hold on the zone's keeper. As long as the connection is
 * open the zone shows that it is migrating. When it ends, in order or because
 * the worker died, the keeper reads the owner file and brings the zone to where
 * that says it belongs, trying again each second where it cannot:
 *
 *   source   here       the guest runs on, if it ran before (QEMU's migration is
 *                       cancelled)
 *            in-doubt   it stays stopped until "zkz recover"
 *            elsewhere  QEMU quits, memory is freed
 *   target   here       the guest is started; ERR_GUEST_NOT_STARTED if it is sure
 *                       that it was not
 *            otherwise  QEMU quits, memory is freed
 *
 * Where QEMU of the target has ended before it started the guest, that is the last word of its
 * keeper: guard_end() fails with ERR_GUEST_NOT_STARTED, whatever came first.
 */
#ifndef ZKZ_MIGRATE_GUARD_H
#define ZKZ_MIGRATE_GUARD_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/clock.h"
#include "lib/err.h"

/**
 * guard_take() - begin
 * @zone:   zone name
 * @target: which side
 * @guest:  what the keeper knows of the guest, for the keeper of the target ("inherit"):
 *          a new reference, or NULL; may be NULL
 * @dl:     deadline
 * @err:    filled on failure
 *
 * Return: descriptor to poll for the keeper's death, or -1.
 */
int guard_take(const char *zone, bool target, json_t **guest, deadline_t dl, struct zkz_err *err);

/** guard_ended() - is the keeper gone, or about to? What it says unasked is its last word, and -1 has not ended */
bool guard_ended(int fd);

/**
 * guard_end() - end in order and wait until the zone is where it belongs
 * @zone: zone name
 * @fd:   from guard_take(); closed and set to -1, but after ERR_GUEST_NOT_STARTED: the
 *        caller still holds the zone then, and the keeper does nothing with it
 * @ret:  what the keeper says, a new reference; may be NULL. Has "resume-ns",
 *        CLOCK_REALTIME of QEMU's RESUME, if the guest was started
 * @dl:   deadline
 * @err:  filled on failure
 */
int guard_end(const char *zone, int *fd, json_t **ret, deadline_t dl,
	      struct zkz_err *err);

#endif
