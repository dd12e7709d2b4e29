/* SPDX-License-Identifier: GPL-2.0 */
/* A file that goes over a socket, by a process on each end: what nobody writes to needs no more than that. */
#ifndef ZKZ_WIRE_CARRY_H
#define ZKZ_WIRE_CARRY_H

#include <stdbool.h>

#include "lib/err.h"

/**
 * carry_out() - begin to send all that is in a file
 * @sock: connected socket; the caller closes its own copy
 * @file: descriptor, which is read from its beginning; likewise
 * @err:  filled on failure
 *
 * Return: descriptor for carry_ended(); it is given up when that is closed.
 */
int carry_out(int sock, int file, struct zkz_err *err);

/** carry_in() - the other end: write what comes, and say so when it is on disk. @file is of the same size, or larger */
int carry_in(int sock, int file, struct zkz_err *err);

/** carry_ended() - is all of it on the other end's disk? 1, 0 if that is still under way, -1 if it has failed */
int carry_ended(int fd);

#endif
