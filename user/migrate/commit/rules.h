/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who owns a zone while it changes hosts, as one table: what a side's record says,
 * and what it hears or what fails, give what it writes, says and does next. Pure.
 *
 * Workers of both hosts, the question after a broken migration, undoing, recovery
 * and keepers ask this table and nothing else. What is checked exhaustively
 * (selftests/unit/test_rules.c), modelled (selftests/spin) and drawn
 * (Documentation/ownership.rst) is made from it, too.
 *
 * Every rule must hold in any order of events, because any process, host or link may
 * fail between any two of them. A rule's write is durable before its word is said and
 * before the guest is touched.
 */
#ifndef ZKZ_MIGRATE_COMMIT_RULES_H
#define ZKZ_MIGRATE_COMMIT_RULES_H

#include <stddef.h>

/**
 * enum commit_standing - what a host's records say of one migration
 *
 * At the source:
 * @COMMIT_HERE:     the zone is this host's; GO was not said, or does not count
 * @COMMIT_UNSENT:   GO may have been said; the last byte of the devices has not left. This is
 *                   "in-doubt" with a mark that does not survive a power cut, and need not:
 *                   the guest's memory does not, either
 * @COMMIT_DOUBT:    the last byte may have left
 * @COMMIT_AWAY:     the target owns the zone
 *
 * At the target:
 * @COMMIT_NOTHING:  nothing is known of this migration
 * @COMMIT_COMING:   the zone is on its way here, or what came of it is not yet removed
 * @COMMIT_ARRIVED:  GO was taken; the guest may start here, and is not known to have run
 * @COMMIT_OWNER:    the zone was taken over, for good; it may have moved on since
 *
 * A refusal need not be written down: GO is taken by one worker alone, which has the
 * zone's lock until it is over, and a question is answered with that lock held.
 */
enum commit_standing {
#define STANDING(id, text) COMMIT_##id,
#include "migrate/commit/words.def"
	COMMIT_STANDINGS
};

/**
 * enum commit_event - what a side hears, or what happens to it
 *
 * At the source:
 * @COMMIT_GO_DUE:      GO will be said soon
 * @COMMIT_CALLED_OFF:  a failure, or the user, before GO was said
 * @COMMIT_SEND:        the target has committed: the last byte is about to leave
 * @COMMIT_HEARD_BACK:  the target says that it does not own the zone, and never will
 * @COMMIT_HEARD_RUNS:  the target says that it owns the zone and runs the guest
 * @COMMIT_HEARD_OWNED: the target says that it owns the zone; the guest does not run there
 * @COMMIT_SILENCE:     the target cannot be asked, or is another host
 *
 * At the target:
 * @COMMIT_BEGUN:       a migration to this host begins
 * @COMMIT_GO:          the source leaves the decision to us
 * @COMMIT_FAILED:      a failure before GO was taken, or the end of a worker that had not
 * @COMMIT_RUNS:        the guest was started. Said at once: a record may wait until the guest
 *                      has caught up with what it missed
 * @COMMIT_RAN:         the same, and now the record is due
 * @COMMIT_NEVER_RAN:   it was not, and cannot be any more
 * @COMMIT_LOST_SIGHT:  nobody here can tell whether it was
 * @COMMIT_ASKED:       the source asks; the last byte may have left. No worker and no guest
 *                      that may still start are left: that is found out before
 * @COMMIT_ASKED_UNSENT: the same, and the source knows that the last byte never left
 * @COMMIT_BYE:         the source has written down the end and will not ask
 *
 * At both:
 * @COMMIT_LOOK:        somebody looks what is to be done: a keeper whose worker is gone,
 *                      zkzd, or whoever is about to change the zone
 * @COMMIT_TAKE_HERE:   an administrator, or the wish to boot it, makes the zone this host's
 * @COMMIT_TAKE_AWAY:   an administrator gives it up to the other host
 */
enum commit_event {
#define EVENT(id, text) COMMIT_##id,
#include "migrate/commit/words.def"
	COMMIT_EVENTS,
	COMMIT_NO_EVENT = COMMIT_EVENTS
};

/**
 * enum commit_word - what is said to the other side
 * @COMMIT_SAY_NOTHING:   nothing
 * @COMMIT_SAY_ASK:       who owns the zone? Again and again until there is an answer
 * @COMMIT_SAY_COMMITTED: GO was taken: the last byte may leave
 * @COMMIT_SAY_LAST:      the last byte of the devices
 * @COMMIT_SAY_RUNS:      the zone is the target's, and its guest runs
 * @COMMIT_SAY_OWNED:     the zone is the target's, and its guest does not run
 * @COMMIT_SAY_LOST_SIGHT: the target does not know; the source asks, if it does not either
 * @COMMIT_SAY_BACK:      the zone is the source's
 * @COMMIT_SAY_BYE:       the source has written down the end
 */
enum commit_word {
#define WORD(id, text) COMMIT_SAY_##id,
#include "migrate/commit/words.def"
	COMMIT_WORDS
};

/**
 * enum commit_guest - what becomes of the guest, or of its copy, on this host
 * @COMMIT_GUEST_AS_IS: it is left alone
 * @COMMIT_GUEST_RUN:   it runs on, if it ran
 * @COMMIT_GUEST_STILL: it stays stopped
 * @COMMIT_GUEST_START: QEMU starts it by itself with the last byte: wait for that
 * @COMMIT_GUEST_END:   the copy is discarded
 */
enum commit_guest {
#define GUEST(id, text) COMMIT_GUEST_##id,
#include "migrate/commit/words.def"
	COMMIT_GUESTS
};

/**
 * struct commit_rule - a row
 * @standing: what the records say
 * @event:    what is heard or has failed
 * @write:    what they are to say, durably, before anything else is done; the standing
 *            itself where nothing is written
 * @say:      to the other side
 * @guest:    what becomes of it
 * @unless:   what has happened instead if the write is not durable: with what the records
 *            say then, the table is asked again. COMMIT_NO_EVENT: nothing is said, and
 *            the guest is left as it is; somebody will look again
 */
struct commit_rule {
	enum commit_standing standing;
	enum commit_event event;
	enum commit_standing write;
	enum commit_word say;
	enum commit_guest guest;
	enum commit_event unless;
};

extern const struct commit_rule commit_rules[];
extern const size_t commit_nr_rules;

/**
 * commit_rule() - what to do
 * @standing: what the records say
 * @event:    what is heard or has failed
 *
 * Return: the rule, or NULL if this cannot be: whoever sent it breaks the protocol.
 */
const struct commit_rule *commit_rule(enum commit_standing standing, enum commit_event event);

/** commit_standing_text() - "in doubt" */
const char *commit_standing_text(enum commit_standing s);

/** commit_event_text() - "GO is due" */
const char *commit_event_text(enum commit_event e);

/** commit_word_text() - "committed" */
const char *commit_word_text(enum commit_word w);

/** commit_guest_text() - "runs on" */
const char *commit_guest_text(enum commit_guest g);

#endif
