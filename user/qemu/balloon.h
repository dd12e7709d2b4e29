/* SPDX-License-Identifier: GPL-2.0 */
/* What of its memory a guest may use: the balloon in it takes the rest, which is a hole in its memory file then. */
#ifndef ZKZ_QEMU_BALLOON_H
#define ZKZ_QEMU_BALLOON_H

#include <stdint.h>

#include "lib/err.h"
#include "qemu/qmp.h"

/** balloon_set() - so many bytes; the guest gives the rest when it can, and for ever tries to */
int balloon_set(struct qmp *q, uint64_t bytes, struct zkz_err *err);

/** balloon_get() - so many it has now */
int balloon_get(struct qmp *q, uint64_t *bytes, struct zkz_err *err);

#endif
