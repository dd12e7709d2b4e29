/* SPDX-License-Identifier: GPL-2.0 */
/* Source: from the zone's state to open data streams. */
#ifndef ZKZ_MIGRATE_SOURCE_PREPARE_H
#define ZKZ_MIGRATE_SOURCE_PREPARE_H

#include "migrate/source/source.h"

/** source_local() - everything that can be refused without the target */
int source_local(struct source *s, struct zkz_err *err);

/** source_prepare() - from the connection to open streams */
int source_prepare(struct source *s, struct zkz_err *err);

#endif
