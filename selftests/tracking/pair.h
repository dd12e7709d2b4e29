/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A replication inside one machine, for tests of the tracker:
 *
 *	test -- writes --> file "source" -- session == TCP over loopback == session --> file "target"
 *
 * Functions return false and say why on stderr. After pair_finish() both files must be equal.
 */
#ifndef _ZKZ_SELFTESTS_PAIR_H
#define _ZKZ_SELFTESTS_PAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "zkzmem.h"
#include "zkznl.h"

#define PAIR_STREAMS	16
#define PAIR_WAIT_MS	90000	/* deadline of every wait, also of the sessions for each other */

struct pair {
	struct zkznl *nl;
	int source, target;		/* files */
	char *mem;			/* of the source, for reading and writing, 2M aligned */
	size_t size;
	unsigned int streams;		/* 0: one */
	unsigned int pace;		/* bytes per second, 0: as fast as it goes */
	bool zero_detect;
	uint32_t source_id, target_id;	/* sessions, 0: none */
	struct zkznl_session last;	/* how the last pass of the source ended */
};

bool pair_open(struct pair *p, const char *options, size_t size);
bool pair_mix(struct pair *p);
void pair_close(struct pair *p);

bool pair_start(struct pair *p);
bool pair_pass_begin(struct pair *p);
bool pair_pass_end(struct pair *p);
bool pair_pass(struct pair *p);
bool pair_passes(struct pair *p, unsigned int nr);
bool pair_settle(struct pair *p);
bool pair_finish(struct pair *p);
bool pair_fetch_begin(struct pair *p);
bool pair_fetch_end(struct pair *p);
bool pair_abort(struct pair *p);

bool pair_fresh_target(struct pair *p);
long pair_differing(struct pair *p);
bool pair_tracked(struct pair *p);

uint64_t pair_found(struct pair *p);
uint64_t pair_total(struct pair *p, unsigned int counter);

#endif
