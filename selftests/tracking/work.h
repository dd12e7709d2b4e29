/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Workers that change a mapped file until they are stopped, each in its own way, in a thread or in a process of its
 * own. A worker may write anywhere: what counts is that the copy equals the original in the end.
 */
#ifndef _ZKZ_SELFTESTS_WORK_H
#define _ZKZ_SELFTESTS_WORK_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum work {
	WORK_WORDS,	/* a random word of a random page */
	WORK_PAGES,	/* one word of every page, in order */
	WORK_SWEEP,	/* every word of every page, in order */
	WORK_ATOMICS,	/* atomic adds to random words */
	WORK_ZEROS,	/* pages that become zero, and something again */
	WORK_PUNCH,	/* whole chunks and single pages become holes, and are written again */
	WORK_REMOVE,	/* the same by MADV_REMOVE */
	WORK_GROW,	/* holes, one after the other, become chunks; in the end all are punched again */
	WORK_REMAP,	/* writes through a mapping that comes and goes */
	WORK_DROP,	/* page tables that are emptied, and so may go, and a word here and there */
	WORK_COLLAPSE,	/* the kernel is asked to map hugely, and a word here and there */
};

#define MAX_WORKERS	8

/* Shared with processes. */
struct worker_state {
	bool stop;
	bool broken;
	uint64_t rounds;
};

struct worker {
	enum work what;
	int fd;
	char *mem;
	size_t size;
	uint64_t random;
	struct worker_state *state;
	pthread_t thread;
	pid_t pid;		/* 0: a thread */
};

struct crew {
	struct worker worker[MAX_WORKERS];
	unsigned int nr;
};

bool crew_thread(struct crew *crew, enum work what, int fd, char *mem, size_t size);
bool crew_process(struct crew *crew, enum work what, int fd, size_t size);
bool crew_busy(struct crew *crew);
bool crew_kill(struct crew *crew, unsigned int n);
bool crew_stop(struct crew *crew);

#endif
