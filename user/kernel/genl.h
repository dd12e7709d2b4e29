/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Generic netlink to the module's family: one socket for commands, one for
 * events. The module ties sessions to the command socket: closing it, or dying,
 * aborts them.
 */
#ifndef ZKZ_KERNEL_GENL_H
#define ZKZ_KERNEL_GENL_H

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/clock.h"
#include "lib/err.h"

/*
 * Every request of the family fits, with all its streams, and every answer: extack
 * text and all counters.
 */
#define GENL_BUFFER	16384

/**
 * struct genl - a connection to the family
 * @cmd:    socket for requests, owner of the sessions
 * @events: socket subscribed to the group "events"
 * @family: numeric id of the family
 * @req:    request being built; one serves all, so that to begin one cannot fail
 * @reply:  buffer for answers
 */
struct genl {
	struct nl_sock *cmd;
	struct nl_sock *events;
	int family;
	struct nl_msg *req;
	union {
		char reply[GENL_BUFFER];
		struct nlmsghdr reply_align;
	};
};

/** genl_open() - find the family and subscribe; NULL if the module is not loaded */
struct genl *genl_open(struct zkz_err *err);

/**
 * genl_fits() - can this zkz work with the module that is loaded?
 * @version: of its family
 * @err:     filled if not
 *
 * With that of the last release it can: hosts get their new programs while zones run on the old module. So it can with
 * every newer one, because what the family had once, it keeps.
 * Return: 0 or -1.
 */
int genl_fits(unsigned int version, struct zkz_err *err);

/** genl_close() - hang up; sessions made through it abort. NULL is fine */
void genl_close(struct genl *g);

/**
 * genl_begin() - start a request
 * @g:    connection
 * @cmd:  ZKZ_CMD_*
 * @dump: ask for all objects instead of one
 *
 * Return: message to put attributes in (nla_put_u32() etc.); genl_call() sends it.
 */
struct nl_msg *genl_begin(struct genl *g, uint8_t cmd, bool dump);

/** typedef genl_fn - gets each answer, to be parsed with a policy; negative if it is malformed */
typedef int (*genl_fn)(struct nlmsghdr *nlh, void *arg);

/**
 * genl_call() - send the request and take its answers
 * @g:    connection, whose request was begun
 * @what: what it is, for error messages
 * @fn:   called for each answer, may be NULL
 * @arg:  for @fn
 * @err:  the module's own sentence on refusal, and the number of the attribute to blame
 */
int genl_call(struct genl *g, enum err_request what, genl_fn fn, void *arg, struct zkz_err *err);

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
