// SPDX-License-Identifier: GPL-2.0
/*
 * Source: somebody else than the client wants the migration to end: "zkz migrate --abort"
 * or "zkz halt". The worker that has the zone's mark gets a signal, and takes it for what
 * Ctrl-C is: its connection to the client looks as if the client had hung up. So there is
 * one thing to watch for (channel.h), up to the moment before GO; after that nobody looks.
 */
#include <signal.h>
#include <sys/socket.h>

#include "migrate/source/abort.h"
#include "zone/lock.h"

static int client_fd = -1;

/* Answers still arrive at the client, if there is one. */
static void on_abort(int signal)
{
	(void)signal;
	shutdown(client_fd, SHUT_RD);
}

int source_heed_abort(const struct request *rq, struct zkz_err *err)
{
	struct sigaction sa = { .sa_handler = on_abort, .sa_flags = SA_RESTART };

	client_fd = rq->fd;
	sigemptyset(&sa.sa_mask);
	sigaction(ZONE_MOVING_ABORT, &sa, NULL);
	/* It ends with this process, which does nothing else: who asked waits for that. */
	return zone_moving_take(rq->zone, err) < 0 ? -1 : 0;
}
