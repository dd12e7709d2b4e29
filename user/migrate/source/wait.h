/* SPDX-License-Identifier: GPL-2.0 */
/* Source: waiting, from the first pass to the answer to GO. */
#ifndef ZKZ_MIGRATE_SOURCE_WAIT_H
#define ZKZ_MIGRATE_SOURCE_WAIT_H

#include "migrate/source/source.h"

/** source_has_devices() - has its QEMU sent all that there is of the guest, and said so? Then it is needed no more */
bool source_has_devices(const struct leaving *v);

/* How long QEMU may take to stop the guest, and from GO to the end of its device state. */
#define SOURCE_SWITCH_MS	60000

/**
 * source_wait() - let something happen, then note it in @s
 *
 * Returns after at most half a second. Fails when the target, the module, QEMU
 * or the user ends the migration.
 */
int source_wait(struct source *s, struct zkz_err *err);

/**
 * source_look_at_target() - take what the target has said, without waiting
 *
 * Fails if that ends the migration; also if it is the answer to GO, which is for later.
 */
int source_look_at_target(struct source *s, struct zkz_err *err);

/** source_take_answer() - what the target, @peer, said of GO */
void source_take_answer(struct verdict *v, const char *peer, const json_t *ans);

#endif
