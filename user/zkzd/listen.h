/* SPDX-License-Identifier: GPL-2.0 */
/* The socket that zkzd listens on. */
#ifndef ZKZ_ZKZD_LISTEN_H
#define ZKZ_ZKZD_LISTEN_H

#include <stdbool.h>

#include "lib/err.h"

/**
 * listen_open() - take the socket from systemd, or make it
 * @made: set if it was made here and is to be removed at the end
 * @err:  filled on failure
 *
 * Return: descriptor or -1.
 */
int listen_open(bool *made, struct zkz_err *err);

#endif
