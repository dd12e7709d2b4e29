/* SPDX-License-Identifier: GPL-2.0 */
/* Texts that the user names. */
#ifndef ZKZ_ZKZ_INPUT_H
#define ZKZ_ZKZ_INPUT_H

#include "lib/err.h"

/** input_read() - all of a text file, or of the standard input for "-", up to 1 MiB; to free, or NULL */
char *input_read(const char *path, struct zkz_err *err);

#endif
