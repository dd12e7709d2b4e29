/* SPDX-License-Identifier: GPL-2.0 */
/* The few things a migration asks of QEMU, by QMP. */
#ifndef ZKZ_QEMU_VM_H
#define ZKZ_QEMU_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/clock.h"
#include "lib/err.h"
#include "qemu/qmp.h"

/** vm_version() - "7.2.19" */
int vm_version(struct qmp *q, char *buf, size_t size, struct zkz_err *err);

/** vm_running() - does the guest run? 1, 0 or -1 */
int vm_running(struct qmp *q, struct zkz_err *err);

/** vm_ends_marked() - is the last byte of its device state the end mark? 1, 0 or -1; see qemu/cmdline.c */
int vm_ends_marked(struct qmp *q, struct zkz_err *err);

/**
 * vm_prepare_out() - capabilities and limits of an outgoing migration
 * @q:     monitor
 * @pause: once the guest stands still, and before its disks are let go, vm_go_on() is waited for
 * @err:   filled on failure
 */
int vm_prepare_out(struct qmp *q, bool pause, struct zkz_err *err);

/* Status of a migration that waits for that. */
#define VM_PAUSED	"pre-switchover"

/** vm_go_on() - the migration that has been prepared so, and is there, goes on */
int vm_go_on(struct qmp *q, struct zkz_err *err);

/**
 * vm_incoming() - the device state will come through @fd; see keeper/incoming.c
 * @q:       monitor
 * @fd:      a socket
 * @survive: where that fails QEMU is not to end, so that it can be asked why
 * @err:     filled on failure
 */
int vm_incoming(struct qmp *q, int fd, bool survive, struct zkz_err *err);

/** vm_why_failed() - what QEMU says of its migration that has failed; empty if it does not. Return: @why. */
const char *vm_why_failed(struct qmp *q, char *why, size_t size);

/** vm_migrate() - send to @fd, and stop the guest on the way; the caller closes its own copy */
int vm_migrate(struct qmp *q, int fd, struct zkz_err *err);

/** vm_stop() - the guest is to stand still, if it does not already; QEMU may fail to answer */
int vm_stop(struct qmp *q, deadline_t dl, struct zkz_err *err);

/**
 * vm_resume() - undo a migration that did not happen: the guest runs on
 * @q:   monitor
 * @err: filled if the guest does not run in the end
 *
 * Cancels what QEMU is doing, clears the capabilities, takes the disks back, starts the
 * guest if it is stopped and makes sure that it runs. One that QEMU has stopped for an I/O
 * error stays so.
 */
int vm_resume(struct qmp *q, struct zkz_err *err);

#endif
