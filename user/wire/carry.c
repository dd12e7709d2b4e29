// SPDX-License-Identifier: GPL-2.0
#include "wire/carry.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/aside.h"
#include "lib/io.h"

#define PIECE		(1U << 20)
/* It ends with whoever began it; this is for one that nobody waits for any more. */
#define CARRY_S		(7 * 24 * 3600)

/* Nobody waits for it any more. */
static void check(int ctl)
{
	if (io_wait(ctl, POLLRDHUP, deadline_in_ms(0)) >= 0)
		_exit(1);
}

/* Return: how much was sent, -1 on failure. */
static int64_t send_all(int ctl, int sock, int file, char *buf)
{
	int64_t at = 0;
	ssize_t n;

	while ((n = pread(file, buf, PIECE, at)) > 0) {
		check(ctl);
		if (io_write_full(sock, buf, (size_t)n, DEADLINE_NONE))
			return -1;
		at += n;
	}
	return n < 0 || shutdown(sock, SHUT_WR) ? -1 : at;
}

static int64_t take_all(int ctl, int sock, int file, char *buf)
{
	int64_t at = 0;
	ssize_t n;

	while ((n = io_read(sock, buf, PIECE, DEADLINE_NONE)) > 0) {
		check(ctl);
		if (pwrite(file, buf, (size_t)n, at) != n)
			return -1;
		at += n;
	}
	/* It may have been made of whole sectors. */
	return n < 0 || ftruncate(file, at) || fsync(file) ? -1 : at;
}

/* Both descriptors come by the socket, as all others are closed here. */
static bool take_both(int ctl, int *sock, int *file, char **buf)
{
	char none;

	*buf = malloc(PIECE);
	return *buf && !io_recv_fd(ctl, sock, &none, 1, DEADLINE_NONE) &&
		!io_recv_fd(ctl, file, &none, 1, DEADLINE_NONE);
}

/* The other end says how much it has. */
static void out_aside(int ctl, const void *arg)
{
	int64_t sent, there;
	int sock, file;
	char *buf;

	(void)arg;
	if (!take_both(ctl, &sock, &file, &buf))
		return;
	sent = send_all(ctl, sock, file, buf);
	if (sent >= 0 && !io_read_full(sock, &there, sizeof(there), DEADLINE_NONE) && there == sent)
		io_write_full(ctl, "", 1, DEADLINE_NONE);
}

static void in_aside(int ctl, const void *arg)
{
	int sock, file;
	int64_t there;
	char *buf;

	(void)arg;
	if (!take_both(ctl, &sock, &file, &buf))
		return;
	there = take_all(ctl, sock, file, buf);
	if (there >= 0)
		io_write_full(sock, &there, sizeof(there), DEADLINE_NONE);
}

static int begin(aside_fn fn, int sock, int file, struct zkz_err *err)
{
	int ctl = aside(fn, NULL, CARRY_S, err);

	if (ctl < 0)
		return -1;
	if (!io_send_fd(ctl, sock, "", 1, DEADLINE_NONE) && !io_send_fd(ctl, file, "", 1, DEADLINE_NONE))
		return ctl;
	err_system_call(err, "sendmsg", errno);
	io_close(&ctl);
	return -1;
}

int carry_out(int sock, int file, struct zkz_err *err)
{
	return begin(out_aside, sock, file, err);
}

int carry_in(int sock, int file, struct zkz_err *err)
{
	return begin(in_aside, sock, file, err);
}

int carry_ended(int fd)
{
	char done;

	if (io_wait(fd, POLLIN, deadline_in_ms(0)) < 0)
		return 0;
	return io_read(fd, &done, 1, deadline_in_ms(0)) == 1 ? 1 : -1;
}
