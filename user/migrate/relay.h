/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Device state on its way to the target's QEMU. It is held back until the
 * module has received all memory: loading a device reads guest memory.
 *
 *   data stream --> buffer (bounded) --> socket pair --> QEMU "fd:"
 */
#ifndef ZKZ_MIGRATE_RELAY_H
#define ZKZ_MIGRATE_RELAY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

#define RELAY_LIMIT	(64 * 1024 * 1024)

/**
 * struct relay - one attempt's device state
 * @from:  data stream, owned, -1 while there is none or after its end
 * @to:    QEMU's side, owned, -1 when done
 * @buf:   what was received
 * @len:   bytes in @buf
 * @done:  of them, those that QEMU has
 * @cap:   size of @buf
 * @open:  QEMU may have it
 * @ended: the stream has ended
 */
struct relay {
	int from;
	int to;
	char *buf;
	size_t len;
	size_t done;
	size_t cap;
	bool open;
	bool ended;
};

/** relay_init() - nothing connected yet */
void relay_init(struct relay *r);

/** relay_restart() - take over a new data stream, forget what came before */
void relay_restart(struct relay *r, int from);

/** relay_fini() - close and free */
void relay_fini(struct relay *r);

/** relay_poll() - what to wait for: fills two entries */
void relay_poll(const struct relay *r, struct pollfd *p);

/** relay_step() - move what can be moved without waiting */
int relay_step(struct relay *r, struct zkz_err *err);

#endif
