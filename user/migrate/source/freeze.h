/* SPDX-License-Identifier: GPL-2.0 */
/* Source: the guest stops, and the rest travels. Each is a step, see steps.c. */
#ifndef ZKZ_MIGRATE_SOURCE_FREEZE_H
#define ZKZ_MIGRATE_SOURCE_FREEZE_H

#include "migrate/source/source.h"

/** source_stop() - stop the guest, at a moment when the rest fits into the budget */
int source_stop(struct source *s, struct zkz_err *err);

/** source_last_pass() - send the rest of its memory, or what is needed to fetch it */
int source_last_pass(struct source *s, struct zkz_err *err);

/** source_verify() - compare the memory of both hosts, if the user wants it */
int source_verify(struct source *s, struct zkz_err *err);

#endif
