// SPDX-License-Identifier: GPL-2.0
#include "wire/relay.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/aside.h"
#include "lib/io.h"

/* What is on its way in one direction; a request of a block job is no larger. */
#define BUFFER		(1U << 20)
/* It ends with whoever began it; this is for one that nobody waits for any more. */
#define RELAY_S		(7 * 24 * 3600)

/**
 * struct job - what the process does
 * @listens: as of relay_start()
 * @uid:     likewise
 */
struct job {
	bool listens;
	uid_t uid;
};

/**
 * struct way - one direction
 * @from:  read
 * @to:    written
 * @buf:   BUFFER bytes
 * @at:    those before that are written
 * @len:   those before that are there
 * @ended: nothing more will come
 * @shut:  the other end has been told
 */
struct way {
	int from;
	int to;
	char *buf;
	size_t at;
	size_t len;
	bool ended;
	bool shut;
};

static bool again(ssize_t n)
{
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* Return: false if one of the ends is gone. */
static bool move(struct way *w)
{
	ssize_t n;

	if (w->at == w->len && !w->ended) {
		n = recv(w->from, w->buf, BUFFER, MSG_DONTWAIT);
		if (n < 0 && !again(n))
			return false;
		w->ended = !n;
		w->at = 0;
		w->len = n > 0 ? (size_t)n : 0;
	}
	if (w->at < w->len) {
		n = send(w->to, w->buf + w->at, w->len - w->at, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && !again(n))
			return false;
		w->at += n > 0 ? (size_t)n : 0;
	}
	if (w->at == w->len && w->ended && !w->shut)
		w->shut = !shutdown(w->to, SHUT_WR);
	return true;
}

static short wants(const struct way *in, const struct way *out)
{
	return (short)((in->at == in->len && !in->ended ? POLLIN : 0) | (out->at < out->len ? POLLOUT : 0));
}

static void relay(int sock, int far, int near)
{
	struct way in = { .from = far, .to = near, .buf = malloc(BUFFER) };
	struct way out = { .from = near, .to = far, .buf = malloc(BUFFER) };

	while (in.buf && out.buf && !(in.shut && out.shut)) {
		struct pollfd p[] = {
			{ .fd = sock, .events = POLLRDHUP },
			{ .fd = far, .events = wants(&in, &out) },
			{ .fd = near, .events = wants(&out, &in) },
		};

		if (poll(p, 3, -1) < 0 && errno != EINTR)
			return;
		/* An end that fails shows when it is read or written; one that is gone has no more to read. */
		if (p[0].revents || !move(&in) || !move(&out) || (p[1].revents & POLLHUP && in.ended) ||
		    (p[2].revents & POLLHUP && out.ended))
			return;
	}
}

static bool is_user(int fd, uid_t uid)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) && cred.uid == uid;
}

/* Return: a connection of that user, or -1 if nobody waits for one any more. */
static int take(int sock, int lsock, uid_t uid)
{
	for (;;) {
		struct pollfd p[] = { { .fd = sock, .events = POLLRDHUP }, { .fd = lsock, .events = POLLIN } };
		int fd;

		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return -1;
		if (p[0].revents)
			return -1;
		fd = p[1].revents ? io_accept(lsock, deadline_in_ms(0)) : -1;
		if (fd >= 0 && is_user(fd, uid))
			return fd;
		io_close(&fd);
	}
}

/* The descriptors come by the socket, as all others are closed here. */
static void relay_aside(int sock, const void *arg)
{
	const struct job *j = arg;
	int far, near;
	char none;

	if (io_recv_fd(sock, &far, &none, 1, DEADLINE_NONE) || io_recv_fd(sock, &near, &none, 1, DEADLINE_NONE))
		return;
	if (j->listens)
		near = take(sock, near, j->uid);
	if (near >= 0)
		relay(sock, far, near);
}

int relay_start(int far, int near, bool listens, uid_t uid, struct zkz_err *err)
{
	struct job j = { .listens = listens, .uid = uid };
	int sock = aside(relay_aside, &j, RELAY_S, err);

	if (sock < 0)
		return -1;
	if (!io_send_fd(sock, far, "", 1, DEADLINE_NONE) && !io_send_fd(sock, near, "", 1, DEADLINE_NONE))
		return sock;
	err_system_call(err, "sendmsg", errno);
	io_close(&sock);
	return -1;
}
