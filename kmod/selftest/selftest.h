/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_SELFTEST_H
#define _ZKZ_SELFTEST_H

#include <linux/types.h>

/* Tests that run when the module is loaded. Each says in the log what it found wrong. */

enum zkz_verdict {
	ZKZ_UNKNOWN,	/* could not be tested now */
	ZKZ_WORKS,
	ZKZ_BROKEN,
};

/* The bitmaps: pure code; a failure refuses to load. */
bool zkz_selftest_bitmap(void);

/* The brake of writers: pure code, likewise. */
bool zkz_selftest_brake(void);

/*
 * Page tables and tracking on this kernel, with huge folios or with single pages only. Needs the address space of a
 * process. Finds out on the way whether core refuses long-term pins (zkz_longterm_refused).
 */
enum zkz_verdict zkz_selftest_track(bool huge);

#endif /* _ZKZ_SELFTEST_H */
