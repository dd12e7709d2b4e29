// SPDX-License-Identifier: GPL-2.0
/*
 * "zkz serve": what the source of a migration runs here through ssh. It passes
 * bytes between its standard input and output and a worker of zkzd, and knows
 * nothing of what they mean, unless zkzd refuses the request.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/errjson.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "wire/channel.h"
#include "zkz/client.h"
#include "zkz/cmds.h"

#define STALL_MS	60000

/* The address that the source reached us by: data streams go there as well. */
static void add_address(json_t *req)
{
	const char *env = getenv("SSH_CONNECTION");
	char peer[64], addr[64];

	if (env && sscanf(env, "%63s %*s %63s", peer, addr) == 2) {
		json_object_set_new(req, "address", json_string(addr));
		json_object_set_new(req, "peer", json_string(peer));
	}
}

/* Return: false at the end of @from or on failure. */
static bool pass(int from, int to)
{
	char buf[16384];
	ssize_t n = read(from, buf, sizeof(buf));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	return n > 0 && !io_write_full(to, buf, n, deadline_in_ms(STALL_MS));
}

static void relay(int conn)
{
	bool input = true;

	for (;;) {
		struct pollfd p[2] = {
			{ .fd = input ? 0 : -1, .events = POLLIN },
			{ .fd = conn, .events = POLLIN },
		};

		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return;
		if (p[1].revents && !pass(conn, 1))
			return;
		if (input && p[0].revents && !pass(0, conn)) {
			/* The worker notices, cleans up and hangs up. */
			shutdown(conn, SHUT_WR);
			input = false;
		}
	}
}

/*
 * The worker of a migration begins with a frame, a refusal is a line of JSON.
 * Return: -1 with @err for the latter.
 */
static int first_word(int conn, struct zkz_err *err)
{
	struct jsonl in;
	json_t *msg;
	char c = 0;

	io_wait(conn, POLLIN, deadline_in_ms(STALL_MS));
	if (recv(conn, &c, 1, MSG_PEEK | MSG_DONTWAIT) != 1 || c != '{')
		return 0;
	jsonl_init(&in, conn);
	if (!jsonl_read(&in, &msg, deadline_in_ms(STALL_MS), err)) {
		err_from_json(err, msg, NULL);
		json_decref(msg);
	}
	jsonl_fini(&in);
	return -1;
}

/* The source reads frames: a failure on this side has to be one, too. */
static int refuse(struct zkz_err *err)
{
	struct channel c;

	if (err_is(err, ERR_DENIED) || err_is(err, ERR_DENIED_OPERATION) || err_is(err, ERR_DENIED_RIGHT))
		err_denied_migration(err);
	channel_init(&c, 0, 1, "the source");
	channel_send_error(&c, err);
	channel_fini(&c);
	return EXIT_FAILED;
}

int cmd_serve(int argc, char **argv)
{
	struct zkz_err err = { 0 };
	json_t *req;
	int fd, rc;

	(void)argv;
	if (argc != 1)
		return cmd_wrong_use("no arguments are expected");
	fd = client_open(&err);
	if (fd < 0)
		return refuse(&err);
	req = client_request("serve", NULL);
	add_address(req);
	rc = client_send(fd, req, &err) || first_word(fd, &err);
	if (!rc)
		relay(fd);
	io_close(&fd);
	return rc ? refuse(&err) : EXIT_OK;
}
