// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "work.h"
#include "zkzmem.h"

#define PUNCH	(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)
#define RW	(PROT_READ | PROT_WRITE)

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

static uint64_t rnd(struct worker *w)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return w->random;
}

static volatile uint64_t *random_word(struct worker *w)
{
	return (uint64_t *)w->mem + rnd(w) % (w->size / 8);
}

static bool stopped(struct worker *w)
{
	return __atomic_load_n(&w->state->stop, __ATOMIC_RELAXED);
}

static void broke(struct worker *w, const char *what)
{
	fprintf(stderr, "# worker: %s: %s\n", what, strerror(errno));
	w->state->broken = true;
	w->state->stop = true;
}

static void words(struct worker *w)
{
	int i;

	for (i = 0; i < 256; i++)
		*random_word(w) = rnd(w);
}

static void pages(struct worker *w)
{
	size_t at;

	for (at = 0; at < w->size && !stopped(w); at += PAGE_BYTES)
		*(volatile uint64_t *)(w->mem + at + rnd(w) % (PAGE_BYTES / 8) * 8) = rnd(w);
}

static void sweep(struct worker *w)
{
	size_t at, i;

	for (at = 0; at < w->size && !stopped(w); at += PAGE_BYTES) {
		volatile uint64_t *p = (uint64_t *)(w->mem + at);

		for (i = 0; i < PAGE_BYTES / 8; i++)
			p[i] = w->state->rounds + i;
	}
}

static void atomics(struct worker *w)
{
	int i;

	for (i = 0; i < 256; i++)
		__atomic_fetch_add((uint64_t *)random_word(w), 1, __ATOMIC_SEQ_CST);
}

static void zeros(struct worker *w)
{
	char *page = w->mem + rnd(w) % (w->size / PAGE_BYTES) * PAGE_BYTES;

	if (rnd(w) & 1)
		memset(page, 0, PAGE_BYTES);
	else
		*(volatile uint64_t *)(page + rnd(w) % (PAGE_BYTES / 8) * 8) = rnd(w);
}

/* Make a chunk or a few pages holes, write a little to what may be a hole. */
static void punch(struct worker *w)
{
	size_t unit = rnd(w) & 1 ? CHUNK_BYTES : PAGE_BYTES;
	size_t at = rnd(w) % (w->size / unit) * unit;
	size_t len = unit == PAGE_BYTES && at + 7 * unit <= w->size ? 7 * unit : unit;
	bool bad;
	int i;

	bad = w->what == WORK_PUNCH ? fallocate(w->fd, PUNCH, at, len) : madvise(w->mem + at, len, MADV_REMOVE);
	if (bad)
		broke(w, "punching a hole");
	for (i = 0; i < 32; i++)
		*random_word(w) = rnd(w);
}

static void grow(struct worker *w)
{
	size_t chunk = w->state->rounds % (w->size / CHUNK_BYTES);

	if (!chunk && w->state->rounds && fallocate(w->fd, PUNCH, 0, w->size))
		broke(w, "punching everything");
	*(volatile uint64_t *)(w->mem + chunk * CHUNK_BYTES + rnd(w) % CHUNK_PAGES * PAGE_BYTES) = rnd(w);
	usleep(1000);
}

static void remap(struct worker *w)
{
	size_t len = w->size / 2, at = rnd(w) & 1 ? len : 0;
	char *mem = zkzmem_map_at(w->fd, at, len, RW, MAP_SHARED);
	int i;

	if (mem == MAP_FAILED) {
		broke(w, "mapping");
		return;
	}
	for (i = 0; i < 256; i++)
		((volatile uint64_t *)mem)[rnd(w) % (len / 8)] = rnd(w);
	munmap(mem, len);
}

/* Two chunks at least: a table goes only if all of what it maps is emptied at once. */
static void drop(struct worker *w)
{
	size_t at = rnd(w) % (w->size / CHUNK_BYTES / 2) * CHUNK_BYTES;

	if (madvise(w->mem + at, w->size - at, MADV_DONTNEED))
		broke(w, "emptying page tables");
	*random_word(w) = rnd(w);
}

/* It may refuse, for many reasons. */
static void collapse(struct worker *w)
{
	madvise(w->mem + rnd(w) % (w->size / CHUNK_BYTES) * CHUNK_BYTES, CHUNK_BYTES, MADV_COLLAPSE);
	*random_word(w) = rnd(w);
}

