/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Generic netlink to the module's family: one socket for commands, one for
 * events. The module ties sessions to the command socket: closing it, or dying,
 * aborts them.
 */
#ifndef ZKZ_KERNEL_GENL_H
#define ZKZ_KERNEL_GENL_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/clock.h"
#include "lib/err.h"

/* Every answer of the family fits: extack text and all counters. */
#define GENL_BUFFER	16384

/**
 * struct genl - a connection to the family
 * @cmd:    socket for requests, owner of the sessions
 * @events: socket subscribed to the group "events"
 * @family: numeric id of the family
 * @seq:    sequence number of the last request
 * @req:    request being built
 * @reply:  buffer for answers
 */
struct genl {
	struct mnl_socket *cmd;
	struct mnl_socket *events;
	uint16_t family;
	uint32_t seq;
	union {
		char req[GENL_BUFFER];
		struct nlmsghdr req_align;
	};
	union {
		char reply[GENL_BUFFER];
		struct nlmsghdr reply_align;
	};
};

/** genl_open() - find the family and subscribe; NULL if the module is not loaded */
struct genl *genl_open(struct zkz_err *err);

/** genl_close() - hang up; sessions made through it abort. NULL is fine */
void genl_close(struct genl *g);

/**
 * genl_begin() - start a request
 * @g:    connection
 * @cmd:  ZKZ_CMD_*
 * @dump: ask for all objects instead of one
 *
 * Return: message to put attributes in; genl_call() sends it.
 */
struct nlmsghdr *genl_begin(struct genl *g, uint8_t cmd, bool dump);

/** typedef genl_fn - gets each answer; attributes are those of the message */
typedef void (*genl_fn)(const struct nlmsghdr *nlh, void *arg);

/**
 * genl_call() - send the request and take its answers
 * @g:    connection
 * @nlh:  from genl_begin()
 * @what: verb for error messages, "start a session"
 * @fn:   called for each answer, may be NULL
 * @arg:  for @fn
 * @err:  the module's own sentence on refusal
 */
int genl_call(struct genl *g, struct nlmsghdr *nlh, const char *what,
	      genl_fn fn, void *arg, struct zkz_err *err);

/** genl_events_fd() - descriptor to poll for events */
int genl_events_fd(const struct genl *g);

/**
 * genl_event() - take what has arrived on the event socket, without waiting
 * @g:    connection
 * @fn:   called for each event of the family
 * @arg:  for @fn
 * @lost: set to true if the socket overflowed: ask for the state again
 * @err:  filled on failure
 *
 * Return: 1 if something was taken, 0 if nothing is there, -1 on failure.
 */
int genl_event(struct genl *g, genl_fn fn, void *arg, bool *lost, struct zkz_err *err);

#endif
