/* SPDX-License-Identifier: GPL-2.0 */
/* Source: the disks that go along are copied, while the guest runs. A step, see steps.c. */
#ifndef ZKZ_MIGRATE_SOURCE_COPY_H
#define ZKZ_MIGRATE_SOURCE_COPY_H

#include "migrate/source/source.h"

/** source_copy() - copy what goes along; from then on each write of the guest is made on both disks */
int source_copy(struct source *s, struct zkz_err *err);

#endif
