// SPDX-License-Identifier: GPL-2.0
/* Bytes between two sockets, by a process of its own: all of them, both ways, until one of the ends is gone. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/io.h"
#include "unit.h"
#include "wire/relay.h"

#define MUCH	(5U << 20)

struct pair {
	int ours;
	int theirs;
};

static struct pair pair(void)
{
	int sv[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv), 0);
	return (struct pair){ sv[0], sv[1] };
}

static void *fill(void *arg)
{
	const struct pair *p = arg;
	unsigned char *buf = malloc(MUCH);
	unsigned int i;

	for (i = 0; i < MUCH; i++)
		buf[i] = (unsigned char)(i * 7 + i / 1000);
	CHECK_INT(io_write_full(p->ours, buf, MUCH, deadline_in_ms(60000)), 0);
	shutdown(p->ours, SHUT_WR);
	free(buf);
	return NULL;
}

/* Return: whether just that has come, and then the end. */
static bool filled(const struct pair *p)
{
	unsigned char *buf = malloc(MUCH), more;
	bool same = !io_read_full(p->ours, buf, MUCH, deadline_in_ms(60000));
	unsigned int i;

	for (i = 0; same && i < MUCH; i++)
		same = buf[i] == (unsigned char)(i * 7 + i / 1000);
	free(buf);
	return same && !io_read(p->ours, &more, 1, deadline_in_ms(60000));
}

TEST(all_that_is_sent_arrives_both_ways)
{
	struct pair a = pair(), b = pair();
	struct zkz_err err = { 0 };
	pthread_t from_a, from_b;
	int relay = relay_start(a.theirs, b.theirs, false, 0, &err);
	char end;

	CHECK(relay >= 0);
	io_close(&a.theirs);
	io_close(&b.theirs);
	pthread_create(&from_a, NULL, fill, &a);
	pthread_create(&from_b, NULL, fill, &b);
	CHECK(filled(&b));
	CHECK(filled(&a));
	pthread_join(from_a, NULL);
	pthread_join(from_b, NULL);
	/* It has nothing more to do. */
	CHECK_INT(io_read(relay, &end, 1, deadline_in_ms(60000)), 0);
	io_close(&relay);
	io_close(&a.ours);
	io_close(&b.ours);
}

TEST(it_ends_with_whoever_began_it)
{
	struct pair a = pair(), b = pair();
	struct zkz_err err = { 0 };
	int relay = relay_start(a.theirs, b.theirs, false, 0, &err);
	char end;

	io_close(&a.theirs);
	io_close(&b.theirs);
	io_close(&relay);
	CHECK_INT(io_read(a.ours, &end, 1, deadline_in_ms(60000)), 0);
	CHECK_INT(io_read(b.ours, &end, 1, deadline_in_ms(60000)), 0);
	io_close(&a.ours);
	io_close(&b.ours);
}

static int listening(struct sockaddr_un *sa, socklen_t *len)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	/* The kernel chooses a name without a file. */
	sa->sun_family = AF_UNIX;
	CHECK_INT(bind(fd, (struct sockaddr *)sa, sizeof(sa->sun_family)), 0);
	*len = sizeof(*sa);
	CHECK_INT(getsockname(fd, (struct sockaddr *)sa, len), 0);
	CHECK_INT(listen(fd, 1), 0);
	return fd;
}

/* What comes back of "x" that is said to a relay which takes connections of @uid: 1 byte, or 0 for the end. */
static ssize_t said_to(uid_t uid)
{
	struct pair far = pair();
	struct zkz_err err = { 0 };
	struct sockaddr_un sa;
	socklen_t len;
	int lsock = listening(&sa, &len), us = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), relay;
	ssize_t n;
	char c;

	relay = relay_start(far.theirs, lsock, true, uid, &err);
	io_close(&far.theirs);
	io_close(&lsock);
	CHECK_INT(connect(us, (struct sockaddr *)&sa, len), 0);
	n = send(us, "x", 1, MSG_NOSIGNAL) == 1 && uid == getuid() ? io_read(far.ours, &c, 1, deadline_in_ms(60000)) :
		recv(us, &c, 1, 0);
	io_close(&us);
	io_close(&relay);
	io_close(&far.ours);
	return n;
}

TEST(a_stranger_is_turned_away)
{
	CHECK_INT(said_to(getuid()), 1);
	CHECK(said_to(getuid() + 1) <= 0);
}
