// SPDX-License-Identifier: GPL-2.0
#include "lib/aside.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/io.h"

/* A lock belongs to all who have its descriptor open: keep none. */
static void keep_only(int fd)
{
	if (fd > 0)
		close_range(0, (unsigned int)fd - 1, 0);
	close_range((unsigned int)fd + 1, UINT_MAX, 0);
}

static void child(aside_fn fn, const void *arg, unsigned int seconds, int sock)
{
	sigset_t alarm_only;

	signal(SIGALRM, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
	alarm(seconds);
	keep_only(sock);
	fn(sock, arg);
	_exit(0);
}

int aside(aside_fn fn, const void *arg, unsigned int seconds, struct zkz_err *err)
{
	pid_t between;
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv))
		return err_system_call(err, "socketpair", errno);
	between = fork();
	if (between == 0) {
		pid_t pid = fork();

		if (pid == 0)
			child(fn, arg, seconds, sv[1]);
		_exit(pid < 0);
	}
	io_close(&sv[1]);
	if (between < 0) {
		err_system_call(err, "fork", errno);
		io_close(&sv[0]);
		return -1;
	}
	/* It does nothing but fork. */
	while (waitpid(between, NULL, 0) < 0 && errno == EINTR)
		;
	return sv[0];
}
