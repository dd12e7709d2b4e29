/* SPDX-License-Identifier: GPL-2.0 */
/* Device state on its way from one QEMU to another, which loads and starts the guest by it. */
#ifndef ZKZ_QEMU_DEVSTATE_H
#define ZKZ_QEMU_DEVSTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "qemu/qmp.h"

/**
 * struct devstate - device state on its way
 * @zone:      whose; from devstate_begin()
 * @in:        QEMU writes to the other end; -1 if it does not
 * @out:       to the other QEMU, -1; of the caller, closed by devstate_close()
 * @phase:     what QEMU is sending, or if that has to wait
 * @rest:      read and not passed on yet: the first of the devices, once they are held,
 *             and the last byte of them
 * @rest_len:  its length
 * @streams:   of QEMU whose setup is over
 * @begun:     parts of memory follow in the one under way
 * @head:      what the first of them had before these, owned
 * @head_len:  its length
 * @pos:       so much of it came again
 * @sent:      bytes that were passed on
 * @held_ns:   CLOCK_REALTIME when the last setup was over: guest and disks are still
 */
struct devstate {
	const char *zone;
	int in;
	int out;
	enum { DEVSTATE_SETUP, DEVSTATE_HELD, DEVSTATE_DEVICES, DEVSTATE_SENT } phase;
	uint8_t rest[65536];
	size_t rest_len;
	unsigned int streams;
	bool begun;
	uint8_t *head;
	size_t head_len;
	size_t pos;
	uint64_t sent;
	uint64_t held_ns;
};

/** devstate_init() - nothing is open */
void devstate_init(struct devstate *st);

/** devstate_begin() - QEMU, by its monitor @q, sends its setup, and will stop the guest */
int devstate_begin(struct devstate *st, struct qmp *q, struct zkz_err *err);

/**
 * devstate_pump() - take what QEMU has sent; closes @in at the end
 *
 * When the setup is over the phase is DEVSTATE_HELD: the guest is stopped, its disks
 * are drained, and what comes now are devices.
 */
int devstate_pump(struct devstate *st, struct zkz_err *err);

/** devstate_release() - memory is complete: all but the last byte may pass */
int devstate_release(struct devstate *st, struct zkz_err *err);

/** devstate_finish() - the last byte, with which the other QEMU starts the guest */
int devstate_finish(struct devstate *st, struct zkz_err *err);

/** devstate_close() - give up what is left */
void devstate_close(struct devstate *st);

#endif
