// SPDX-License-Identifier: GPL-2.0
/*
 * The memory writer. Each thread owns a part of the region; for every page a table holds the sequence number
 * that was written last, so that a page which lost a write is found even if it is whole.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "guest.h"
#include "hold.h"
#include "pace.h"
#include "params.h"
#include "pattern.h"

#define THREADS_MAX	16

struct writer {
	pthread_t thread;
	struct hold hold;	/* held while pages are written: whoever has it finds whole pages */
	uint64_t first, nr;	/* pages that this thread writes */
	uint64_t next, random;
	uint64_t writes, bad;
	struct pace pace;
};

static struct {
	pthread_mutex_t lock;	/* all of this; writers take only their 'hold' */
	uint64_t *page;
	uint32_t *seq;
	uint64_t nr, seed;
	bool is_random, touch, read_only;
	bool stop;		/* under each writer's 'hold' */
	int nr_writers;
	bool running;
	struct writer writer[THREADS_MAX];
} mem = { .lock = PTHREAD_MUTEX_INITIALIZER };

static uint64_t *page_at(uint64_t number)
{
	return mem.page + number * PAGE_WORDS;
}

/* Checks a page and writes it, as its writer does; NULL if it held what it must. */
static const char *use_page(uint64_t n)
{
	uint64_t *page = page_at(n);
	const char *wrong = pattern_check_head(page, mem.seed, n, mem.seq[n]);

	if (mem.read_only)
		return wrong;
	mem.seq[n]++;
	if (mem.touch && !wrong)
		pattern_touch(page, mem.seq[n]);
	else
		pattern_write(page, mem.seed, n, mem.seq[n]);
	return wrong;
}

static void use_next(struct writer *w)
{
	uint64_t n = w->next++ % w->nr;
	const char *wrong;

	if (mem.is_random) {
		w->random = pattern_mix(w->random, mem.seed, 1);
		n = w->random % w->nr;
	}
	n += w->first;
	wrong = use_page(n);
	if (wrong) {
		if (!w->bad++)
			say("memory page %lu is %s", n, wrong);
	}
	w->writes++;
}

static void *writer_thread(void *arg)
{
	struct writer *w = arg;
	bool stop = false;

	pace_begin(&w->pace, w->pace.rate);
	while (!stop) {
		uint64_t pages = pace_wait(&w->pace);

		hold_work(&w->hold);
		stop = mem.stop;
		while (!stop && pages--)
			use_next(w);
		hold_rest(&w->hold);
	}
	return NULL;
}

static void hold_writers(void)
{
	int w;

	for (w = 0; w < mem.nr_writers; w++)
		hold_still(&mem.writer[w].hold);
}

static void release_writers(void)
{
	int w;

	for (w = 0; w < mem.nr_writers; w++)
		hold_go(&mem.writer[w].hold);
}

static void stop_writers(void)
{
	int i;

	if (!mem.running)
		return;
	hold_writers();
	mem.stop = true;
	release_writers();
	for (i = 0; i < mem.nr_writers; i++)
		pthread_join(mem.writer[i].thread, NULL);
	mem.running = false;
}

static void free_region(void)
{
	if (mem.page)
		munmap(mem.page, mem.nr * PAGE_BYTES);
	free(mem.seq);
	mem.page = NULL;
	mem.seq = NULL;
}

static int make_region(uint64_t size)
{
	uint64_t i;

	mem.nr = size / PAGE_BYTES;
	mem.seed = pattern_mix(now_ns(), size, mem.seed);
	mem.seq = malloc(mem.nr * sizeof(*mem.seq));
	mem.page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem.page == MAP_FAILED)
		mem.page = NULL;
	if (!mem.seq || !mem.page) {
		free_region();
		return -1;
	}
	for (i = 0; i < mem.nr; i++) {
		mem.seq[i] = 1;
		pattern_write(page_at(i), mem.seed, i, 1);
	}
	return 0;
}

/* Distributes the working set over the threads and starts them. */
static int start_writers(int threads, uint64_t pages, uint64_t rate)
{
	int i;

	mem.stop = false;
	mem.nr_writers = 0;
	mem.running = true;
	for (i = 0; i < threads; i++) {
		struct writer *w = &mem.writer[i];

		memset(w, 0, sizeof(*w));
		pthread_mutex_init(&w->hold.lock, NULL);
		w->first = pages * i / threads;
		w->nr = pages * (i + 1) / threads - w->first;
		w->random = pattern_mix(mem.seed, i, 0);
		w->pace.rate = rate / threads;
		if (pthread_create(&w->thread, NULL, writer_thread, w))
			return -1;
		mem.nr_writers++;
	}
	return 0;
}

