// SPDX-License-Identifier: GPL-2.0
/* Device state on its way to QEMU: held back, complete, bounded. */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/io.h"
#include "migrate/relay.h"
#include "unit.h"

struct ends {
	struct relay r;
	int in;		/* the source writes here */
	int out;	/* QEMU reads here */
};

static bool begin(struct ends *e)
{
	int a[2], b[2];

	relay_init(&e->r);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, a) || socketpair(AF_UNIX, SOCK_STREAM, 0, b))
		return false;
	e->in = a[0];
	e->r.to = b[0];
	e->out = b[1];
	relay_restart(&e->r, a[1]);
	return true;
}

static void finish(struct ends *e)
{
	relay_fini(&e->r);
	io_close(&e->in);
	io_close(&e->out);
}

static ssize_t got(struct ends *e, char *buf, size_t size)
{
	return recv(e->out, buf, size, MSG_DONTWAIT);
}

TEST(holds_back_until_opened)
{
	struct ends e;
	char buf[32];

	NEED(begin(&e));
	CHECK(write(e.in, "state", 5) == 5);
	CHECK(!relay_step(&e.r, NULL));
	CHECK(got(&e, buf, sizeof(buf)) < 0);
	e.r.open = true;
	CHECK(!relay_step(&e.r, NULL));
	CHECK_INT(got(&e, buf, sizeof(buf)), 5);
	CHECK_BYTES(buf, 5, "state", 5);
	finish(&e);
}

TEST(passes_the_end_on)
{
	struct ends e;
	char buf[32];

	NEED(begin(&e));
	e.r.open = true;
	CHECK(write(e.in, "x", 1) == 1);
	io_close(&e.in);
	CHECK(!relay_step(&e.r, NULL));
	CHECK_INT(got(&e, buf, sizeof(buf)), 1);
	CHECK_INT(got(&e, buf, sizeof(buf)), 0);
	finish(&e);
}

TEST(restart_forgets_the_first_attempt)
{
	struct ends e;
	char buf[32];
	int a[2];

	NEED(begin(&e));
	CHECK(write(e.in, "old", 3) == 3);
	io_close(&e.in);
	CHECK(!relay_step(&e.r, NULL));
	CHECK(e.r.ended);
	NEED(!socketpair(AF_UNIX, SOCK_STREAM, 0, a));
	relay_restart(&e.r, a[1]);
	e.in = a[0];
	e.r.open = true;
	CHECK(write(e.in, "new!", 4) == 4);
	CHECK(!relay_step(&e.r, NULL));
	CHECK_INT(got(&e, buf, sizeof(buf)), 4);
	CHECK_BYTES(buf, 4, "new!", 4);
	finish(&e);
}

TEST(is_bounded)
{
	struct zkz_err err = { 0 };
	char *buf = calloc(1, 65536);
	struct ends e;
	size_t sent = 0;
	int rc = 0;

	NEED(buf && begin(&e));
	while (!rc && sent < 2UL * RELAY_LIMIT) {
		ssize_t n = send(e.in, buf, 65536, MSG_DONTWAIT);

		if (n > 0)
			sent += n;
		rc = relay_step(&e.r, &err);
	}
	CHECK(rc);
	CHECK_HAS(err.text, "64 MiB");
	CHECK(e.r.len <= RELAY_LIMIT + 65536UL);
	finish(&e);
	free(buf);
}
