// SPDX-License-Identifier: GPL-2.0
/*
 * Watches from outside when a guest is heard. The guest sends a datagram every millisecond ("tick start"); this program
 * notes when each arrived, by the clock of the kernel here.
 *
 * The longest silence is not how long the guest stood still: its datagrams wait for others around that, and it is slow
 * then. Nor is its clock a stopwatch: QEMU lets it go on for a part of the time. selftests/migrate/outside knows more.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "guest.h"

#define MOST		2000000

struct arrival {
	uint64_t seq;
	int64_t came;
};

static struct arrival *all;
static size_t nr;
static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

static int usage(void)
{
	fprintf(stderr, "usage: zguesttick [-d SECONDS] [-a FILE]\n"
		"Receives a guest's ticks until SIGTERM, SIGINT or for SECONDS; then tells the longest time between two, and\n"
		"writes to FILE when each came, in ns. Exit code: 0 told, 1 too few ticks came, 2 wrong usage, 3 cannot\n"
		"receive, or write.\n");
	return 2;
}

static int receiver(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(TICK_PORT) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
			bind(fd, (struct sockaddr *)&addr, sizeof(addr)))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void take(int fd)
{
	char control[CMSG_SPACE(sizeof(struct timespec))];
	struct tick t;
	struct iovec iov = { .iov_base = &t, .iov_len = sizeof(t) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control),
	};
	struct timespec when;
	struct cmsghdr *c;

	if (recvmsg(fd, &msg, 0) != sizeof(t) || nr == MOST)
		return;
	c = CMSG_FIRSTHDR(&msg);
	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
		return;
	memcpy(&when, CMSG_DATA(c), sizeof(when));
	/* Later than one that was sent after it: it says nothing. */
	if (nr && t.seq <= all[nr - 1].seq)
		return;
	all[nr++] = (struct arrival) {
		.seq = t.seq, .came = when.tv_sec * INT64_C(1000000000) + when.tv_nsec,
	};
}

static int report(void)
{
	int64_t gap, longest = 0;
	size_t i;

	if (nr < 2) {
		fprintf(stderr, "zguesttick: %zu ticks came\n", nr);
		return 1;
	}
	for (i = 1; i < nr; i++) {
		gap = all[i].came - all[i - 1].came;
		if (gap > longest)
			longest = gap;
	}
	printf("received=%zu lost=%" PRIu64 " gap-us=%" PRId64 "\n", nr, all[nr - 1].seq - all[0].seq + 1 - nr,
	       longest / 1000);
	return 0;
}

static int write_arrivals(const char *file)
{
	FILE *f = fopen(file, "we");
	size_t i;

	for (i = 0; f && i < nr; i++)
		fprintf(f, "%" PRId64 "\n", all[i].came);
	if (f && !fclose(f))
		return 0;
	fprintf(stderr, "zguesttick: cannot write %s: %s\n", file, strerror(errno));
	return 3;
}

int main(int argc, char **argv)
{
	const char *arrivals = NULL;
	uint64_t seconds = 0, end;
	int c, fd;

	while ((c = getopt(argc, argv, "d:a:")) != -1) {
		if (c == 'd')
			seconds = strtoul(optarg, NULL, 10);
		else if (c == 'a')
			arrivals = optarg;
		else
			return usage();
	}
	if (optind != argc)
		return usage();
	all = malloc(MOST * sizeof(*all));
	fd = receiver();
	if (!all || fd < 0) {
		fprintf(stderr, "zguesttick: cannot receive: %s\n", strerror(errno));
		return 3;
	}
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	printf("ready\n");
	fflush(stdout);
	end = seconds ? client_now() + seconds * 1000 : UINT64_MAX;
	while (!stopped && client_now() < end) {
		uint64_t soon = client_now() + 200;

		if (client_wait(fd, POLLIN, soon < end ? soon : end))
			take(fd);
	}
	if (arrivals && write_arrivals(arrivals))
		return 3;
	return report();
}
