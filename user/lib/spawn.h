/* SPDX-License-Identifier: GPL-2.0 */
/* Other programs: started without a shell, waited for with a deadline. */
#ifndef ZKZ_LIB_SPAWN_H
#define ZKZ_LIB_SPAWN_H

#include <sys/types.h>

#include "lib/clock.h"
#include "lib/err.h"

/**
 * struct spawn_user - whom the program runs as
 * @name: for the supplementary groups
 * @uid:  user
 * @gid:  primary group
 */
struct spawn_user {
	const char *name;
	uid_t uid;
	gid_t gid;
};

/** spawn_become() - become that user, for good; NULL changes nothing. Return: 0 or -1 with errno */
int spawn_become(const struct spawn_user *user);

/**
 * struct spawn - how to start a program
 * @argv:   argv[0] is searched in PATH
 * @fd:     descriptors that become 0, 1 and 2; -1 means /dev/null. They stay
 *          open in the parent.
 * @setsid: start it in a session of its own (no terminal, no Ctrl-C)
 * @death:  signal it gets when the parent's thread dies, 0 for none
 * @user:   drop to this user for good, NULL to stay
 *
 * Further descriptors are inherited unless they are close-on-exec.
 */
struct spawn {
	char *const *argv;
	int fd[3];
	int setsid;
	int death;
	const struct spawn_user *user;
};

/**
 * spawn_start() - start a program
 * @how: what and how
 * @err: filled on failure, also when the program cannot be executed
 *
 * Signal mask and dispositions are the default ones in the child.
 * Return: process id or -1.
 */
pid_t spawn_start(const struct spawn *how, struct zkz_err *err);

/**
 * spawn_wait() - wait for a child
 * @pid:    child
 * @dl:     deadline
 * @status: as from waitpid(2)
 *
 * Return: 0, or -1 with errno ETIMEDOUT if it still runs (it is left alone).
 */
int spawn_wait(pid_t pid, deadline_t dl, int *status);

/**
 * spawn_kill() - SIGTERM, after @grace_ms SIGKILL, and reap
 *
 * One that hangs in the kernel, as on storage that does not answer, is left to init: nobody waits for it.
 */
void spawn_kill(pid_t pid, unsigned int grace_ms);

/**
 * spawn_run() - run to the end, keeping what it writes
 * @argv: program and arguments
 * @text: standard output and error together, cut to @size - 1; may be NULL
 * @size: size of @text
 * @dl:   deadline; the program is killed when it passes
 * @err:  filled when it cannot be started or the deadline passed
 *
 * Return: exit status 0..255, 128+signal, or -1.
 */
int spawn_run(char *const *argv, char *text, size_t size, deadline_t dl,
	      struct zkz_err *err);

/** spawn_run_as() - the same as another user, NULL for our own */
int spawn_run_as(const struct spawn_user *user, char *const *argv, char *text, size_t size,
		 deadline_t dl, struct zkz_err *err);

#endif