static void (* const works[])(struct worker *w) = {
	[WORK_WORDS] = words,
	[WORK_PAGES] = pages,
	[WORK_SWEEP] = sweep,
	[WORK_ATOMICS] = atomics,
	[WORK_ZEROS] = zeros,
	[WORK_PUNCH] = punch,
	[WORK_REMOVE] = punch,
	[WORK_GROW] = grow,
	[WORK_REMAP] = remap,
	[WORK_DROP] = drop,
	[WORK_COLLAPSE] = collapse,
};

static void *work(void *data)
{
	struct worker *w = data;

	while (!stopped(w)) {
		works[w->what](w);
		__atomic_add_fetch(&w->state->rounds, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static struct worker *recruit(struct crew *crew, enum work what, int fd, char *mem, size_t size)
{
	struct worker *w = &crew->worker[crew->nr];

	memset(w, 0, sizeof(*w));
	w->what = what;
	w->fd = fd;
	w->mem = mem;
	w->size = size;
	w->random = 0x2545f4914f6cdd1dULL + crew->nr * 77777;
	w->state = mmap(NULL, sizeof(*w->state), RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return w->state == MAP_FAILED ? NULL : w;
}

/**
 * crew_thread() - let a thread work
 * @crew:	zeroed, or with workers
 * @what:	what to do
 * @fd:		the file
 * @mem:	its mapping
 * @size:	bytes
 */
bool crew_thread(struct crew *crew, enum work what, int fd, char *mem, size_t size)
{
	struct worker *w = recruit(crew, what, fd, mem, size);

	if (!w || pthread_create(&w->thread, NULL, work, w))
		return false;
	crew->nr++;
	return true;
}

/**
 * crew_process() - let a process work, which maps the file for itself
 * @crew:	zeroed, or with workers
 * @what:	what to do
 * @fd:		the file
 * @size:	bytes
 */
bool crew_process(struct crew *crew, enum work what, int fd, size_t size)
{
	struct worker *w = recruit(crew, what, fd, NULL, size);

	if (!w)
		return false;
	w->pid = fork();
	if (w->pid < 0)
		return false;
	if (!w->pid) {
		w->mem = zkzmem_map(fd, size, RW);
		if (w->mem == MAP_FAILED)
			_exit(1);
		work(w);
		_exit(0);
	}
	crew->nr++;
	return true;
}

/**
 * crew_busy() - wait until every worker has done a round more
 * @crew: with workers
 *
 * Return: false if one does not get on.
 */
bool crew_busy(struct crew *crew)
{
	unsigned int i, ms;

	for (i = 0; i < crew->nr; i++) {
		struct worker_state *s = crew->worker[i].state;
		uint64_t before = __atomic_load_n(&s->rounds, __ATOMIC_RELAXED);

		for (ms = 0; __atomic_load_n(&s->rounds, __ATOMIC_RELAXED) == before; ms += 5) {
			if (s->stop || ms > 20000) {
				fprintf(stderr, "# worker %u does not get on\n", i);
				return false;
			}
			usleep(5000);
		}
	}
	return true;
}

/**
 * crew_kill() - kill a worker that is a process, at whatever point it is
 * @crew:	with workers
 * @n:		which; the last worker takes its place
 */
bool crew_kill(struct crew *crew, unsigned int n)
{
	pid_t pid = crew->worker[n].pid;

	if (kill(pid, SIGKILL) || waitpid(pid, NULL, 0) != pid)
		return false;
	crew->worker[n] = crew->worker[--crew->nr];
	return true;
}

/**
 * crew_stop() - let all workers end, and wait for that
 * @crew: without workers afterwards
 *
 * Return: false if one of them failed, or had done nothing.
 */
bool crew_stop(struct crew *crew)
{
	bool good = true;
	unsigned int i;
	int status;

	for (i = 0; i < crew->nr; i++)
		__atomic_store_n(&crew->worker[i].state->stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < crew->nr; i++) {
		struct worker *w = &crew->worker[i];

		status = 0;
		if (w->pid)
			waitpid(w->pid, &status, 0);
		else
			pthread_join(w->thread, NULL);
		good = good && !status && !w->state->broken && w->state->rounds;
	}
	crew->nr = 0;
	return good;
}
