// SPDX-License-Identifier: GPL-2.0
#include "lib/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/io.h"

/* SIGKILL takes effect at once, or not before the kernel lets go. */
#define CORPSE_MS	2000

static void reset_signals(void)
{
	sigset_t none;
	int sig;

	for (sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Put @fd at number @want; both are below 3 only if somebody closed 0-2. */
static int place(int fd, int want)
{
	int null = -1;
	int rc;

	if (fd < 0)
		fd = null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fd == want)
		rc = fcntl(fd, F_SETFD, 0);
	else
		rc = dup2(fd, want);
	if (null >= 0 && null != want)
		close(null);
	return rc < 0 ? -1 : 0;
}

int spawn_become(const struct spawn_user *u)
{
	if (!u)
		return 0;
	if (initgroups(u->name, u->gid) || setresgid(u->gid, u->gid, u->gid) ||
	    setresuid(u->uid, u->uid, u->uid))
		return -1;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static void child(const struct spawn *how, pid_t parent, int report)
{
	int e;
	int i;

	reset_signals();
	/* A change of user clears the death signal, so it comes first. */
	if (spawn_become(how->user))
		goto fail;
	if (how->death) {
		if (prctl(PR_SET_PDEATHSIG, how->death) || getppid() != parent)
			_exit(127);
	}
	if (how->setsid)
		setsid();
	for (i = 0; i < 3; i++)
		if (place(how->fd[i], i))
			goto fail;
	execvp(how->argv[0], how->argv);
fail:
	e = errno;
	if (write(report, &e, sizeof(e)) < 0)
		_exit(126);
	_exit(127);
}

pid_t spawn_start(const struct spawn *how, struct zkz_err *err)
{
	pid_t parent = getpid();
	int report[2];
	int failed = 0;
	ssize_t n;
	pid_t pid;

	/* Closed by exec: reading nothing means that the program runs. */
	if (pipe2(report, O_CLOEXEC))
		return err_system_call(err, "pipe", errno);
	pid = fork();
	if (pid == 0)
		child(how, parent, report[1]);
	failed = pid < 0 ? errno : 0;
	close(report[1]);
	if (pid > 0) {
		do {
			n = read(report[0], &failed, sizeof(failed));
		} while (n < 0 && errno == EINTR);
		if (n != sizeof(failed))
			failed = 0;
	}
	close(report[0]);

	if (failed) {
		if (pid > 0)
			waitpid(pid, NULL, 0);
		return failed == ENOENT ? err_program_missing(err, how->argv[0]) :
			err_program_start(err, how->argv[0], failed);
	}
	return pid;
}

int spawn_wait(pid_t pid, deadline_t dl, int *status)
{
	int pidfd = -1;
	int rc = -1;

	if (dl != DEADLINE_NONE) {
		pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
		if (pidfd < 0)
			return -1;
		if (io_wait(pidfd, POLLIN, dl) < 0)
			goto out;
	}
	do {
		rc = waitpid(pid, status, 0) == pid ? 0 : -1;
	} while (rc && errno == EINTR);
out:
	io_close(&pidfd);
	return rc;
}

void spawn_kill(pid_t pid, unsigned int grace_ms)
{
	int status;

	kill(pid, SIGTERM);
	if (grace_ms && !spawn_wait(pid, deadline_in_ms(grace_ms), &status))
		return;
	kill(pid, SIGKILL);
	spawn_wait(pid, deadline_in_ms(CORPSE_MS), &status);
}

/* Read until end of file; keep what fits, drop the rest. */
static int drain(int fd, char *text, size_t size, deadline_t dl)
{
	char rest[512];
	size_t got = 0;

	for (;;) {
		size_t room = size ? size - 1 - got : 0;
		ssize_t n;

		n = io_read(fd, room ? text + got : rest,
			    room ? room : sizeof(rest), dl);
		if (n <= 0) {
			if (size)
				text[got] = '\0';
			return (int)n;
		}
		if (room)
			got += (size_t)n;
	}
}

int spawn_run(char *const *argv, char *text, size_t size, deadline_t dl,
	      struct zkz_err *err)
{
	return spawn_run_as(NULL, argv, text, size, dl, err);
}

int spawn_run_as(const struct spawn_user *user, char *const *argv, char *text, size_t size,
		 deadline_t dl, struct zkz_err *err)
{
	struct spawn how = {
		.argv = argv, .fd = { -1, -1, -1 }, .death = SIGKILL, .user = user,
	};
	int status;
	int p[2];
	pid_t pid;

	if (!text)
		size = 0;
	if (pipe2(p, O_CLOEXEC))
		return err_system_call(err, "pipe", errno);
	how.fd[1] = how.fd[2] = p[1];
	pid = spawn_start(&how, err);
	close(p[1]);
	if (pid < 0) {
		close(p[0]);
		return -1;
	}

	if (drain(p[0], text, size, dl) < 0 || spawn_wait(pid, dl, &status)) {
		close(p[0]);
		spawn_kill(pid, 0);
		return err_program_slow(err, argv[0]);
	}
	close(p[0]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
