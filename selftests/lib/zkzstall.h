/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A process that stands still in the middle of what the kernel does for it, with the locks it has there.
 *
 * It allocates memory of a file, which takes the kernel a while, on the last processor. A thread of a real-time class
 * waits there, too; once it is woken it never stops, so the kernel, which allocates chunk by chunk and gives way in
 * between and within each, does not go on. No other program is kept from running by that where there are two
 * processors.
 */
#ifndef _ZKZ_SELFTESTS_ZKZSTALL_H
#define _ZKZ_SELFTESTS_ZKZSTALL_H

#include <stdbool.h>
#include <sys/types.h>

struct zkzstall_shared;

struct zkzstall {
	pid_t pid;
	struct zkzstall_shared *shared;
};

/* Can it be done here? It takes two processors. */
bool zkzstall_possible(void);

/* Allocate [@offset, @offset + @len), holes now, and stop somewhere after the first of it is there. False: too late. */
bool zkzstall_begin(struct zkzstall *stall, int fd, off_t offset, off_t len);

/* Does it still stand where it was stopped? */
bool zkzstall_stands(const struct zkzstall *stall);

/* Let it go on, and wait for its end. Returns what became of the allocation: 0 or an error number. */
int zkzstall_end(struct zkzstall *stall);

#endif
