/* SPDX-License-Identifier: GPL-2.0 */
/* Fingerprints of disks on the control channel, and what they say. Pure. */
#ifndef ZKZ_MIGRATE_DISKS_H
#define ZKZ_MIGRATE_DISKS_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/err.h"
#include "storage/fingerprint.h"

/** disks_request() - ask the target for the fingerprint of device @id, at the places of @p */
json_t *disks_request(unsigned int id, const struct fingerprint *p);

/** disks_parse_request() - places come from the other host: anything else than places of a disk is refused */
int disks_parse_request(const json_t *msg, long long *id, struct fingerprint *p, struct zkz_err *err);

/** disks_answer() - what the target has read */
json_t *disks_answer(const struct fingerprint *p);

/** disks_parse_answer() - @theirs has the places of @ours then */
int disks_parse_answer(const json_t *msg, const struct fingerprint *ours, struct fingerprint *theirs,
		       struct zkz_err *err);

/** disks_equal() - are all pieces the same? */
bool disks_equal(const struct fingerprint *a, const struct fingerprint *b);

/**
 * disks_suspect() - keep the pieces that speak for two disks
 * @before: what the source has read; the others are dropped from it
 * @theirs: what the target has read then
 * @after:  what the source has read after that
 *
 * A piece that the guest writes proves nothing, as the source may find itself. Return: how many are left.
 */
size_t disks_suspect(struct fingerprint *before, const struct fingerprint *theirs,
		     const struct fingerprint *after);

#endif
