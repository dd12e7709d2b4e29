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

/* Huge folios, page tables and tracking on this kernel. Needs the address space of a process. */
enum zkz_verdict zkz_selftest_track(void);

#endif /* _ZKZ_SELFTEST_H */
