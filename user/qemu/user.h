/* SPDX-License-Identifier: GPL-2.0 */
/* Whom QEMU runs as. */
#ifndef ZKZ_QEMU_USER_H
#define ZKZ_QEMU_USER_H

#include "lib/err.h"
#include "lib/spawn.h"

#define QEMU_USER	"zkz-qemu"

/** qemu_user() - look the user up; a guest that breaks out of its QEMU must not find itself root */
int qemu_user(struct spawn_user *user, struct zkz_err *err);

#endif
