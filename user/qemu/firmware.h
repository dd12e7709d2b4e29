/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UEFI firmware of the host. Distributions describe what they have in files that QEMU's documentation defines
 * (docs/interop/firmware.json); the first one counts that suits the machine which zkz builds.
 */
#ifndef ZKZ_QEMU_FIRMWARE_H
#define ZKZ_QEMU_FIRMWARE_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/err.h"

/**
 * struct firmware - what was found
 * @code: path of the program, which is read only
 * @vars: path of the variables that a new machine begins with
 */
struct firmware {
	char code[1024];
	char vars[1024];
};

/** firmware_suits() - does a description fit, and where are its files? Pure. */
bool firmware_suits(const json_t *description, struct firmware *f);

/** firmware_find() - the host's; ERR_FIRMWARE_MISSING if it has none */
int firmware_find(struct firmware *f, struct zkz_err *err);

#endif
