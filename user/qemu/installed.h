/* SPDX-License-Identifier: GPL-2.0 */
/* The QEMU of this host. */
#ifndef ZKZ_QEMU_INSTALLED_H
#define ZKZ_QEMU_INSTALLED_H

#include "qemu/ability.h"
#include "qemu/cache.h"

/* It is started by its name, which is what administrators look for among processes. */
#define INSTALLED_QEMU	"qemu-system-x86_64"

/**
 * struct installed - the QEMU that is installed now
 * @program: where it is
 * @able:    what it can do
 */
struct installed {
	struct program program;
	struct ability able;
};

/**
 * installed_qemu() - find it, and know what it can do
 * @q:    filled
 * @needs: of enum ability_bit: if it could not do that when it was asked last, it is asked again, as a package may
 *         have been installed
 * @zone: for which zone, for what may fail
 * @err:  filled on failure, also if it lacks what zkz needs
 *
 * QEMU is asked if it is not the one that was asked last, which takes less than a second.
 */
int installed_qemu(struct installed *q, unsigned int needs, const char *zone, struct zkz_err *err);

#endif
