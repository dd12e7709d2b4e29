/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _PACE_H
#define _PACE_H

#include <stdint.h>

/* Spreads work evenly over time: pace_wait() tells how many pages may be written now. */
struct pace {
	uint64_t rate;		/* bytes per second; 0: as fast as possible */
	uint64_t last;		/* when pages were granted last, ns */
	uint64_t credit;	/* bytes granted but too few for a page */
};

void pace_begin(struct pace *p, uint64_t rate);
uint64_t pace_wait(struct pace *p);

#endif
