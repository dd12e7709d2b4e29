/* SPDX-License-Identifier: GPL-2.0 */
/* Source: the guest stops, and the rest travels. */
#ifndef ZKZ_MIGRATE_SOURCE_FREEZE_H
#define ZKZ_MIGRATE_SOURCE_FREEZE_H

#include "migrate/source/source.h"

/** source_freeze() - stop the guest and send the rest of its memory */
int source_freeze(struct source *s, struct zkz_err *err);

#endif
