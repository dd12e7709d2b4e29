// SPDX-License-Identifier: GPL-2.0
#include "wire/ping.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "lib/io.h"

/*
 * The first one of a burst finds the way free and tells most; the others save the time
 * of waiting for each.
 */
#define BURST	8

struct answer {
	uint64_t number;
	uint64_t t2;
	uint64_t t3;
};

static int broken(struct zkz_err *err, ssize_t n)
{
	if (n < 0)
		return err_peer_clocks(err, errno);
	return err_peer_clocks_hung_up(err);
}

/* Up to @len bytes, but whole items of @size. Return: how many items, or -1. */
static int take(int fd, void *buf, size_t size, size_t len, deadline_t dl, struct zkz_err *err)
{
	size_t have = 0;

	do {
		ssize_t n = io_read(fd, (uint8_t *)buf + have, len - have, dl);

		if (n <= 0)
			return broken(err, n);
		have += (size_t)n;
	} while (have % size);
	return (int)(have / size);
}

/* Answers to the questions that left at @sent. */
static int take_answers(int fd, uint64_t first, const int64_t *sent, unsigned int nr, ping_fn fn, void *arg,
			deadline_t dl, struct zkz_err *err)
{
	unsigned int have = 0;

	while (have < nr) {
		struct answer a[BURST];
		int i, n = take(fd, a, sizeof(*a), (nr - have) * sizeof(*a), dl, err);
		struct ping p = { .t4 = (int64_t)clock_real_ns() };

		if (n < 0)
			return -1;
		for (i = 0; i < n; i++, have++) {
			if (le64toh(a[i].number) != first + have)
				return err_peer_clock_answer(err);
			p.t1 = sent[have];
			p.t2 = (int64_t)le64toh(a[i].t2);
			p.t3 = (int64_t)le64toh(a[i].t3);
			fn(&p, arg);
		}
	}
	return 0;
}

int ping_ask(int fd, unsigned int count, ping_fn fn, void *arg, deadline_t dl, struct zkz_err *err)
{
	unsigned int first, i;

	for (first = 0; first < count; first += BURST) {
		unsigned int nr = count - first < BURST ? count - first : BURST;
		int64_t sent[BURST];

		for (i = 0; i < nr; i++) {
			uint64_t number = htole64(first + i);

			sent[i] = (int64_t)clock_real_ns();
			if (io_write_full(fd, &number, sizeof(number), dl))
				return broken(err, -1);
		}
		if (take_answers(fd, first, sent, nr, fn, arg, dl, err))
			return -1;
	}
	return 0;
}

int ping_answer(int fd, unsigned int count, deadline_t dl, struct zkz_err *err)
{
	unsigned int done = 0;

	while (done < count) {
		unsigned int most = count - done < BURST ? count - done : BURST;
		uint64_t question[BURST], t2;
		struct answer a[BURST];
		int i, n = take(fd, question, sizeof(*question), most * sizeof(*question), dl, err);

		if (n < 0)
			return -1;
		t2 = htole64(clock_real_ns());
		for (i = 0; i < n; i++)
			a[i] = (struct answer){ .number = question[i], .t2 = t2, .t3 = htole64(clock_real_ns()) };
		if (io_write_full(fd, a, (size_t)n * sizeof(*a), dl))
			return broken(err, -1);
		done += (unsigned int)n;
	}
	return 0;
}
