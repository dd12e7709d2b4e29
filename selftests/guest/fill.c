// SPDX-License-Identifier: GPL-2.0
/* Memory that is written once, with data that does not compress, and then left alone. */
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>

#include "guest.h"
#include "params.h"
#include "pattern.h"

static struct {
	pthread_mutex_t lock;
	uint64_t *page;
	uint64_t nr, seed;
} fill = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void drop(void)
{
	if (fill.page)
		munmap(fill.page, fill.nr * PAGE_BYTES);
	fill.page = NULL;
	fill.nr = 0;
}

int fill_make(const struct params *p, char *out, size_t len)
{
	uint64_t size, i;
	int ret = -1;

	if (params_number(p, "size", 0, &size) || size < PAGE_BYTES || params_unknown(p, "size")) {
		snprintf(out, len, "fill size=BYTES (K, M, G)");
		return -1;
	}
	pthread_mutex_lock(&fill.lock);
	if (size > fill.nr * PAGE_BYTES && !memory_becomes_available(size - fill.nr * PAGE_BYTES)) {
		snprintf(out, len, "%lu bytes of memory are not available, %lu are", size, available_memory());
		goto unlock;
	}
	drop();
	fill.page = mmap(NULL, size / PAGE_BYTES * PAGE_BYTES, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (fill.page == MAP_FAILED) {
		fill.page = NULL;
		snprintf(out, len, "no memory");
		goto unlock;
	}
	fill.nr = size / PAGE_BYTES;
	fill.seed = pattern_mix(now_ns(), size, 2);
	for (i = 0; i < fill.nr; i++)
		pattern_write(fill.page + i * PAGE_WORDS, fill.seed, i, 1);
	snprintf(out, len, "pages=%lu", fill.nr);
	ret = 0;
unlock:
	pthread_mutex_unlock(&fill.lock);
	return ret;
}

int fill_verify(const struct params *p, char *out, size_t len)
{
	uint64_t i, bad = 0;

	(void)p;
	pthread_mutex_lock(&fill.lock);
	for (i = 0; i < fill.nr; i++)
		if (pattern_check(fill.page + i * PAGE_WORDS, fill.seed, i, 1))
			bad++;
	snprintf(out, len, "pages=%lu bad=%lu", fill.nr, bad);
	pthread_mutex_unlock(&fill.lock);
	return bad ? -1 : 0;
}

int fill_free(const struct params *p, char *out, size_t len)
{
	(void)p;
	pthread_mutex_lock(&fill.lock);
	drop();
	snprintf(out, len, "freed");
	pthread_mutex_unlock(&fill.lock);
	return 0;
}
