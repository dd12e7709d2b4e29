// SPDX-License-Identifier: GPL-2.0
#include "lib/io.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int io_wait(int fd, short events, deadline_t dl)
{
	struct pollfd p = { .fd = fd, .events = events };

	for (;;) {
		int left = deadline_left_ms(dl);
		int n = poll(&p, 1, left);

		if (n > 0)
			return p.revents;
		if (n < 0 && errno != EINTR)
			return -1;
		if (n == 0 && left == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
	}
}

ssize_t io_read(int fd, void *buf, size_t len, deadline_t dl)
{
	for (;;) {
		ssize_t n;

		if (io_wait(fd, POLLIN, dl) < 0)
			return -1;
		n = read(fd, buf, len);
		if (n >= 0)
			return n;
		if (errno != EINTR && errno != EAGAIN)
			return -1;
	}
}

/*
 * MSG_DONTWAIT instead of O_NONBLOCK: the open file may be shared with another
 * process (standard output of a client, a socket that the module will get).
 */
static ssize_t write_some(int fd, const void *buf, size_t len, deadline_t dl)
{
	ssize_t n = send(fd, buf, len, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && errno == ENOTSOCK)
		return io_wait(fd, POLLOUT, dl) < 0 ? -1 : write(fd, buf, len);
	if (n < 0 && errno == EAGAIN && io_wait(fd, POLLOUT, dl) < 0)
		return -1;
	return n;
}

int io_write_full(int fd, const void *buf, size_t len, deadline_t dl)
{
	const char *p = buf;

	while (len) {
		ssize_t n = write_some(fd, p, len, dl);

		if (n < 0) {
			if (errno == EINTR || errno == EAGAIN)
				continue;
			return -1;
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int io_read_full(int fd, void *buf, size_t len, deadline_t dl)
{
	char *p = buf;

	while (len) {
		ssize_t n = io_read(fd, p, len, dl);

		if (n < 0)
			return -1;
		if (!n) {
			errno = ECONNRESET;
			return -1;
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int io_send_fd(int sock, int fd, const void *buf, size_t len, deadline_t dl)
{
	union {
		struct cmsghdr hdr;
		char room[CMSG_SPACE(sizeof(int))];
	} ctl = { 0 };
	struct iovec iov = { .iov_base = (void *)buf, .iov_len = len };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &ctl, .msg_controllen = sizeof(ctl),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	ssize_t n;

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));

	do {
		if (io_wait(sock, POLLOUT, dl) < 0)
			return -1;
		n = sendmsg(sock, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	if (n < 0)
		return -1;

	/* The descriptor went with the first byte; the rest is plain data. */
	return io_write_full(sock, (const char *)buf + n, len - (size_t)n, dl);
}

static int fd_of(struct msghdr *msg)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	int fd = -1;

	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(c), sizeof(int));
	return fd;
}

int io_recv_fd(int sock, int *fd, void *buf, size_t len, deadline_t dl)
{
	union {
		struct cmsghdr hdr;
		char room[CMSG_SPACE(sizeof(int))];
	} ctl;
	struct iovec iov = { .iov_base = buf, .iov_len = len };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &ctl, .msg_controllen = sizeof(ctl),
	};
	ssize_t n, more = 0;
	size_t got;

	*fd = -1;
	do {
		if (io_wait(sock, POLLIN, dl) < 0)
			return -1;
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	if (n > 0)
		*fd = fd_of(&msg);
	for (got = n > 0 ? (size_t)n : 0; n > 0 && got < len; got += (size_t)more) {
		more = io_read(sock, (char *)buf + got, len - got, dl);
		if (more <= 0)
			n = more;
	}
	if (n > 0)
		return 0;
	if (!n)
		errno = ENODATA;
	io_close(fd);
	return -1;
}

void io_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}
