/* SPDX-License-Identifier: GPL-2.0 */
/* Who may change a zone now. */
#ifndef ZKZ_ZONE_LOCK_H
#define ZKZ_ZONE_LOCK_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/clock.h"
#include "lib/err.h"

/**
 * zone_lock() - take the zone's lock for a changing operation
 * @zone: zone name
 * @dl:   how long to wait for another operation to end
 * @err:  ERR_ZONE_BUSY when it did not, ERR_ZONE_NOT_FOUND if the zone has no
 *        configuration here
 *
 * The kernel gives the lock back when the holder dies. Children must not
 * inherit the descriptor (it is close-on-exec).
 * Return: descriptor to close for unlocking, or -1.
 */
int zone_lock(const char *zone, deadline_t dl, struct zkz_err *err);

/** zone_lock_new() - the same for a zone that need not exist yet */
int zone_lock_new(const char *zone, deadline_t dl, struct zkz_err *err);

/**
 * zone_alive_take() - the keeper's mark of life
 *
 * It holds the keeper's process number. Fails if the zone has a keeper, or a QEMU that a keeper left.
 * Return: descriptor or -1.
 */
int zone_alive_take(const char *zone, struct zkz_err *err);

/**
 * zone_alive_lend() - the mark of life of its QEMU
 *
 * QEMU inherits it. One that hangs in the kernel outlives its keeper, and still writes to its disks some day.
 * Return: descriptor to close when QEMU has been started, or -1.
 */
int zone_alive_lend(const char *zone, struct zkz_err *err);

/** zone_alive() - does a keeper or a QEMU of this zone live? */
bool zone_alive(const char *zone);

/** zone_orphaned() - does a QEMU live whose keeper is gone? */
bool zone_orphaned(const char *zone);

/**
 * zone_orphan_wait() - a QEMU without a keeper has been killed: wait until it is gone
 *
 * Return: 0, or -1 if it hangs in the kernel.
 */
int zone_orphan_wait(const char *zone, deadline_t dl, struct zkz_err *err);

/** zone_alive_keeper() - process number of the living keeper, or 0 */
pid_t zone_alive_keeper(const char *zone);

/* With this signal the worker that moves a zone is told to give that up; it has a handler before it has the mark. */
#define ZONE_MOVING_ABORT	SIGUSR1

/**
 * zone_moving_take() - the mark of the worker that moves a zone to another host
 *
 * With the zone's lock, and while it runs. By it those who cannot have the lock learn what they
 * wait for, and find the worker.
 * Return: descriptor or -1.
 */
int zone_moving_take(const char *zone, struct zkz_err *err);

/** zone_moving() - is there such a worker? */
bool zone_moving(const char *zone);

/** zone_moving_worker() - it, as a descriptor of its process, to be closed; -1 if there is none */
int zone_moving_worker(const char *zone);

#endif
