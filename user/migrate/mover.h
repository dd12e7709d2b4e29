/* SPDX-License-Identifier: GPL-2.0 */
/* Who moves the memory on this host: the module's session, and what it has said. */
#ifndef ZKZ_MIGRATE_MOVER_H
#define ZKZ_MIGRATE_MOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/session.h"
#include "lib/err.h"
#include "wire/ktls.h"

/**
 * struct mover - the session of one migration
 * @memory:   memory file of the zone; from mover_open() to mover_close(), else -1
 * @genl:     the module, likewise; owns the session
 * @session:  0 before mover_begin(), and when it was closed or is to be left alone
 * @info:     last that was heard of it; by mover_note(), from then on
 * @heard_ns: CLOCK_MONOTONIC of that
 * @passes:   that have ended (source)
 * @ended:    the target has all memory; the session says nothing more
 * @fetching: it has not, but whoever needs what is missing there waits for it
 * @reason:   why the session failed, empty if it did not
 */
struct mover {
	int memory;
	struct genl *genl;
	uint32_t session;
	struct session_info info;
	uint64_t heard_ns;
	uint32_t passes;
	bool ended;
	bool fetching;
	char reason[ZKZ_REASON_MAX + 1];
};

/** mover_init() - nothing is open */
void mover_init(struct mover *m);

/** mover_open() - the zone's memory, and the module */
int mover_open(struct mover *m, const char *zone, struct zkz_err *err);

/**
 * mover_begin() - make the session
 * @m:         open
 * @role:      which half
 * @migration: id
 * @cipher:    of the streams
 * @fd:        streams; the module has them afterwards, and they are closed here, but not on failure
 * @nr:        how many
 * @err:       filled on failure
 */
int mover_begin(struct mover *m, enum zkz_role role, const char *migration, enum cipher cipher, int *fd,
		unsigned int nr, struct zkz_err *err);

/** mover_resume() - give it other streams; they are closed here in any case */
int mover_resume(struct mover *m, int *fd, unsigned int nr, struct zkz_err *err);

/** mover_hear() - keep what was heard of it: @info, @heard_ns */
void mover_hear(struct mover *m, const struct session_info *info);

/** mover_note() - the same, and what follows: @passes, @ended, @fetching, @reason */
void mover_note(struct mover *m, const struct session_info *info);

/** mover_talks() - will its session say anything more? */
bool mover_talks(const struct mover *m);

/** mover_quiet() - has it said nothing for so long, by @now, that an event may have been lost? */
bool mover_quiet(const struct mover *m, uint64_t now);

/**
 * mover_listen() - hand out what the session has said, without waiting, if it talks
 * @m:   open
 * @fn:  called for each event; calls mover_hear() or mover_note()
 * @arg: for @fn
 * @err: filled on failure
 *
 * Return: 0; -1 if the module cannot be heard; 1, with @err as well, if it was quiet and the
 * module does not know the session, or does not tell.
 */
int mover_listen(struct mover *m, session_fn fn, void *arg, struct zkz_err *err);

/** mover_close() - let go; what is not closed by then aborts */
void mover_close(struct mover *m);

#endif
