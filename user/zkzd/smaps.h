/* SPDX-License-Identifier: GPL-2.0 */
/* How a process maps a file. */
#ifndef ZKZ_ZKZD_SMAPS_H
#define ZKZ_ZKZD_SMAPS_H

#include <stdint.h>
#include <sys/types.h>

/**
 * struct smaps - sums over all mappings of a file
 * @rss: bytes mapped
 * @pmd: bytes mapped by 2 MiB entries
 */
struct smaps {
	uint64_t rss;
	uint64_t pmd;
};

/** smaps_read() - look at /proc/PID/smaps for @path; -1 if it cannot be read */
int smaps_read(pid_t pid, const char *path, struct smaps *m);

#endif
