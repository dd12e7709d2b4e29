// SPDX-License-Identifier: GPL-2.0
#include "migrate/figures/rate.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "lib/clock.h"
#include "lib/io.h"

#define TRY_MS		500
#define MOST_MS		15000
/* What the buffers of both hosts take at once says nothing: it is not counted. */
#define HEAD_BLOCKS	16

int rate_send(int fd, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(MOST_MS), until = deadline_in_ms(TRY_MS);
	uint8_t *block = malloc(RATE_BLOCK);
	unsigned int n = 0;
	int rc = 0;

	if (!block)
		return err_no_memory(err);
	/* Nothing on the way is to compress it. */
	for (n = 0; n < RATE_BLOCK; n += 256)
		if (getrandom(block + n, 256, 0) < 0)
			break;
	block[0] = 1;
	for (n = 0; !rc && (n <= HEAD_BLOCKS || deadline_left_ms(until)); n++)
		rc = io_write_full(fd, block, RATE_BLOCK, dl);
	block[0] = 0;
	if (rc || io_write_full(fd, block, RATE_BLOCK, dl))
		rc = err_peer_trial_send(err, errno);
	free(block);
	return rc;
}

static int take_block(int fd, uint8_t *block, deadline_t dl)
{
	size_t have = 0;

	while (have < RATE_BLOCK) {
		ssize_t n = io_read(fd, block + have, RATE_BLOCK - have, dl);

		if (n <= 0)
			return -1;
		have += (size_t)n;
	}
	return 0;
}

int rate_take(int fd, uint64_t *rate, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(MOST_MS);
	uint8_t *block = malloc(RATE_BLOCK);
	uint64_t n = 0, began = 0, ns;
	int rc = 0;

	if (!block)
		return err_no_memory(err);
	do {
		rc = take_block(fd, block, dl);
		if (++n == HEAD_BLOCKS)
			began = clock_mono_ns();
	} while (!rc && block[0]);
	ns = clock_mono_ns() - began;
	if (rc || n <= HEAD_BLOCKS || !ns)
		rc = err_peer_trial_stopped(err);
	else
		*rate = (uint64_t)((double)(n - HEAD_BLOCKS) * RATE_BLOCK * 1e9 / (double)ns);
	free(block);
	return rc;
}
