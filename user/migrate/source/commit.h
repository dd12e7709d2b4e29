/* SPDX-License-Identifier: GPL-2.0 */
/* Source: GO, and what follows. */
#ifndef ZKZ_MIGRATE_SOURCE_COMMIT_H
#define ZKZ_MIGRATE_SOURCE_COMMIT_H

#include "migrate/source/source.h"

/** source_doubt() - GO may follow: the owner file says so */
int source_doubt(struct commit *c, struct zkz_err *err);

/** source_no_doubt() - there was no GO, and none will follow soon: the zone is ours as before */
int source_no_doubt(struct source *s, struct zkz_err *err);

/**
 * source_commit() - GO, and what follows
 *
 * Return: 0 if the target runs the zone now. -1 otherwise: then the zone is
 * this host's again, or @err is ERR_IN_DOUBT.
 */
int source_commit(struct source *s, struct zkz_err *err);

#endif
