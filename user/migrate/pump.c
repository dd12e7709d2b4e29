// SPDX-License-Identifier: GPL-2.0
#include "migrate/pump.h"

#include <errno.h>
#include <poll.h>

#define ROUND_MS	500
/* One for each of struct pump, and the peer's watch. */
#define FDS		(5 + PUMP_FDS)

static void add(struct pollfd *fds, nfds_t *nr, int fd, short events)
{
	if (fd >= 0)
		fds[(*nr)++] = (struct pollfd) { .fd = fd, .events = events };
}

void pump_wait(const struct pump *p, deadline_t dl)
{
	int left = deadline_left_ms(dl), ms = left >= 0 && left < ROUND_MS ? left : ROUND_MS;
	struct pollfd fds[FDS];
	unsigned int i;
	nfds_t nr = 0;

	if (p->peer) {
		add(fds, &nr, p->peer->in, POLLIN);
		add(fds, &nr, p->peer->watch, POLLRDHUP);
	}
	if (p->decision)
		add(fds, &nr, p->decision->in, POLLIN);
	if (p->mover && mover_talks(p->mover))
		add(fds, &nr, genl_events_fd(p->mover->genl), POLLIN);
	if (p->qmp)
		add(fds, &nr, qmp_fd(p->qmp), POLLIN);
	for (i = 0; i < p->nr; i++)
		add(fds, &nr, p->fd[i], POLLIN);
	if (poll(fds, nr, ms) < 0 && errno != EINTR)
		clock_sleep_ms((uint64_t)ms);
}
