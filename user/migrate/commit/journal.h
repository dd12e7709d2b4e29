/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The target's durable memory of what became of a migration, one small file a
 * migration, apart from the zone: the answer must survive the zone's deletion.
 *
 * The commit itself is the owner file (zone/owner.h): "here" under epoch n+1
 * from one instant to the next. The journal remembers it for later questions,
 * and it remembers refusals, so that an answer once given stays true.
 *
 * A record goes when the source says that it has written down the end: it never
 * asks again. Where it could not say so, an ownership is kept for good, since
 * without it the answer would be "refused", and a refusal for 90 days.
 */
#ifndef ZKZ_MIGRATE_JOURNAL_H
#define ZKZ_MIGRATE_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"
#include "zone/owner.h"

enum outcome {
	OUTCOME_NONE,		/* nothing is written down */
	OUTCOME_OWNED,		/* this host took the zone over */
	OUTCOME_REFUSED,	/* it did not, and never will */
};

/** outcome_text() - "owned" */
const char *outcome_text(enum outcome o);

/** outcome_parse() - OUTCOME_NONE for anything unknown */
enum outcome outcome_parse(const char *text);

/**
 * journal_decide() - what to answer the source that asks. Pure.
 * @written:   what the journal says
 * @owner:     owner file of the zone on this host
 * @migration: id that is asked about
 *
 * Return: OUTCOME_OWNED or OUTCOME_REFUSED; the caller must make a refusal
 * durable before it answers.
 */
enum outcome journal_decide(enum outcome written, const struct zone_owner *owner,
			    const char *migration);

/** journal_read() - what is written down about a migration */
int journal_read(const char *migration, enum outcome *o, struct zkz_err *err);

/** journal_write() - write it down, durably */
int journal_write(const char *migration, const char *zone, enum outcome o,
		  struct zkz_err *err);

/** journal_forget() - the source will not ask about this migration again */
int journal_forget(const char *migration, struct zkz_err *err);

/** journal_prune() - remove old refusals, and what killed writers have left */
void journal_prune(void);

#endif
