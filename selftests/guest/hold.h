/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _HOLD_H
#define _HOLD_H

#include <pthread.h>
#include <stdatomic.h>

/*
 * A worker that never rests, and others that want it to stand still between two pages. A bare mutex would let
 * the worker take it again and again before anybody else wakes up.
 */
struct hold {
	pthread_mutex_t lock;
	atomic_int wanted;
};

#define HOLD_INIT { .lock = PTHREAD_MUTEX_INITIALIZER }

void hold_work(struct hold *h);		/* the worker: begin a batch, after those who wait */
void hold_rest(struct hold *h);		/* the worker: end it */
void hold_still(struct hold *h);	/* others: it stands still when this returns */
void hold_go(struct hold *h);

#endif