static int read_options(const struct params *p, uint64_t *size, uint64_t *set, uint64_t *rate, uint64_t *threads,
			char *out, size_t len)
{
	const char *mode = params_get(p, "mode", "rand"), *write = params_get(p, "write", "page");
	const char *unknown = params_unknown(p, "size ws rate threads mode write");

	if (unknown) {
		snprintf(out, len, "unknown option '%s'", unknown);
		return -1;
	}
	if (params_number(p, "size", 64 << 20, size) || params_number(p, "ws", *size, set) ||
	    params_number(p, "rate", 5 << 20, rate) || params_number(p, "threads", 1, threads)) {
		snprintf(out, len, "size, ws, rate and threads are numbers (K, M, G)");
		return -1;
	}
	if (!*threads || *threads > THREADS_MAX || *set > *size || *set < *threads * PAGE_BYTES) {
		snprintf(out, len, "threads must be 1..%d, ws at least a page a thread and at most size",
			 THREADS_MAX);
		return -1;
	}
	if ((strcmp(mode, "rand") && strcmp(mode, "seq")) ||
	    (strcmp(write, "page") && strcmp(write, "touch") && strcmp(write, "none"))) {
		snprintf(out, len, "mode is rand or seq, write is page, touch or none");
		return -1;
	}
	return 0;
}

int mem_start(const struct params *p, char *out, size_t len)
{
	uint64_t size, set, rate, threads;
	int ret = -1;

	if (read_options(p, &size, &set, &rate, &threads, out, len))
		return -1;
	pthread_mutex_lock(&mem.lock);
	stop_writers();
	free_region();
	mem.is_random = !strcmp(params_get(p, "mode", "rand"), "rand");
	mem.touch = !strcmp(params_get(p, "write", "page"), "touch");
	mem.read_only = !strcmp(params_get(p, "write", "page"), "none");
	size = size / PAGE_BYTES * PAGE_BYTES;
	if (!memory_becomes_available(size + size / 512) || make_region(size)) {
		snprintf(out, len, "%lu bytes of memory are not available, %lu are", size, available_memory());
		goto unlock;
	}
	if (start_writers(threads, set / PAGE_BYTES, rate)) {
		stop_writers();
		snprintf(out, len, "cannot start %lu threads", threads);
		goto unlock;
	}
	snprintf(out, len, "pages=%lu threads=%lu", mem.nr, threads);
	ret = 0;
unlock:
	pthread_mutex_unlock(&mem.lock);
	return ret;
}

/* Ends writing; the region stays and can be verified. */
int mem_stop(const struct params *p, char *out, size_t len)
{
	(void)p;
	pthread_mutex_lock(&mem.lock);
	stop_writers();
	snprintf(out, len, "stopped");
	pthread_mutex_unlock(&mem.lock);
	return 0;
}

static void totals(uint64_t *writes, uint64_t *bad)
{
	int i;

	*writes = *bad = 0;
	for (i = 0; i < mem.nr_writers; i++) {
		*writes += mem.writer[i].writes;
		*bad += mem.writer[i].bad;
	}
}

int mem_stat(const struct params *p, char *out, size_t len)
{
	uint64_t writes, bad;

	(void)p;
	pthread_mutex_lock(&mem.lock);
	totals(&writes, &bad);
	snprintf(out, len, "pages=%lu writes=%lu bad=%lu running=%d", mem.page ? mem.nr : 0, writes, bad,
		 mem.running);
	pthread_mutex_unlock(&mem.lock);
	return 0;
}

/* One page for a client outside: what a request to a server in the guest would touch. */
int mem_use(const struct params *p, char *out, size_t len)
{
	const char *wrong = "no region";
	uint64_t n;

	if (params_number(p, "page", 0, &n) || params_unknown(p, "page")) {
		snprintf(out, len, "mem use page=NUMBER");
		return -1;
	}
	pthread_mutex_lock(&mem.lock);
	hold_writers();
	if (mem.page)
		wrong = use_page(n % mem.nr);
	release_writers();
	pthread_mutex_unlock(&mem.lock);
	snprintf(out, len, "%s", wrong ? wrong : "used");
	return wrong ? -1 : 0;
}

/* Checks every page while the writers hold still. Those that follow the first few bad ones are counted only. */
int mem_verify(const struct params *p, char *out, size_t len)
{
	char detail[ANSWER_MAX / 2] = "";
	uint64_t i, writes, bad = 0, seen;
	size_t used = 0;

	(void)p;
	pthread_mutex_lock(&mem.lock);
	hold_writers();
	for (i = 0; mem.page && i < mem.nr; i++) {
		const char *wrong = pattern_check(page_at(i), mem.seed, i, mem.seq[i]);

		if (wrong && ++bad <= 8)
			used += snprintf(detail + used, sizeof(detail) - used, " %lu:%s(seq %lu, written %u)", i,
					 wrong, page_at(i)[2], mem.seq[i]);
	}
	totals(&writes, &seen);
	release_writers();
	snprintf(out, len, "pages=%lu bad=%lu seen-bad=%lu writes=%lu%s", mem.page ? mem.nr : 0, bad, seen, writes,
		 detail);
	pthread_mutex_unlock(&mem.lock);
	return bad || seen ? -1 : 0;
}
