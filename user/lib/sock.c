// SPDX-License-Identifier: GPL-2.0
/* Making sockets: the half of io.h that connects, listens and accepts. */
#include "lib/io.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A peer that has been silent this long is asked, so often, this many times. */
#define KEEP_IDLE_S	10
#define KEEP_GAP_S	5
#define KEEP_COUNT	3

static int set_blocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -1;
	return fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
}

int io_wait_watched(int fd, short events, int watch, deadline_t dl)
{
	for (;;) {
		struct pollfd p[2] = {
			{ .fd = fd, .events = events },
			{ .fd = watch, .events = POLLRDHUP },
		};
		int rc = poll(p, 2, deadline_left_ms(dl));

		if (rc < 0 && errno != EINTR)
			return -1;
		if (rc > 0 && p[1].revents) {
			errno = ECANCELED;
			return -1;
		}
		if (rc > 0)
			return 0;
		if (!rc && !deadline_left_ms(dl)) {
			errno = ETIMEDOUT;
			return -1;
		}
	}
}

/* Connect @fd, which must be non-blocking, and make it blocking again. */
static int connect_by(int fd, const struct sockaddr *sa, socklen_t len, int watch,
		      deadline_t dl)
{
	int soerr = 0;
	socklen_t n = sizeof(soerr);

	if (connect(fd, sa, len) < 0) {
		if (errno != EINPROGRESS && errno != EINTR)
			return -1;
		if (io_wait_watched(fd, POLLOUT, watch, dl))
			return -1;
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &soerr, &n) < 0)
			return -1;
		if (soerr) {
			errno = soerr;
			return -1;
		}
	}
	return set_blocking(fd);
}

static int unix_address(struct sockaddr_un *sa, const char *path)
{
	memset(sa, 0, sizeof(*sa));
	sa->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(sa->sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(sa->sun_path, path);
	return 0;
}

int io_connect_unix(const char *path, deadline_t dl)
{
	struct sockaddr_un sa;
	int fd;

	if (unix_address(&sa, path))
		return -1;

	for (;;) {
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (fd < 0)
			return -1;
		if (!connect_by(fd, (struct sockaddr *)&sa, sizeof(sa), -1, dl))
			return fd;
		io_close(&fd);
		/* EAGAIN: the backlog is full, the listener is only busy. */
		if (errno != EAGAIN || deadline_left_ms(dl) == 0)
			return -1;
		clock_sleep_ms(20);
	}
}

int io_listen_unix(const char *path, mode_t mode)
{
	struct sockaddr_un sa;
	mode_t old;
	int fd;
	int rc;

	if (unix_address(&sa, path))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;

	if (unlink(path) < 0 && errno != ENOENT)
		goto err_close;
	/* Never reachable for others, not even between bind and chmod. */
	old = umask(0177);
	rc = bind(fd, (struct sockaddr *)&sa, sizeof(sa));
	umask(old);
	if (rc < 0 || chmod(path, mode) < 0 || listen(fd, 64) < 0)
		goto err_close;
	return fd;

err_close:
	io_close(&fd);
	return -1;
}

/*
 * Some connections are silent for hours, until the moment in which a guest stands
 * still. Probes keep a firewall from forgetting them, and tell of a peer that is gone.
 * What is set on a listening socket, the connections that come to it have as well.
 */
static void set_tcp(int fd)
{
	int one = 1, idle = KEEP_IDLE_S, gap = KEEP_GAP_S, count = KEEP_COUNT;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &gap, sizeof(gap));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
}

static int connect_one(const struct addrinfo *ai, int watch, deadline_t dl)
{
	int fd = socket(ai->ai_family,
			ai->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
			ai->ai_protocol);

	if (fd < 0)
		return -1;
	if (connect_by(fd, ai->ai_addr, ai->ai_addrlen, watch, dl)) {
		io_close(&fd);
		return -1;
	}
	set_tcp(fd);
	return fd;
}

int io_connect_tcp(const char *host, const char *port, int watch, deadline_t dl,
		   struct zkz_err *err)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *list, *ai;
	int fd = -1;
	int rc;

	rc = getaddrinfo(host, port, &hints, &list);
	if (rc)
		return err_network_host(err, host, port, gai_strerror(rc));

	for (ai = list; ai && fd < 0 && rc != ECANCELED; ai = ai->ai_next) {
		fd = connect_one(ai, watch, dl);
		rc = errno;
	}
	freeaddrinfo(list);
	if (fd < 0 && rc == ECANCELED)
		return err_cancelled(err);
	if (fd < 0)
		err_network_connect(err, host, port, rc);
	return fd;
}

int io_listen_tcp(const char *addr, uint16_t *port, struct zkz_err *err)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
	};
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct addrinfo *ai;
	char text[8];
	int one = 1;
	int fd;
	int rc;

	snprintf(text, sizeof(text), "%u", *port);
	rc = getaddrinfo(addr, text, &hints, &ai);
	if (rc)
		return err_network_address(err, addr ? addr : "*", gai_strerror(rc));

	fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC, ai->ai_protocol);
	if (fd < 0)
		goto err_free;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	set_tcp(fd);
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) < 0 || listen(fd, 16) < 0 ||
	    getsockname(fd, (struct sockaddr *)&ss, &len) < 0)
		goto err_close;
	freeaddrinfo(ai);

	*port = ntohs(ss.ss_family == AF_INET6 ?
		      ((struct sockaddr_in6 *)&ss)->sin6_port :
		      ((struct sockaddr_in *)&ss)->sin_port);
	return fd;

err_close:
	io_close(&fd);
err_free:
	rc = errno;
	freeaddrinfo(ai);
	return err_network_listen(err, addr ? addr : "*", text, rc);
}

int io_accept(int fd, deadline_t dl)
{
	for (;;) {
		int s;

		if (io_wait(fd, POLLIN, dl) < 0)
			return -1;
		s = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		if (s >= 0)
			return s;
		if (errno != EINTR && errno != EAGAIN && errno != ECONNABORTED)
			return -1;
	}
}
