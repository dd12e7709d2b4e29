/* SPDX-License-Identifier: GPL-2.0 */
/* Source: the steps of a migration, as a table. */
#ifndef ZKZ_MIGRATE_SOURCE_STEPS_H
#define ZKZ_MIGRATE_SOURCE_STEPS_H

#include "migrate/source/source.h"

/**
 * enum source_step_kind - when a step is done
 * @STEP_TRIED: in a dry run, too
 * @STEP_REAL:  not in a dry run
 * @STEP_OVER:  the target owns the zone: a failure takes nothing back
 */
enum source_step_kind {
	STEP_TRIED,
	STEP_REAL,
	STEP_OVER,
};

/**
 * struct source_step - one step
 * @part:   of a migration, as in Documentation/design.rst
 * @name:   of the step
 * @says:   to the user when it begins, or NULL
 * @run:    what the source does
 * @target: what it asks of the target: types of frames, in order; target/target.c has who answers each
 * @undo:   what takes it back at the source if it, or a later one, fails; NULL if nothing is to be done.
 *          Finds nothing to do where the step has not come that far. @why is told
 * @kind:   when it is done, and whether it may be taken back
 */
struct source_step {
	const char *part;
	const char *name;
	const char *says;
	int (*run)(struct source *s, struct zkz_err *err);
	const char *target;
	void (*undo)(struct source *s, const struct zkz_err *why);
	enum source_step_kind kind;
};

extern const struct source_step source_steps[];
extern const unsigned int source_steps_nr;

/**
 * steps_walk() - migrate
 * @s:   its options are read, the zone is locked
 * @err: filled on failure
 *
 * Return: 0 with the result said. -1 otherwise: then the zone is this host's again, or @err tells who has it.
 */
int steps_walk(struct source *s, struct zkz_err *err);

#endif
