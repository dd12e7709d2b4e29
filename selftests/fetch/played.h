/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A source played by the test, in a fetch: it decides when a page comes.
 *
 *   chunk 0   all pages are still to come
 *   chunk 1   came in pass 0, full of 'o'; its first PLAYED_STALE pages have been written since and are still to come
 *   chunk 2   was never sent, but has one page, the last, that is still to come
 *   chunk 3   was never sent
 */
#ifndef _ZKZ_SELFTESTS_PLAYED_H
#define _ZKZ_SELFTESTS_PLAYED_H

#include <stdbool.h>

#include "zkzmem.h"
#include "zkznl.h"
#include "zkzpeer.h"

#define PLAYED_CHUNKS	4
#define PLAYED_SIZE	(PLAYED_CHUNKS * CHUNK_BYTES)
#define PLAYED_PAGES	(PLAYED_CHUNKS * CHUNK_PAGES)
#define PLAYED_STALE	10
#define PLAYED_LAST	(3 * CHUNK_PAGES - 1)		/* the page of chunk 2 */
#define PLAYED_MISSING	(CHUNK_PAGES + PLAYED_STALE + 1)
#define PLAYED_WAIT	90000

struct played {
	struct zkznl *nl;
	int target;		/* its memory file */
	int dst;		/* its session */
	char *mem;		/* its memory, mapped for writing */
	struct zkzpeer peer;
	struct zkz_counts pass;	/* what was sent since the last PASS_BEGIN */
	struct zkz_counts total;
};

/* All return 0 or a negative error. */
int played_open(struct played *p, const char *options, unsigned int timeout_ms);
void played_close(struct played *p);
int played_connect(struct played *p, bool resumed);
int played_first_pass(struct played *p);
int played_fetch(struct played *p, bool resumed);
/* Send pages; the content of each follows from its number. */
int played_data(struct played *p, unsigned long first, unsigned int nr);
int played_clear(struct played *p, unsigned char type, unsigned long first, unsigned int nr);
int played_end(struct played *p);
/* Send whatever of [first, last] the target lacks according to @bits, or all of it. */
int played_rest(struct played *p);
/* Wait for a request; returns its page. */
long played_want(struct played *p);
/* Is there a frame or the end of the connection within @ms? */
bool played_silent(struct played *p, int ms);

/* Content of a page, and how many pages of a range differ from it. */
void played_content(char *page, unsigned long index);
unsigned long played_differ(const char *mem, unsigned long first, unsigned int nr);

#endif
