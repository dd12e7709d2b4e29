// SPDX-License-Identifier: GPL-2.0
/*
 * The pages are spread evenly over what the file holds, at a random place in each
 * part, so that no pattern of the guest's hides from them. 2048 of them find a
 * hundredth of the memory to within a few tenths of a percent.
 */
#include "migrate/figures/sample.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "lib/clock.h"

#define PAGE	4096
#define SAMPLES	2048
#define LOOK_MS	1000

struct sampler {
	int fd;
	unsigned int nr;
	off_t at[SAMPLES];
	uint8_t seen[SAMPLES][PAGE];
	uint8_t now[PAGE];
};

/* Calls nothing that allocates: a hole stays one. Return: pages that are not holes, or -1. */
static int64_t walk(int fd, off_t *at, uint64_t *wanted, unsigned int nr)
{
	off_t begin = 0, end = 0;
	unsigned int next = 0;
	int64_t pages = 0;

	while ((begin = lseek(fd, end, SEEK_DATA)) >= 0) {
		end = lseek(fd, begin, SEEK_HOLE);
		if (end < 0)
			return -1;
		for (; next < nr && (int64_t)wanted[next] < pages + (end - begin) / PAGE; next++)
			at[next] = begin + ((off_t)wanted[next] - pages) * PAGE;
		pages += (end - begin) / PAGE;
	}
	return errno == ENXIO ? pages : -1;
}

static void choose(uint64_t *wanted, unsigned int nr, uint64_t pages)
{
	uint32_t salt[SAMPLES] = { 0 };
	unsigned int i;

	/* Without random numbers it is the beginning of each part: worse, but not wrong. */
	if (getrandom(salt, sizeof(salt), GRND_NONBLOCK) < 0)
		memset(salt, 0, sizeof(salt));
	for (i = 0; i < nr; i++) {
		uint64_t from = pages * i / nr, to = pages * (i + 1) / nr;

		wanted[i] = from + (to > from ? salt[i] % (to - from) : 0);
	}
}

static bool read_page(int fd, off_t at, uint8_t *buf)
{
	return pread(fd, buf, PAGE, at) == PAGE;
}

/* Looks once more; what cannot be read any more has changed. */
static unsigned int changed(struct sampler *s)
{
	unsigned int i, n = 0;

	for (i = 0; i < s->nr; i++)
		n += !read_page(s->fd, s->at[i], s->now) || memcmp(s->now, s->seen[i], PAGE);
	return n;
}

static int look(struct sampler *s, struct memory_sample *out, struct zkz_err *err)
{
	uint64_t wanted[SAMPLES], t0, ns;
	int64_t pages = walk(s->fd, NULL, NULL, 0);
	unsigned int i, n;

	if (pages < 0)
		return err_memory_look(err, errno);
	out->pages = (uint64_t)pages;
	out->dirty_rate = 0;
	s->nr = pages < SAMPLES ? (unsigned int)pages : SAMPLES;
	choose(wanted, s->nr, out->pages);
	/* It may have got smaller meanwhile: then the last ones are read at 0, which does no harm. */
	walk(s->fd, s->at, wanted, s->nr);
	t0 = clock_mono_ns();
	for (i = 0; i < s->nr; i++)
		if (!read_page(s->fd, s->at[i], s->seen[i]))
			memset(s->seen[i], 0, PAGE);
	clock_sleep_ms(LOOK_MS);
	n = changed(s);
	ns = clock_mono_ns() - t0;
	if (s->nr)
		out->dirty_rate = (uint64_t)((double)n / s->nr * (double)pages * 1e9 / (double)ns);
	return 0;
}

int memory_sample(int fd, struct memory_sample *out, struct zkz_err *err)
{
	struct sampler *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return err_no_memory(err);
	s->fd = fd;
	rc = look(s, out, err);
	free(s);
	return rc;
}
