/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between which QEMUs a guest that runs cannot go, though each of them is well. Pure.
 *
 * QEMU means a guest to go to any newer QEMU that has its machine type. Where that is not so, there is a row here; what
 * the hosts have told counts more than versions, where they have. See Documentation/qemu.rst for traps that are avoided
 * without a question.
 */
#ifndef ZKZ_COMPAT_TRAPS_H
#define ZKZ_COMPAT_TRAPS_H

#include <stdbool.h>

#include "compat/passport.h"
#include "lib/err.h"

/** traps_find() - is there one between two hosts? Return: 0, or -1 with the reason */
int traps_find(const struct passport *source, const struct passport *target, struct zkz_err *err);

/** traps_way_back() - was it tried to go from one to the other, which is older? Only of what has worked. */
bool traps_way_back(const char *from, const char *to);

/** traps_version() - "7.2.19" -> 7002019, or -1 */
long traps_version(const char *text);

#endif
