/* SPDX-License-Identifier: GPL-2.0 */
/* Processes whose program, or a library of it, was replaced on disk since they were started. */
#ifndef ZKZ_LIB_STALE_H
#define ZKZ_LIB_STALE_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * struct stale - what of a process is old
 * @program: it runs another file than the one that is installed
 * @library: a library of it is not the installed one, that with this path; else empty
 */
struct stale {
	bool program;
	char library[256];
};

/**
 * stale_map() - is it a mapping of code whose file is gone?
 * @line: of /proc/PID/maps, without line end; the mark of a deleted file is cut off
 *
 * Pure. Return: the path of the file within @line, or NULL.
 */
char *stale_map(char *line);

/**
 * stale_look() - look at a process
 * @pid:       its number
 * @installed: path of its program
 * @s:         filled
 *
 * Return: 0, or -1 with errno: it has ended, or nothing is installed there.
 */
int stale_look(pid_t pid, const char *installed, struct stale *s);

/** stale_any() - is anything of it old? */
bool stale_any(const struct stale *s);

#endif
