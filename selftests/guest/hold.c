// SPDX-License-Identifier: GPL-2.0
#include "hold.h"

#include <time.h>

void hold_work(struct hold *h)
{
	const struct timespec moment = { .tv_nsec = 1000000 };

	while (atomic_load(&h->wanted))
		nanosleep(&moment, NULL);
	pthread_mutex_lock(&h->lock);
}

void hold_rest(struct hold *h)
{
	pthread_mutex_unlock(&h->lock);
}

void hold_still(struct hold *h)
{
	atomic_fetch_add(&h->wanted, 1);
	pthread_mutex_lock(&h->lock);
	atomic_fetch_sub(&h->wanted, 1);
}

void hold_go(struct hold *h)
{
	pthread_mutex_unlock(&h->lock);
}
