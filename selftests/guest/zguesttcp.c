// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps one connection to an echo server: numbered messages go out all the time, and each must come back once
 * and in order. A connection that breaks is not made again; noticing that is what this program is for.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "guest.h"

#define DRAIN_MS	30000
#define LINE		24

struct keep {
	int fd;
	uint64_t sent, received, wrong;
	uint64_t last, longest;		/* when the last answer came; the longest time between two */
	char in[LINE];
	size_t have;
	const char *broken;
};

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

static int usage(void)
{
	fprintf(stderr, "usage: zguesttcp [-i MILLISECONDS] [-d SECONDS] [-p PORT] ADDRESS\n"
		"Sends a message every 50 ms for 10 seconds (0: until SIGTERM or SIGINT), prints what came back.\n"
		"Exit code: 0 nothing lost, 1 something lost or wrong, 2 wrong usage, 3 no connection.\n");
	return 2;
}

/* Messages have a fixed length, so that nothing has to be searched for. */
static void send_one(struct keep *k)
{
	char line[LINE + 1];

	snprintf(line, sizeof(line), "message %015lu\n", k->sent);
	if (send(k->fd, line, LINE, MSG_NOSIGNAL | MSG_DONTWAIT) == LINE)
		k->sent++;
	else if (errno != EAGAIN)
		k->broken = strerror(errno);
}

static void message(struct keep *k)
{
	char want[LINE + 1];
	uint64_t now = client_now();

	snprintf(want, sizeof(want), "message %015lu\n", k->received);
	if (memcmp(k->in, want, LINE))
		k->wrong++;
	if (now - k->last > k->longest)
		k->longest = now - k->last;
	k->last = now;
	k->received++;
	k->have = 0;
}

static void receive(struct keep *k, uint64_t until)
{
	while (!k->broken && client_wait(k->fd, POLLIN, until)) {
		ssize_t n = recv(k->fd, k->in + k->have, LINE - k->have, 0);

		if (n <= 0) {
			k->broken = n ? strerror(errno) : "closed by the guest";
			return;
		}
		k->have += n;
		if (k->have == LINE)
			message(k);
	}
}

static int report(const struct keep *k)
{
	uint64_t lost = k->sent - k->received, longest = k->longest;

	if (lost && client_now() - k->last > longest)
		longest = client_now() - k->last;
	printf("sent=%lu received=%lu lost=%lu wrong=%lu longest-gap-ms=%lu connection=%s\n", k->sent, k->received,
	       lost, k->wrong, longest, k->broken ? k->broken : "kept");
	return lost || k->wrong || k->broken ? 1 : 0;
}

int main(int argc, char **argv)
{
	uint64_t interval = 50, seconds = 10, port = ECHO_PORT, end, next;
	struct keep k = { 0 };
	int c;

	while ((c = getopt(argc, argv, "i:d:p:")) != -1) {
		if (c == 'i')
			interval = strtoul(optarg, NULL, 10);
		else if (c == 'd')
			seconds = strtoul(optarg, NULL, 10);
		else if (c == 'p')
			port = strtoul(optarg, NULL, 10);
		else
			return usage();
	}
	if (argc - optind != 1 || !interval)
		return usage();
	k.fd = client_connect(argv[optind], port, client_now() + DRAIN_MS);
	if (k.fd < 0) {
		fprintf(stderr, "zguesttcp: cannot connect to %s: %s\n", argv[optind], strerror(errno));
		return 3;
	}
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	k.last = next = client_now();
	end = seconds ? next + seconds * 1000 : UINT64_MAX;
	printf("connected\n");
	fflush(stdout);
	while (!stopped && !k.broken && client_now() < end) {
		send_one(&k);
		next += interval;
		receive(&k, next);
	}
	end = client_now() + DRAIN_MS;
	while (!k.broken && k.received < k.sent && client_now() < end)
		receive(&k, client_now() + 20);
	return report(&k);
}
