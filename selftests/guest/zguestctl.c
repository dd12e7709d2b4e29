// SPDX-License-Identifier: GPL-2.0
/* Sends one command to the control port of a test guest and prints the answer. */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "guest.h"

static int usage(void)
{
	fprintf(stderr, "usage: zguestctl [-w] [-t SECONDS] ADDRESS COMMAND...\n"
		"  -w  try again until the guest answers (it may still be booting)\n"
		"  -t  give up after SECONDS (default 120); 'zguestctl ADDRESS help' lists the commands\n"
		"Exit code: 0 the guest answered ok, 1 it answered error, 2 wrong usage, 3 no answer.\n");
	return 2;
}

static int join(char **words, int nr, char *line, size_t len)
{
	size_t used = 0;
	int i;

	for (i = 0; i < nr; i++) {
		used += snprintf(line + used, len - used, "%s%s", words[i], i + 1 < nr ? " " : "\n");
		if (used >= len)
			return -1;
	}
	return 0;
}

/* One exchange; 0 if an answer came. */
static int ask(const char *host, const char *line, char *answer, size_t len, uint64_t deadline)
{
	int fd = client_connect(host, CONTROL_PORT, deadline);
	size_t used = 0, want = strlen(line);
	int ret = -1;

	if (fd < 0)
		return -1;
	if (send(fd, line, want, MSG_NOSIGNAL) != (ssize_t)want)
		goto close;
	errno = ETIMEDOUT;
	while (client_wait(fd, POLLIN, deadline)) {
		ssize_t n = recv(fd, answer + used, len - 1 - used, 0);

		if (n <= 0) {
			errno = n ? errno : ECONNRESET;
			break;
		}
		used += n;
		answer[used] = '\0';
		if (answer[used - 1] == '\n' || used == len - 1) {
			ret = 0;
			break;
		}
		errno = ETIMEDOUT;
	}
close:
	close(fd);
	return ret;
}

int main(int argc, char **argv)
{
	char line[512], answer[ANSWER_MAX + 16];
	uint64_t deadline, seconds = 120;
	bool again = false;
	int c, ret;

	while ((c = getopt(argc, argv, "+wt:")) != -1) {
		if (c == 'w')
			again = true;
		else if (c == 't')
			seconds = strtoul(optarg, NULL, 10);
		else
			return usage();
	}
	if (argc - optind < 2 || join(argv + optind + 1, argc - optind - 1, line, sizeof(line)))
		return usage();
	deadline = client_now() + seconds * 1000;
	for (;;) {
		uint64_t until = deadline;

		/* A guest that boots may never answer a first packet: do not spend all the time on one. */
		if (again && client_now() + 2000 < deadline)
			until = client_now() + 2000;
		ret = ask(argv[optind], line, answer, sizeof(answer), until);
		if (!ret || !again || client_now() >= deadline)
			break;
		usleep(200000);
	}
	if (ret) {
		fprintf(stderr, "zguestctl: no answer from %s: %s\n", argv[optind], strerror(errno));
		return 3;
	}
	fputs(answer, stdout);
	return strncmp(answer, "ok", 2) ? 1 : 0;
}
