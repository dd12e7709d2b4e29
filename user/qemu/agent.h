/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest agent of QEMU (qemu-ga), which the guest runs: JSON, one object a line, over a port of virtio. It is the
 * guest's program, so all that it says is hostile, and it may not be there, or say nothing.
 */
#ifndef ZKZ_QEMU_AGENT_H
#define ZKZ_QEMU_AGENT_H

#include <jansson.h>
#include <stddef.h>

#include "lib/clock.h"
#include "lib/err.h"

/* An answer is no longer: what a command has printed, 16 MiB of each kind, in base64. */
#define AGENT_MAX_ANSWER	(48U << 20)

/**
 * struct agent - a conversation
 * @zone:  whose guest it is
 * @fd:    connection
 * @lock:  held: QEMU serves one connection at a time
 * @watch: when this hangs up nobody wants the answer any more; -1 for none
 * @buf:   what was read and not yet used, owned
 * @len:   how much
 * @cap:   size of @buf
 */
struct agent {
	const char *zone;
	int fd;
	int lock;
	int watch;
	char *buf;
	size_t len;
	size_t cap;
};

/**
 * agent_open() - connect, and see that somebody listens
 * @a:     filled; agent_close() also after a failure
 * @zone:  name
 * @watch: see there
 * @dl:    deadline
 * @err:   ERR_AGENT_BUSY if somebody else has it, ERR_AGENT_SILENT if there is none
 *
 * What an earlier conversation has left unread is dropped.
 */
int agent_open(struct agent *a, const char *zone, int watch, deadline_t dl, struct zkz_err *err);

/**
 * agent_call() - one command
 * @a:    conversation
 * @name: command
 * @args: its arguments, consumed; NULL for none
 * @ret:  what it returns, a new reference
 * @dl:   deadline
 * @err:  ERR_AGENT_SAYS with the agent's words, if it refuses
 */
int agent_call(struct agent *a, const char *name, json_t *args, json_t **ret, deadline_t dl, struct zkz_err *err);

/** agent_shutdown() - ask it to shut the guest down, if there is one that listens; it does not answer to that */
void agent_shutdown(const char *zone);

/** agent_close() - end it */
void agent_close(struct agent *a);

#endif
