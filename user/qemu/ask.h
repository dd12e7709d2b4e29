/* SPDX-License-Identifier: GPL-2.0 */
/* Asks a QEMU what it can do, by running it without a machine. */
#ifndef ZKZ_QEMU_ASK_H
#define ZKZ_QEMU_ASK_H

#include "lib/clock.h"
#include "lib/spawn.h"
#include "qemu/ability.h"

/**
 * ask_qemu() - run it, ask, and end it
 * @path: program
 * @user: whom it runs as, NULL for our own
 * @zone: for which zone, for what may fail
 * @a:    filled
 * @dl:   deadline for all of it; a QEMU that takes longer is killed
 * @err:  filled on failure, with what QEMU wrote
 */
int ask_qemu(const char *path, const struct spawn_user *user, const char *zone, struct ability *a, deadline_t dl,
	     struct zkz_err *err);

#endif
