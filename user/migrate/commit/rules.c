// SPDX-License-Identifier: GPL-2.0
#include "migrate/commit/rules.h"

#define AS_IS		COMMIT_GUEST_AS_IS
#define RUN		COMMIT_GUEST_RUN
#define STILL		COMMIT_GUEST_STILL
#define START		COMMIT_GUEST_START
#define END		COMMIT_GUEST_END
#define SAY(word)	COMMIT_SAY_##word
#define RULE(standing, event, write, say, guest, unless) \
	{ COMMIT_##standing, COMMIT_##event, COMMIT_##write, SAY(say), guest, COMMIT_##unless }

/*
 * The order is that of a migration that succeeds, first the source, then the target;
 * behind each step is what else may come there.
 */
const struct commit_rule commit_rules[] = {
	/* Source: until GO the zone is this host's, whatever fails. */
	RULE(HERE,	GO_DUE,		UNSENT,		NOTHING,	AS_IS,	CALLED_OFF),
	RULE(HERE,	CALLED_OFF,	HERE,		NOTHING,	RUN,	NO_EVENT),
	RULE(HERE,	LOOK,		HERE,		NOTHING,	RUN,	NO_EVENT),
	RULE(HERE,	TAKE_HERE,	HERE,		NOTHING,	RUN,	NO_EVENT),
	/* A guest that was let go again needs the record first; and GO may be due again. */
	RULE(UNSENT,	GO_DUE,		UNSENT,		NOTHING,	AS_IS,	NO_EVENT),
	RULE(UNSENT,	CALLED_OFF,	HERE,		NOTHING,	RUN,	SILENCE),
	/* Until here the guest cannot have started there, but only the target may say what it wrote down. */
	RULE(UNSENT,	SEND,		DOUBT,		LAST,		AS_IS,	SILENCE),
	RULE(UNSENT,	LOOK,		UNSENT,		ASK,		STILL,	NO_EVENT),
	RULE(UNSENT,	SILENCE,	UNSENT,		ASK,		STILL,	NO_EVENT),
	RULE(UNSENT,	HEARD_BACK,	HERE,		NOTHING,	RUN,	SILENCE),
	/* It was booted anew there: what is stopped here is old. */
	RULE(UNSENT,	HEARD_RUNS,	AWAY,		BYE,		END,	SILENCE),
	RULE(UNSENT,	HEARD_OWNED,	AWAY,		BYE,		END,	SILENCE),
	RULE(UNSENT,	TAKE_HERE,	HERE,		NOTHING,	RUN,	SILENCE),
	RULE(UNSENT,	TAKE_AWAY,	AWAY,		NOTHING,	END,	SILENCE),
	/* QEMU ended after it had given all to the worker: the mark went with the run of the zone. */
	RULE(DOUBT,	SEND,		DOUBT,		LAST,		AS_IS,	SILENCE),
	/* The target alone can tell. */
	RULE(DOUBT,	LOOK,		DOUBT,		ASK,		STILL,	NO_EVENT),
	RULE(DOUBT,	SILENCE,	DOUBT,		ASK,		STILL,	NO_EVENT),
	RULE(DOUBT,	HEARD_RUNS,	AWAY,		BYE,		END,	SILENCE),
	RULE(DOUBT,	HEARD_OWNED,	AWAY,		BYE,		END,	SILENCE),
	RULE(DOUBT,	HEARD_BACK,	HERE,		NOTHING,	RUN,	SILENCE),
	RULE(DOUBT,	TAKE_HERE,	HERE,		NOTHING,	RUN,	SILENCE),
	RULE(DOUBT,	TAKE_AWAY,	AWAY,		NOTHING,	END,	SILENCE),
	RULE(AWAY,	LOOK,		AWAY,		NOTHING,	END,	NO_EVENT),
	/* The other host is lost for good, somebody says. */
	RULE(AWAY,	TAKE_HERE,	HERE,		NOTHING,	AS_IS,	NO_EVENT),

	/* Target: until GO everything is undone, whatever fails. */
	RULE(NOTHING,	BEGUN,		COMING,		NOTHING,	AS_IS,	FAILED),
	RULE(NOTHING,	FAILED,		NOTHING,	NOTHING,	END,	NO_EVENT),
	RULE(NOTHING,	LOOK,		NOTHING,	NOTHING,	END,	NO_EVENT),
	RULE(NOTHING,	ASKED,		NOTHING,	BACK,		AS_IS,	NO_EVENT),
	RULE(NOTHING,	ASKED_UNSENT,	NOTHING,	BACK,		AS_IS,	NO_EVENT),
	RULE(COMING,	FAILED,		NOTHING,	NOTHING,	END,	NO_EVENT),
	RULE(COMING,	LOOK,		NOTHING,	NOTHING,	END,	NO_EVENT),
	RULE(COMING,	ASKED,		COMING,		BACK,		END,	NO_EVENT),
	RULE(COMING,	ASKED_UNSENT,	COMING,		BACK,		END,	NO_EVENT),
	/* The commit. A record that a power cut may take back again must not be spoken of. */
	RULE(COMING,	GO,		ARRIVED,	COMMITTED,	START,	NEVER_RAN),
	RULE(COMING,	NEVER_RAN,	COMING,		BACK,		END,	NO_EVENT),
	/* Takes no room on the disk: the record that was replaced is put back. */
	RULE(ARRIVED,	NEVER_RAN,	COMING,		BACK,		END,	NO_EVENT),
	RULE(ARRIVED,	RUNS,		ARRIVED,	RUNS,		RUN,	NO_EVENT),
	RULE(ARRIVED,	RAN,		OWNER,		NOTHING,	RUN,	NO_EVENT),
	RULE(ARRIVED,	LOST_SIGHT,	ARRIVED,	LOST_SIGHT,	AS_IS,	NO_EVENT),
	RULE(ARRIVED,	LOOK,		ARRIVED,	NOTHING,	START,	NO_EVENT),
	/* It may have run here and written to its disks: it is never resumed elsewhere. */
	RULE(ARRIVED,	ASKED,		OWNER,		OWNED,		AS_IS,	NO_EVENT),
	/* It cannot have run, and is complete there. */
	RULE(ARRIVED,	ASKED_UNSENT,	COMING,		BACK,		END,	NO_EVENT),
	RULE(ARRIVED,	BYE,		OWNER,		NOTHING,	AS_IS,	NO_EVENT),
	RULE(ARRIVED,	TAKE_HERE,	OWNER,		NOTHING,	AS_IS,	NO_EVENT),
	RULE(ARRIVED,	TAKE_AWAY,	COMING,		NOTHING,	END,	NO_EVENT),
	RULE(OWNER,	LOOK,		OWNER,		NOTHING,	RUN,	NO_EVENT),
	RULE(OWNER,	RAN,		OWNER,		NOTHING,	RUN,	NO_EVENT),
	RULE(OWNER,	ASKED,		OWNER,		OWNED,		AS_IS,	NO_EVENT),
	RULE(OWNER,	ASKED_UNSENT,	OWNER,		OWNED,		AS_IS,	NO_EVENT),
	RULE(OWNER,	BYE,		OWNER,		NOTHING,	AS_IS,	NO_EVENT),
	RULE(OWNER,	TAKE_HERE,	OWNER,		NOTHING,	AS_IS,	NO_EVENT),
};

const size_t commit_nr_rules = sizeof(commit_rules) / sizeof(commit_rules[0]);

const struct commit_rule *commit_rule(enum commit_standing standing, enum commit_event event)
{
	size_t i;

	for (i = 0; i < commit_nr_rules; i++)
		if (commit_rules[i].standing == standing && commit_rules[i].event == event)
			return &commit_rules[i];
	return NULL;
}

const char *commit_standing_text(enum commit_standing s)
{
	static const char *const texts[] = {
#define STANDING(id, text) text,
#include "migrate/commit/words.def"
	};

	return s < COMMIT_STANDINGS ? texts[s] : "?";
}

const char *commit_event_text(enum commit_event e)
{
	static const char *const texts[] = {
#define EVENT(id, text) text,
#include "migrate/commit/words.def"
	};

	return e < COMMIT_EVENTS ? texts[e] : "";
}

const char *commit_word_text(enum commit_word w)
{
	static const char *const texts[] = {
#define WORD(id, text) text,
#include "migrate/commit/words.def"
	};

	return w < COMMIT_WORDS ? texts[w] : "?";
}

const char *commit_guest_text(enum commit_guest g)
{
	static const char *const texts[] = {
#define GUEST(id, text) text,
#include "migrate/commit/words.def"
	};

	return g < COMMIT_GUESTS ? texts[g] : "?";
}
