// SPDX-License-Identifier: GPL-2.0
#include "migrate/relay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/io.h"

#define FIRST_CAP	(512 * 1024)
#define MIN_ROOM	(64 * 1024)

void relay_init(struct relay *r)
{
	memset(r, 0, sizeof(*r));
	r->from = r->to = -1;
}

void relay_restart(struct relay *r, int from)
{
	io_close(&r->from);
	r->from = from;
	r->len = r->done = 0;
	r->ended = false;
}

void relay_fini(struct relay *r)
{
	io_close(&r->from);
	io_close(&r->to);
	free(r->buf);
	relay_init(r);
}

static bool wants_input(const struct relay *r)
{
	return r->from >= 0 && !r->ended;
}

static bool wants_output(const struct relay *r)
{
	return r->to >= 0 && r->open && r->done < r->len;
}

void relay_poll(const struct relay *r, struct pollfd *p)
{
	p[0].fd = wants_input(r) ? r->from : -1;
	p[0].events = POLLIN;
	p[1].fd = wants_output(r) ? r->to : -1;
	p[1].events = POLLOUT;
}

static int make_room(struct relay *r, struct zkz_err *err)
{
	size_t cap = r->cap ? r->cap : FIRST_CAP;
	char *buf;

	if (r->cap - r->len >= MIN_ROOM)
		return 0;
	if (r->len >= RELAY_LIMIT)
		return err_set(err, ERR_PROTOCOL, "The device state is larger than %d MiB",
			       RELAY_LIMIT >> 20);
	while (cap - r->len < MIN_ROOM)
		cap *= 2;
	buf = realloc(r->buf, cap);
	if (!buf)
		return err_set(err, ERR_NO_MEMORY, "No memory for the device state");
	r->buf = buf;
	r->cap = cap;
	return 0;
}

static int take(struct relay *r, struct zkz_err *err)
{
	while (wants_input(r)) {
		ssize_t n;

		if (make_room(r, err))
			return -1;
		n = recv(r->from, r->buf + r->len, r->cap - r->len, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n < 0)
			return err_errno(err, ERR_NETWORK, errno, "Cannot receive the device state%s",
					 errno == EBADMSG ? " (it was tampered with)" : "");
		if (!n)
			r->ended = true;
		r->len += n;
	}
	return 0;
}

static int give(struct relay *r, struct zkz_err *err)
{
	while (wants_output(r)) {
		ssize_t n = send(r->to, r->buf + r->done, r->len - r->done,
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		/* QEMU stops reading when it has what it needs. */
		if (n < 0 && errno == EPIPE) {
			io_close(&r->to);
			return 0;
		}
		if (n < 0)
			return err_errno(err, ERR_QEMU, errno, "Cannot give QEMU the device state");
		r->done += n;
	}
	if (r->open && r->ended && r->done == r->len)
		io_close(&r->to);
	return 0;
}

int relay_step(struct relay *r, struct zkz_err *err)
{
	if (take(r, err))
		return -1;
	return give(r, err);
}
