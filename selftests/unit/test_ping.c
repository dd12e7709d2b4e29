// SPDX-License-Identifier: GPL-2.0
/* Comparing clocks: all exchanges are counted, and nonsense of the peer is an error with a sentence. */
#include <endian.h>
#include <pthread.h>
#include <sys/socket.h>

#include "lib/io.h"
#include "unit.h"
#include "wire/ping.h"

#define MANY	203	/* no multiple of a burst */

struct seen {
	unsigned int nr;
	unsigned int in_order;
};

static void see(const struct ping *p, void *arg)
{
	struct seen *s = arg;

	s->nr++;
	s->in_order += p->t1 <= p->t2 && p->t2 <= p->t3 && p->t3 <= p->t4;
}

static void *answer_main(void *arg)
{
	int *fd = arg;
	struct zkz_err err;

	CHECK_INT(ping_answer(*fd, MANY, deadline_in_ms(20000), &err), 0);
	return NULL;
}

static void open_pair(int *p)
{
	NEED(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p));
}

TEST(every_exchange_is_counted)
{
	struct seen s = { 0 };
	struct zkz_err err;
	pthread_t thread;
	char rest = 'x';
	int p[2];

	open_pair(p);
	NEED(!pthread_create(&thread, NULL, answer_main, &p[1]));
	CHECK_INT(ping_ask(p[0], MANY, see, &s, deadline_in_ms(20000), &err), 0);
	pthread_join(thread, NULL);
	CHECK_INT(s.nr, MANY);
	/* Both sides have the same clock here. */
	CHECK_INT(s.in_order, MANY);

	/* What follows on the connection is somebody else's. */
	NEED(!io_write_full(p[0], "y", 1, deadline_in_ms(1000)));
	CHECK_INT(recv(p[1], &rest, 1, 0), 1);
	CHECK_INT(rest, 'y');
	io_close(&p[0]);
	io_close(&p[1]);
}

/* Two questions are asked, and these are the answers. */
static int answered(const uint64_t *words, size_t len, struct zkz_err *err)
{
	struct seen s = { 0 };
	int p[2], rc;

	open_pair(p);
	CHECK_INT(io_write_full(p[1], words, len, deadline_in_ms(1000)), 0);
	shutdown(p[1], SHUT_WR);
	rc = ping_ask(p[0], 2, see, &s, deadline_in_ms(2000), err);
	io_close(&p[0]);
	io_close(&p[1]);
	return rc ? rc : (int)s.nr;
}

TEST(answers_may_be_nonsense)
{
	uint64_t good[] = { htole64(0), htole64(1), htole64(2), htole64(1), htole64(3), htole64(4) };
	uint64_t other[] = { htole64(0), htole64(1), htole64(2), htole64(7), htole64(3), htole64(4) };
	struct zkz_err err;

	CHECK_INT(answered(good, sizeof(good), &err), 2);
	CHECK_INT(answered(other, sizeof(other), &err), -1);
	CHECK_STR(err.text, "The peer answers what was not asked of its clock");
	CHECK_INT(answered(good, sizeof(good) - 1, &err), -1);
	CHECK_STR(err.text, "The peer hung up while the clocks were compared");
}

TEST(one_who_says_nothing_is_not_waited_for)
{
	struct zkz_err err;
	int p[2];

	open_pair(p);
	CHECK_INT(ping_answer(p[0], 1, deadline_in_ms(50), &err), -1);
	CHECK(strstr(err.text, "Cannot compare the clocks"));
	io_close(&p[0]);
	io_close(&p[1]);
}
