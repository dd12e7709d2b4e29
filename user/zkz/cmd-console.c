// SPDX-License-Identifier: GPL-2.0
/* A terminal on the serial console of a zone. */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "lib/io.h"
#include "zkz/client.h"
#include "zkz/cmds.h"

#define ESCAPE		'~'
#define STALL_MS	60000

/**
 * struct escape - what was typed since the beginning of the line
 * @fresh: the next byte is the first one of a line
 * @seen:  it was the escape character, and is held back
 */
struct escape {
	bool fresh;
	bool seen;
};

/*
 * Filter typed bytes: ~. at the beginning of a line disconnects, ~~ is one ~.
 * @out has room for 2 * @n bytes. Return: bytes to send, -1 to disconnect.
 */
static ssize_t filter(struct escape *e, const char *in, size_t n, char *out)
{
	size_t i, len = 0;

	for (i = 0; i < n; i++) {
		if (e->seen) {
			e->seen = false;
			if (in[i] == '.')
				return -1;
			out[len++] = ESCAPE;
			if (in[i] == ESCAPE)
				continue;
		} else if (e->fresh && in[i] == ESCAPE) {
			e->seen = true;
			e->fresh = false;
			continue;
		}
		out[len++] = in[i];
		e->fresh = in[i] == '\r' || in[i] == '\n';
	}
	return (ssize_t)len;
}

/* Return: false when the user or the input is done. */
static bool typed(int conn, struct escape *e)
{
	char in[512], out[1024];
	ssize_t n = read(0, in, sizeof(in));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	if (n == 0)
		return false;
	n = filter(e, in, (size_t)n, out);
	return n >= 0 && !io_write_full(conn, out, (size_t)n, deadline_in_ms(STALL_MS));
}

static bool printed(int conn)
{
	char buf[4096];
	ssize_t n = read(conn, buf, sizeof(buf));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	return n > 0 && !io_write_full(1, buf, (size_t)n, DEADLINE_NONE);
}

static void relay(int conn)
{
	struct escape e = { .fresh = true };

	for (;;) {
		struct pollfd p[2] = {
			{ .fd = 0, .events = POLLIN },
			{ .fd = conn, .events = POLLIN },
		};

		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return;
		if (p[1].revents && !printed(conn))
			return;
		if (p[0].revents && !typed(conn, &e))
			return;
	}
}

static bool set_raw(struct termios *old)
{
	struct termios raw;

	if (!isatty(0) || tcgetattr(0, old))
		return false;
	raw = *old;
	cfmakeraw(&raw);
	return !tcsetattr(0, TCSANOW, &raw);
}

static void talk(const char *zone, int conn, const struct jsonl *in)
{
	struct termios old;
	bool tty;

	fprintf(stderr, "[connected to the console of zone '%s'; ~. at the beginning of a line disconnects]\n", zone);
	tty = set_raw(&old);
	io_write_full(1, in->buf, in->len, DEADLINE_NONE);
	relay(conn);
	if (tty)
		tcsetattr(0, TCSADRAIN, &old);
	fprintf(stderr, "\n[disconnected from zone '%s']\n", zone);
}

static void ignore(const json_t *msg, void *arg)
{
	(void)msg;
	(void)arg;
}

int cmd_console(int argc, char **argv)
{
	static const struct client_view quiet = { .result = ignore };
	struct zkz_err err = { 0 };
	int code = EXIT_FAILED;
	struct jsonl in;
	json_t *req, *msg = NULL;
	int fd;

	if (argc != 2 || argv[1][0] == '-')
		return cmd_wrong_use("the name of one zone is needed");
	fd = client_open(&err);
	if (fd < 0)
		return client_fail(argv[1], &err);
	req = client_request("console", argv[1]);
	jsonl_init(&in, fd);
	if (client_send(fd, req, &err) || client_read(&in, &msg, deadline_in_ms(30000), &err))
		client_fail(argv[1], &err);
	else if (client_show(msg, &quiet, &code) && code == EXIT_OK)
		talk(argv[1], fd, &in);
	json_decref(msg);
	jsonl_fini(&in);
	io_close(&fd);
	return code;
}
