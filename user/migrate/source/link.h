/* SPDX-License-Identifier: GPL-2.0 */
/* Source: the ways to the target. The control channel, streams of memory, and the one that carries the decision. */
#ifndef ZKZ_MIGRATE_SOURCE_LINK_H
#define ZKZ_MIGRATE_SOURCE_LINK_H

#include <linux/zkz.h>
#include <stdbool.h>

#include "lib/clock.h"
#include "lib/err.h"
#include "wire/channel.h"
#include "wire/ssh.h"
#include "wire/stream.h"
#include "wire/uri.h"

/**
 * struct link - the ways to the target
 * @uri:      of the target; from the beginning
 * @up:       @ssh and @ch are open; from link_open() to link_close()
 * @ssh:      carries @ch
 * @ch:       control channel
 * @plan:     of the streams; from link_take_streams(), of a fetch that goes on anew
 * @addr:     where the target listens; likewise
 * @port:     likewise
 * @fd:       memory streams; from link_join_streams() until the module has them, else -1
 * @decision: carries GO and its echo: no process but the workers sees it. From state_connect() to
 *            state_close(), else its descriptors are -1
 */
struct link {
	struct host_uri uri;
	bool up;
	struct ssh ssh;
	struct channel ch;
	struct stream_plan plan;
	char addr[256];
	char port[8];
	int fd[ZKZ_MAX_STREAMS];
	struct channel decision;
};

/** link_init() - nothing is open */
void link_init(struct link *l);

/** link_open() - connect and hear the greeting; @watch as in ssh_open() */
int link_open(struct link *l, int watch, deadline_t dl, struct zkz_err *err);

/** link_settle() - refuse a target of too different a version; else the heart begins to beat */
int link_settle(struct link *l, struct zkz_err *err);

/** link_close() - hang up; nothing if it is not up */
void link_close(struct link *l);

/** link_farewell() - the same when the target has hung up, or @dl has passed */
void link_farewell(struct link *l, deadline_t dl);

/** link_take_streams() - where the target listens for those of a migration, from its answer */
int link_take_streams(struct link *l, const char *migration, enum cipher cipher, const json_t *ans,
		      struct zkz_err *err);

/** link_join_streams() - open @nr of them */
int link_join_streams(struct link *l, unsigned int nr, struct zkz_err *err);

/** link_drop_streams() - close those that the module has not got */
void link_drop_streams(struct link *l);

#endif
