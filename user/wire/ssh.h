/* SPDX-License-Identifier: GPL-2.0 */
/* The control channel through ssh(1): runs "zkz serve" on another host. */
#ifndef ZKZ_WIRE_SSH_H
#define ZKZ_WIRE_SSH_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/clock.h"
#include "lib/err.h"
#include "lib/id.h"
#include "wire/channel.h"
#include "wire/uri.h"

/**
 * struct ssh - a running ssh
 * @pid:  its process
 * @errs: what it wrote to its standard error, a file in memory
 * @peer: name for messages
 * @newest: version of the control channel that the other host speaks
 * @speaks: the newest that both speak, 0 if there is none
 * @host: id of that host, see zone/hostid.h
 * @stores: it can make disks that only the source has
 * @machines: it can build a machine that is not the one configured
 */
struct ssh {
	pid_t pid;
	int errs;
	char peer[300];
	long long newest;
	long long speaks;
	char host[ID_TEXT_SIZE];
	bool stores;
	bool machines;
};

/**
 * ssh_open() - connect and greet
 * @s:     filled; end with ssh_close() after channel_fini()
 * @c:     channel, ready for use when this returns 0
 * @uri:   host
 * @watch: for channel.watch, heeded from the beginning; -1 for none
 * @dl:    deadline until the other side's greeting is there
 * @err:   on failure, ssh's own words where it had any
 *
 * The other host may speak another version: questions after a migration are understood
 * by all. Whoever wants more calls ssh_agree().
 */
int ssh_open(struct ssh *s, struct channel *c, const struct host_uri *uri, int watch,
	     deadline_t dl, struct zkz_err *err);

/** ssh_agree() - refuse a host that speaks no version of the control channel that this one speaks */
int ssh_agree(const struct ssh *s, struct zkz_err *err);

/** ssh_close() - end it */
void ssh_close(struct ssh *s);

#endif
