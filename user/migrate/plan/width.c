// SPDX-License-Identifier: GPL-2.0
#include "migrate/plan/width.h"

#include <inttypes.h>
#include <linux/zkz.h>
#include <stdio.h>

/* What one processor surely carries, in Mbit/s; in most hosts it is more. */
#define PLAIN_MBIT	10000
#define CIPHER_MBIT	5000

/* Of the processors of a host, one in so many may be busy with a stream. */
#define SHARE		2

/* A page and its share of headers. */
#define PAGE_BYTES	(4096 + 64)

unsigned int width_least(uint64_t memory, uint64_t limit)
{
	uint64_t pages = memory / 4096, each = limit / PAGE_BYTES;

	if (!pages || !each)
		return 1;
	return (pages - 1) / each + 1;
}

uint64_t width_pages(unsigned int streams, uint64_t limit)
{
	return limit / PAGE_BYTES * streams / 4 * 3;
}

unsigned int width(const struct width_in *in)
{
	unsigned int keys = width_least(in->memory * WIDTH_ROOM, in->limit);
	uint32_t most = in->source < in->target ? in->source : in->target;
	uint32_t each = in->cipher ? CIPHER_MBIT : PLAIN_MBIT;

	most /= SHARE;
	if (most > WIDTH_MOST)
		most = WIDTH_MOST;
	if (in->mbit && most > (in->mbit - 1) / each + 1)
		most = (in->mbit - 1) / each + 1;
	if (keys > ZKZ_MAX_STREAMS)
		keys = ZKZ_MAX_STREAMS;
	return most > keys ? most : keys;
}

void width_why(const struct width_in *in, char *text, int size)
{
	char there[32] = "unknown", link[32] = "a link of unknown speed";

	if (in->target)
		snprintf(there, sizeof(there), "%" PRIu32, in->target);
	if (in->mbit)
		snprintf(link, sizeof(link), "%" PRIu32 " Mbit/s", in->mbit);
	snprintf(text, size, "processors: %" PRIu32 " here, %s there; %s", in->source, there, link);
}
