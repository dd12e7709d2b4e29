/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bytes between two sockets, both ways, by a process of its own: QEMU's disks travel by NBD, and NBD knows neither the
 * streams of a migration nor their keys.
 */
#ifndef ZKZ_WIRE_RELAY_H
#define ZKZ_WIRE_RELAY_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/err.h"

/**
 * relay_start() - begin
 * @far:     connected socket; the caller closes its own copy
 * @near:    another one, or one that listens: the first connection of @uid is taken, and others are turned away
 * @listens: which of the two
 * @uid:     user
 * @err:     filled on failure
 *
 * Return: descriptor. The relay ends when that is closed, and when one of the sockets has ended: then it ends the
 * other one.
 */
int relay_start(int far, int near, bool listens, uid_t uid, struct zkz_err *err);

#endif
