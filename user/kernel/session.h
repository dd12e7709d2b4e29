/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sessions of the kernel module: one side of the replication of one memory
 * file. All verbs return 0 or -1 with the module's sentence in @err.
 */
#ifndef ZKZ_KERNEL_SESSION_H
#define ZKZ_KERNEL_SESSION_H

#include <linux/zkz.h>
#include <stdbool.h>
#include <stdint.h>

#include "kernel/genl.h"
#include "lib/clock.h"
#include "lib/err.h"

/**
 * struct session_want - what a session is to be made of
 * @role:        source or target
 * @memory_fd:   zkzfs file, open for reading and writing
 * @stream_fd:   connected TCP sockets; the module takes references of its own
 * @streams:     how many
 * @cookie:      the same number on both sides
 * @timeout_ms:  how long the module waits for the peer
 * @zero_detect: look for pages of zeros (source)
 * @limit:       most bytes sent over each connection, 0: any number
 */
struct session_want {
	enum zkz_role role;
	int memory_fd;
	const int *stream_fd;
	unsigned int streams;
	uint64_t cookie;
	uint32_t timeout_ms;
	bool zero_detect;
	uint64_t limit;
};

#define SESSION_BUCKETS	32

/**
 * struct session_info - what the module tells about a session
 * @id:       its number
 * @seq:      of events
 * @event:    ZKZ_EVENT_*, 0 if this is an answer and not an event
 * @role:     source or target
 * @state:    ZKZ_STATE_*
 * @pass:     number of the pass
 * @cookie:   as in struct session_want
 * @streams:  how many it has
 * @error:    negative errno of a failed or lost session
 * @reason:   sentence of a failed or lost session
 * @memory:   inode number of its memory file
 * @counters: by ZKZ_A_COUNTERS_*
 * @latency:  waits for pages of a fetch, those of 2^i to 2^(i+1) us in bucket i (target)
 */
struct session_info {
	uint32_t id;
	uint32_t seq;
	uint32_t event;
	uint32_t role;
	uint32_t state;
	uint32_t pass;
	uint64_t cookie;
	uint32_t streams;
	int32_t error;
	char reason[ZKZ_REASON_MAX + 1];
	uint64_t memory;
	uint64_t counters[ZKZ_A_COUNTERS_MAX + 1];
	uint64_t latency[SESSION_BUCKETS];
};

/* While a pass runs there is an event each fifth of a second. */
#define SESSION_QUIET_NS	NSEC_PER_SEC

/* Deadline of the module for its peer, the same on both hosts. */
#define SESSION_TIMEOUT_MS	20000

/** session_read() - what a message of the module says; -1 if it is malformed */
int session_read(struct nlmsghdr *nlh, struct session_info *info);

/** session_cookie() - number that the module puts into every frame of a migration with this id */
uint64_t session_cookie(const char *migration);

/** session_new() - make a session; its number is stored in @id */
int session_new(struct genl *g, const struct session_want *want, uint32_t *id,
		struct zkz_err *err);

/** session_pass() - start a pass; the result comes as an event */
int session_pass(struct genl *g, uint32_t id, bool final, struct zkz_err *err);

/** session_slow_pass() - one that is not the last, during and after which writers wait @percent of their time */
int session_slow_pass(struct genl *g, uint32_t id, uint32_t percent, struct zkz_err *err);

/**
 * session_fetch() - start the last pass as a fetch
 *
 * Event ZKZ_EVENT_FETCH tells that the guest may run on the target: whoever touches
 * a page there that has not come waits for it.
 */
int session_fetch(struct genl *g, uint32_t id, struct zkz_err *err);

/**
 * session_resume() - give a lost session new connections
 * @g:   connection, need not be the one that made the session
 * @id:  the session
 * @fd:  connected TCP sockets; the module takes references of its own
 * @nr:  as many as it had
 * @err: filled on failure
 *
 * Whether the fetch goes on is told by an event: ZKZ_EVENT_FETCH, or LOST once more.
 */
int session_resume(struct genl *g, uint32_t id, const int *fd, unsigned int nr,
		   struct zkz_err *err);

/**
 * session_latency() - how long those waited who waited for a page
 * @info:    of a target
 * @percent: 50 for the median
 *
 * Return: microseconds, an upper bound: @percent of the waits were not longer than
 * the bucket that has it. 0 if nobody waited.
 */
uint64_t session_latency(const struct session_info *info, unsigned int percent);

/**
 * memory_missing() - how many pages of a memory file have not come
 * @g:      connection
 * @memory: inode number of the file
 * @pages:  stored here
 * @err:    filled on failure
 *
 * Return: 1 if there is such a file, 0 if not, -1 on failure.
 */
int memory_missing(struct genl *g, uint64_t memory, uint64_t *pages, struct zkz_err *err);

/** session_abort() - stop it and tell the peer why; it is gone afterwards */
int session_abort(struct genl *g, uint32_t id, const char *reason, struct zkz_err *err);

/** session_close() - remove one that has ended or failed */
int session_close(struct genl *g, uint32_t id, struct zkz_err *err);

/** session_get() - what is it doing? */
int session_get(struct genl *g, uint32_t id, struct session_info *info,
		struct zkz_err *err);

/**
 * session_find() - the session of a memory file, whoever owns it
 * @g:      connection
 * @memory: inode number of the file
 * @info:   filled if there is one
 * @err:    filled on failure
 *
 * Return: 1 if there is one, 0 if not, -1 on failure.
 */
int session_find(struct genl *g, uint64_t memory, struct session_info *info,
		 struct zkz_err *err);

/** typedef session_fn - gets one event */
typedef void (*session_fn)(const struct session_info *info, void *arg);

/**
 * session_events() - hand out what has arrived, without waiting
 * @g:   connection
 * @id:  session whose events are wanted
 * @fn:  called for each
 * @arg: for @fn
 * @err: filled on failure
 *
 * If the socket had no room for an event, session_look() makes one up.
 */
int session_events(struct genl *g, uint32_t id, session_fn fn, void *arg,
		   struct zkz_err *err);

/**
 * session_look() - make up an event from the state of the session
 * @g:   connection
 * @id:  session
 * @fn:  called once
 * @arg: for @fn
 * @err: filled on failure
 *
 * Events get lost without notice where the kernel has no memory for one. So
 * whoever waits for one and has heard nothing for SESSION_QUIET_NS looks.
 */
int session_look(struct genl *g, uint32_t id, session_fn fn, void *arg,
		 struct zkz_err *err);

#endif
