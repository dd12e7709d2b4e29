/* SPDX-License-Identifier: GPL-2.0 */
/* Processes of zkzd that do the work. */
#ifndef ZKZ_ZKZD_WORKER_H
#define ZKZ_ZKZD_WORKER_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * worker_fork() - serve one connection in a process of its own
 * @conn:   connection, which the caller closes afterwards
 * @listen: listening socket, not wanted in the child
 *
 * Return: process id, or -1.
 */
pid_t worker_fork(int conn, int listen);

/**
 * worker_sweep() - sweep_all() in a process
 * @listen: listening socket, not wanted in the child
 * @wait:   as of sweep_all()
 * @files:  and sweep_files()
 */
pid_t worker_sweep(int listen, bool wait, bool files);

/* Exit status of worker_ask(): some zone is in doubt, and stays so for now. */
#define WORKER_IN_DOUBT	3

/** worker_ask() - ask about every zone that is in doubt; process number, or -1 */
pid_t worker_ask(int listen);

/** worker_autoboot() - boot the zones with autoboot=true, in a process */
pid_t worker_autoboot(int listen);

#endif
