/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two hosts of a migration from the moment when GO is due, as a machine whose steps are the rules of
 * migrate/commit/rules.h: workers, keepers, QEMUs, zkzd and administrators take every step that they may take, and
 * everything fails that can.
 */
#ifndef ZKZ_SELFTESTS_TWOHOSTS_H
#define ZKZ_SELFTESTS_TWOHOSTS_H

#include <stdbool.h>

#include "migrate/commit/rules.h"

enum worker { PREPARES, DOUBTED, WAITS_COMMIT, WAITS_ANSWER, ASKS, OVER, DEAD };
enum guest { RUNS, STOPPED, WAITS, NONE };	/* WAITS: at the target, for the last byte */
enum answer { NO_ANSWER, SAYS_RUNS, SAYS_LOST, SAYS_BACK };

/* What both hosts have: records as they are seen now, and as a power cut would leave them. */
struct state {
	unsigned int faults : 4;
	unsigned int link : 1;
	unsigned int s_up : 1;
	unsigned int s_now : 4;		/* enum commit_standing */
	unsigned int s_disk : 4;
	unsigned int s_worker : 3;
	unsigned int s_guest : 2;
	unsigned int s_lost : 1;	/* a power cut took the memory, or the end of QEMU */
	unsigned int sent : 1;		/* the last byte */
	unsigned int success : 1;	/* the user was told so */
	unsigned int t_up : 1;
	unsigned int t_now : 4;
	unsigned int t_disk : 4;
	unsigned int t_worker : 3;
	unsigned int t_guest : 2;
	unsigned int t_ran : 1;		/* the guest that arrived has run */
	unsigned int told : 1;		/* its worker knows that it has not, and cannot any more */
	unsigned int t_booted : 1;	/* the zone was booted anew there */
	unsigned int go : 1;		/* on its way */
	unsigned int committed : 1;	/* likewise */
	unsigned int last : 1;		/* likewise */
	unsigned int answer : 2;	/* likewise */
	unsigned int streams : 1;	/* data connections hold */
	unsigned int discarded : 1;	/* a complete guest, without need */
	unsigned int moved : 1;		/* a third host got the zone from the target, and runs it */
	unsigned int stranded : 1;	/* the source wrote it off, and no record lets the target boot it */
	unsigned int stale : 1;		/* the source's guest goes on although it ran on the target */
};

/* What is different from the product, for the test of the test. */
struct gap {
	struct commit_rule rule;	/* instead of the one for the same case, if @changed */
	bool changed;
	bool any_host;			/* whoever answers is believed */
	bool blind;			/* the question does not tell that the last byte never left */
	bool unsynced;			/* a write that is not durable counts as done */
	bool owned_is_success;		/* it is not asked whether the guest runs */
	bool unconfirmed;		/* a zone is booted, or moves on, by a record that a power cut may take back */
	bool hearsay;			/* a guest whose QEMU is gone is taken for one that never ran */
	bool unasked;			/* a guest that is out of sight there is written off here, and nobody asks */
	bool early;			/* the last byte does not wait for "committed" */
};

extern struct gap gap;

/* Where a state that follows from another one goes. */
extern void (*reach)(const struct state *s);

/** hosts_begin() - everything is prepared, and the guest runs at the source; @faults may happen */
struct state hosts_begin(unsigned int faults);

/** hosts_step() - everything that may happen next, with failures of writes if @faults */
void hosts_step(const struct state *s, bool faults);

/** hosts_others() - what administrators do, and what comes back after it had failed */
void hosts_others(const struct state *s);

/** hosts_fail() - everything that may fail next */
void hosts_fail(const struct state *s);

#endif
