// SPDX-License-Identifier: GPL-2.0
#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

uint64_t client_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ULL + t.tv_nsec / 1000000;
}

/* 1 if @fd is ready, 0 when the deadline has passed. */
int client_wait(int fd, short events, uint64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = events };
	int n;

	do {
		uint64_t now = client_now();

		n = poll(&p, 1, now < deadline ? deadline - now : 0);
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

/* A connected non-blocking socket, or -1 with errno. */
int client_connect(const char *host, unsigned short port, uint64_t deadline)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd, on = 1, error = 0;
	socklen_t len = sizeof(error);

	if (inet_pton(AF_INET, host, &addr.sin_addr) != 1) {
		errno = EINVAL;
		return -1;
	}
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	if (errno != EINPROGRESS)
		error = errno;
	else if (!client_wait(fd, POLLOUT, deadline))
		error = ETIMEDOUT;
	else
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (!error)
		return fd;
	close(fd);
	errno = error;
	return -1;
}
