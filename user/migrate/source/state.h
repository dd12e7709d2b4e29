/* SPDX-License-Identifier: GPL-2.0 */
/* Source: the zone's QEMU, its migration, and the device state on its way to the target. */
#ifndef ZKZ_MIGRATE_SOURCE_STATE_H
#define ZKZ_MIGRATE_SOURCE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "migrate/source/link.h"
#include "qemu/qmp.h"

/**
 * struct state_stream - device state on its way
 * @zone:      whose; from state_begin()
 * @in:        QEMU writes to the other end; -1 if it does not
 * @out:       to the target's QEMU, -1; from state_connect()
 * @phase:     what QEMU is sending, or if that has to wait
 * @rest:      read and not passed on yet: the first of the devices, once they are held,
 *             and the last byte of them
 * @rest_len:  its length
 * @streams:   of QEMU whose setup is over
 * @setup:     what the first of them began with, owned
 * @setup_len: its length
 * @pos:       so much of it came again
 * @sent:      bytes that went to the target
 * @held_ns:   CLOCK_REALTIME when the last setup was over: guest and disks are still
 */
struct state_stream {
	const char *zone;
	int in;
	int out;
	enum { STATE_SETUP, STATE_HELD, STATE_DEVICES, STATE_SENT } phase;
	uint8_t rest[65536];
	size_t rest_len;
	unsigned int streams;
	uint8_t *setup;
	size_t setup_len;
	size_t pos;
	uint64_t sent;
	uint64_t held_ns;
};

/**
 * struct leaving - the zone's QEMU, which is to leave
 * @qmp:          its monitor; from source_local() until GO is answered for good, else NULL
 * @status:       of its migration, by its events; empty before a freeze
 * @stop_ns:      CLOCK_REALTIME when it stopped the guest, 0 while that runs
 * @completed_ns: when it had sent all devices
 * @state:        device state
 */
struct leaving {
	struct qmp *qmp;
	char status[32];
	uint64_t stop_ns;
	uint64_t completed_ns;
	struct state_stream state;
};

/** state_connect() - to the target's QEMU, once, and the way of the decision */
int state_connect(struct state_stream *st, struct link *l, struct zkz_err *err);

/** state_begin() - QEMU sends its setup, and will stop the guest */
int state_begin(struct leaving *v, struct zkz_err *err);

/**
 * state_pump() - take what QEMU has sent; closes @in at the end
 *
 * When the setup is over the phase is STATE_HELD: the guest is stopped, its disks
 * are drained, and what comes now are devices.
 */
int state_pump(struct state_stream *st, struct zkz_err *err);

/** state_release() - the target has all memory: all but the last byte may pass */
int state_release(struct state_stream *st, struct zkz_err *err);

/** state_finish() - the last byte, with which the target's QEMU starts the guest */
int state_finish(struct state_stream *st, struct zkz_err *err);

/** state_close() - give up what is left, and the way of the decision */
void state_close(struct state_stream *st, struct link *l);

#endif
