/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much a data stream carries, tried before the module gets it. Blocks of
 * RATE_BLOCK bytes; the first byte of each is 1, of the last one 0.
 */
#ifndef ZKZ_MIGRATE_RATE_H
#define ZKZ_MIGRATE_RATE_H

#include <stdint.h>

#include "lib/err.h"

#define RATE_BLOCK	65536

/** rate_send() - fill a stream for half a second */
int rate_send(int fd, struct zkz_err *err);

/** rate_take() - the other end; stores the bytes a second that arrived */
int rate_take(int fd, uint64_t *rate, struct zkz_err *err);

#endif
