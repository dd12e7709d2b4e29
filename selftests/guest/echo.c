// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guest.h"

static int send_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		data += n;
		len -= n;
	}
	return 0;
}

static void *echo_connection(void *arg)
{
	int fd = (intptr_t)arg;
	char data[4096];
	ssize_t n;

	do {
		n = recv(fd, data, sizeof(data), 0);
	} while ((n > 0 && !send_all(fd, data, n)) || (n < 0 && errno == EINTR));
	close(fd);
	return NULL;
}

void *echo_thread(void *arg)
{
	serve(listen_tcp(ECHO_PORT), echo_connection, "echo connection");
	return arg;
}
