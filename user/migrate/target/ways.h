/* SPDX-License-Identifier: GPL-2.0 */
/* Target: the connections that a source makes, beside the control channel. */
#ifndef ZKZ_MIGRATE_TARGET_WAYS_H
#define ZKZ_MIGRATE_TARGET_WAYS_H

#include <linux/zkz.h>

#include "lib/err.h"
#include "wire/channel.h"
#include "wire/stream.h"

/**
 * struct ways - connections of data
 * @lsock:    listens; from ways_listen(), -1 before
 * @plan:     of the streams; likewise
 * @nr:       how many carry memory; likewise
 * @fd:       their sockets; from ways_join() until the module has them, else -1
 * @state:    the device state, which QEMU reads; from ways_state(), -1 before
 * @decision: GO comes this way; likewise
 */
struct ways {
	int lsock;
	struct stream_plan plan;
	unsigned int nr;
	int fd[ZKZ_MAX_STREAMS];
	int state;
	struct channel decision;
};

/** ways_init() - nothing is open */
void ways_init(struct ways *w);

/**
 * ways_listen() - as the source asks for it
 * @w:         closed
 * @ch:        control channel, on which where it listens is said ...
 * @answer:    ... by a frame of this type
 * @msg:       the request
 * @migration: id
 * @addr:      at which the source has reached this host, NULL if that is not known
 * @err:       filled on failure
 */
int ways_listen(struct ways *w, struct channel *ch, const char *answer, const json_t *msg,
		const char *migration, const char *addr, struct zkz_err *err);

/** ways_join() - take the streams of memory; @ch as in stream_accept() */
int ways_join(struct ways *w, struct channel *ch, struct zkz_err *err);

/** ways_state() - take those of the device state and of the decision */
int ways_state(struct ways *w, struct channel *ch, struct zkz_err *err);

/** ways_close() - close what is open, and forget the keys */
void ways_close(struct ways *w);

#endif
