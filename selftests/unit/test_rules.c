// SPDX-License-Identifier: GPL-2.0
/*
 * Every order of everything that can happen to the two hosts of a migration from the moment when GO is due, by the
 * rules that the programs use: each process dies, each host loses its power, the link breaks, each durable write is
 * not done or is taken back by a power cut, the question is asked by whoever may ask it, and another host answers at
 * the target's address. In every state that can be reached
 *
 *   - at most one of the hosts runs the guest;
 *   - a guest that is complete is discarded only if it may have run on the other host;
 *   - "successful" was said only if it did;
 *   - when nothing fails any more, the zone is one host's in the end, and nothing is in doubt.
 *
 * The last test takes rules back, one at a time, and sees that each loss is found.
 */
#include <stdio.h>
#include <stdlib.h>

#include "migrate/commit/rules.h"
#include "unit.h"

#define FAULTS		6
#define MAX_STATES	(1u << 21)

enum worker { PREPARES, DOUBTED, WAITS_COMMIT, WAITS_ANSWER, ASKS, OVER, DEAD };
enum guest { RUNS, STOPPED, WAITS, NONE };	/* WAITS: at the target, for the last byte */
enum answer { NO_ANSWER, SAYS_RUNS, SAYS_LOST, SAYS_BACK };

/* struct side - what a host has: seen now, and after a power cut */
struct state {
	unsigned int faults : 4;
	unsigned int link : 1;
	unsigned int s_up : 1;
	unsigned int s_now : 4;		/* enum commit_standing */
	unsigned int s_disk : 4;
	unsigned int s_worker : 3;
	unsigned int s_guest : 2;
	unsigned int s_lost : 1;	/* a power cut took the memory */
	unsigned int sent : 1;		/* the last byte */
	unsigned int success : 1;	/* the user was told so */
	unsigned int t_up : 1;
	unsigned int t_now : 4;
	unsigned int t_disk : 4;
	unsigned int t_worker : 3;
	unsigned int t_guest : 2;
	unsigned int t_ran : 1;		/* the guest that arrived has run */
	unsigned int t_booted : 1;	/* the zone was booted anew there */
	unsigned int go : 1;		/* on its way */
	unsigned int committed : 1;	/* likewise */
	unsigned int last : 1;		/* likewise */
	unsigned int answer : 2;	/* likewise */
	unsigned int streams : 1;	/* data connections hold */
	unsigned int discarded : 1;	/* a complete guest, without need */
	unsigned int moved : 1;		/* a third host got the zone from the target, and runs it */
	unsigned int stale : 1;		/* the source's guest goes on although it ran on the target */
};

/* What is different from the product, for the test of the test. */
static struct {
	struct commit_rule rule;	/* instead of the one for the same case, if @changed */
	bool changed;
	bool any_host;			/* whoever answers is believed */
	bool blind;			/* the question does not tell that the last byte never left */
	bool unsynced;			/* a write that is not durable counts as done */
	bool owned_is_success;		/* it is not asked whether the guest runs */
	bool early;			/* the last byte does not wait for "committed" */
} gap;

static struct {
	struct state *at;
	unsigned int *from;	/* place of the state before, the first has itself */
	unsigned int *hash;	/* place + 1 by hash, 0 where there is none */
	unsigned int nr;
	unsigned int now;	/* place of the state whose steps are taken */
	const char *broken;
	unsigned int where;
} seen;

static bool same(const struct state *a, const struct state *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static unsigned int hash_of(const struct state *s)
{
	const unsigned char *p = (const unsigned char *)s;
	unsigned int h = 2166136261u;
	size_t i;

	for (i = 0; i < sizeof(*s); i++)
		h = (h ^ p[i]) * 16777619u;
	return h;
}

static void broken(const char *what, unsigned int where)
{
	if (seen.broken)
		return;
	seen.broken = what;
	seen.where = where;
}

static void look_at(const struct state *s, unsigned int where)
{
	if ((s->s_guest == RUNS) + (s->t_guest == RUNS) + s->moved > 1)
		broken("two hosts run the guest", where);
	if (s->stale)
		broken("a guest goes on that has run elsewhere meanwhile", where);
	if (s->discarded)
		broken("a complete guest was discarded", where);
	if (s->success && !s->t_ran)
		broken("\"successful\" was said of a guest that never ran there", where);
}

/* How it came to that, last first. */
static void show_way(void)
{
	static const char *const workers[] = {
		"prepares", "doubted", "waits-commit", "waits-answer", "asks", "over", "dead",
	};
	static const char *const guests[] = { "runs", "stopped", "waits", "none" };
	unsigned int i = seen.where;

	for (;; i = seen.from[i]) {
		const struct state *s = &seen.at[i];

		printf("#   source %s %s (disk %s) %s %s%s; target %s %s (disk %s) %s %s; link %u streams %u:%s%s%s answer %u\n",
		       s->s_up ? "up" : "DOWN", commit_standing_text(s->s_now), commit_standing_text(s->s_disk),
		       workers[s->s_worker], guests[s->s_guest], s->sent ? " sent" : "", s->t_up ? "up" : "DOWN",
		       commit_standing_text(s->t_now), commit_standing_text(s->t_disk), workers[s->t_worker],
		       guests[s->t_guest], s->link, s->streams, s->go ? " GO" : "", s->committed ? " committed" : "",
		       s->last ? " last" : "", s->answer);
		if (seen.from[i] == i)
			break;
	}
}

/* Where a state that follows from another one goes. */
static void (*reach)(const struct state *s);

static void remember(const struct state *s)
{
	unsigned int at = hash_of(s) & (2 * MAX_STATES - 1);

	for (; seen.hash[at]; at = (at + 1) & (2 * MAX_STATES - 1))
		if (same(&seen.at[seen.hash[at] - 1], s))
			return;
	if (seen.nr == MAX_STATES) {
		broken("too many states", seen.now);
		return;
	}
	seen.at[seen.nr] = *s;
	seen.from[seen.nr] = seen.now;
	look_at(s, seen.nr);
	seen.hash[at] = ++seen.nr;
}

static const struct commit_rule *rule_for(enum commit_standing st, enum commit_event ev)
{
	if (gap.changed && gap.rule.standing == st && gap.rule.event == ev)
		return &gap.rule;
	return commit_rule(st, ev);
}

/* How a write ends. */
enum end { DONE, NOT_DONE, NOT_DURABLE, ENDS };

static void discard_source(struct state *s)
{
	if (s->s_guest == STOPPED && !s->s_lost && !s->sent && !s->t_ran && !s->t_booted)
		s->discarded = 1;
	s->s_guest = NONE;
}

/* Return: the rule that was carried out at last, or NULL. */
static const struct commit_rule *source(struct state *s, enum commit_event ev, enum end end)
{
	const struct commit_rule *r = rule_for(s->s_now, ev);

	if (!r)
		return NULL;
	/* What is no more than a file in memory is done, or it is not. */
	if (ev == COMMIT_SEND && end == NOT_DURABLE)
		end = DONE;
	if (r->write != s->s_now && end != DONE) {
		if (end == NOT_DURABLE)
			s->s_now = r->write;
		if (end == NOT_DONE || !gap.unsynced) {
			if (r->unless == COMMIT_NO_EVENT)
				return NULL;
			return source(s, r->unless, DONE);
		}
	} else {
		s->s_now = r->write;
		/* The mark that tells them apart is no more than a file in memory. */
		s->s_disk = r->write == COMMIT_UNSENT ? COMMIT_DOUBT : r->write;
	}
	if (r->guest == COMMIT_GUEST_RUN && s->s_guest == STOPPED) {
		s->s_guest = RUNS;
		s->stale = s->t_ran || s->t_booted;
	}
	if (r->guest == COMMIT_GUEST_STILL && s->s_guest == RUNS)
		s->s_guest = STOPPED;
	else if (r->guest == COMMIT_GUEST_END)
		discard_source(s);
	return r;
}

static const struct commit_rule *target(struct state *s, enum commit_event ev, enum end end)
{
	const struct commit_rule *r = rule_for(s->t_now, ev);

	if (!r)
		return NULL;
	if (r->write != s->t_now && end != DONE) {
		if (end == NOT_DURABLE)
			s->t_now = r->write;
		if (end == NOT_DONE || !gap.unsynced) {
			if (r->unless == COMMIT_NO_EVENT)
				return NULL;
			return target(s, r->unless, DONE);
		}
	} else {
		s->t_now = s->t_disk = r->write;
	}
	if (r->guest == COMMIT_GUEST_END)
		s->t_guest = NONE;
	return r;
}

/* Data connections end with any process at either end of them. The last byte may have got to the target's host. */
static void cut(struct state *s)
{
	s->streams = 0;
	s->go = s->committed = 0;
	s->answer = NO_ANSWER;
}

/* The source's worker gives up, after GO. */
static void source_asks(struct state *s, enum end end)
{
	cut(s);
	source(s, COMMIT_SILENCE, end);
	s->s_worker = ASKS;
}

static void source_hears(struct state *s, enum commit_word w, enum end end)
{
	enum commit_event ev = w == COMMIT_SAY_RUNS ? COMMIT_HEARD_RUNS :
			       w == COMMIT_SAY_BACK ? COMMIT_HEARD_BACK : COMMIT_HEARD_OWNED;
	const struct commit_rule *r = source(s, ev, end);

	if (ev == COMMIT_HEARD_RUNS || (ev == COMMIT_HEARD_OWNED && gap.owned_is_success))
		s->success = s->s_worker != DEAD;
	if (r && r->say == COMMIT_SAY_BYE && s->t_up && s->link && s->t_worker != DEAD)
		target(s, COMMIT_BYE, DONE);
	if (s->s_worker != DEAD)
		s->s_worker = OVER;
}

/* What the target's workers and keepers find out before they answer: nothing of it may start later. */
static void make_sure(struct state *s, bool unsent)
{
	if (s->t_now != COMMIT_ARRIVED || s->t_guest != WAITS)
		return;
	if (s->last && !unsent) {
		s->last = 0;
		s->t_guest = RUNS;
		s->t_ran = 1;
	} else {
		s->t_guest = NONE;
		target(s, unsent ? COMMIT_LOST_SIGHT : COMMIT_NEVER_RAN, DONE);
	}
}

/* Somebody on the source asks: its worker, or zkzd. */
static void ask(const struct state *was, enum end t_end, enum end s_end, bool elsewhere)
{
	struct state s = *was;
	bool unsent = s.s_now == COMMIT_UNSENT;
	const struct commit_rule *r;

	if (gap.blind)
		unsent = false;
	if (elsewhere) {
		/* It knows nothing of the migration. Only one that is asked by name may say so. */
		if (gap.any_host)
			source_hears(&s, COMMIT_SAY_BACK, s_end);
		reach(&s);
		return;
	}
	/* Its worker has the zone's lock. */
	if (!s.link || !s.t_up || s.t_worker == WAITS_COMMIT || s.t_worker == WAITS_ANSWER)
		return;
	make_sure(&s, unsent);
	if (s.t_now == COMMIT_ARRIVED && s.t_guest == RUNS)
		target(&s, COMMIT_RUNS, DONE);
	r = target(&s, unsent ? COMMIT_ASKED_UNSENT : COMMIT_ASKED, t_end);
	if (r)
		source_hears(&s, r->say == COMMIT_SAY_OWNED && s.t_guest == RUNS && !s.t_booted ? COMMIT_SAY_RUNS :
			     r->say, s_end);
	reach(&s);
}

static void asks(const struct state *s, bool faults)
{
	int i, j;

	if (!s->s_up || (s->s_now != COMMIT_DOUBT && s->s_now != COMMIT_UNSENT))
		return;
	if (s->s_worker != ASKS && s->s_worker != DEAD && s->s_worker != OVER)
		return;
	ask(s, DONE, DONE, false);
	if (!faults || !s->faults)
		return;
	ask(s, DONE, DONE, true);
	for (i = DONE; i < ENDS; i++)
		for (j = DONE; j < ENDS; j++) {
			struct state next = *s;

			next.faults--;
			ask(&next, i, j, false);
		}
}

/* The next step of the source's worker, which ends so or so. */
static void source_step(const struct state *was, enum end end)
{
	struct state s = *was;
	const struct commit_rule *r;

	switch ((enum worker)s.s_worker) {
	case PREPARES:
		r = source(&s, COMMIT_GO_DUE, end);
		s.s_worker = r && r->event == COMMIT_GO_DUE ? DOUBTED : OVER;
		if (s.s_worker == OVER)
			cut(&s);
		break;
	case DOUBTED:
		if (s.s_guest == RUNS) {
			s.s_guest = STOPPED;
		} else if (s.streams) {
			s.go = 1;
			s.s_worker = WAITS_COMMIT;
		} else {
			source(&s, COMMIT_CALLED_OFF, end);
			s.s_worker = OVER;
		}
		break;
	case WAITS_COMMIT:
		if (!s.streams || s.answer) {
			bool back = s.answer == SAYS_BACK;

			if (back)
				source_hears(&s, COMMIT_SAY_BACK, end);
			else
				source_asks(&s, end);
		} else if (s.committed || gap.early) {
			s.committed = 0;
			r = source(&s, COMMIT_SEND, end);
			if (r && r->say == COMMIT_SAY_LAST) {
				s.sent = s.last = 1;
				s.s_worker = WAITS_ANSWER;
			} else {
				source_asks(&s, DONE);
			}
		}
		break;
	case WAITS_ANSWER:
		if (s.answer == SAYS_RUNS)
			source_hears(&s, COMMIT_SAY_RUNS, end);
		else if (s.answer == SAYS_BACK)
			source_hears(&s, COMMIT_SAY_BACK, end);
		else if (s.answer == SAYS_LOST)
			source_hears(&s, COMMIT_SAY_OWNED, end);
		else if (!s.streams)
			source_asks(&s, end);
		break;
	default:
		break;
	}
	if (!same(&s, was))
		reach(&s);
}

static void answer(struct state *s, const struct commit_rule *r)
{
	if (!r || !s->streams) {
		cut(s);
	} else {
		s->answer = r->say == COMMIT_SAY_RUNS ? SAYS_RUNS : r->say == COMMIT_SAY_BACK ? SAYS_BACK : SAYS_LOST;
	}
	s->t_worker = OVER;
}

static void target_step(const struct state *was, enum end end)
{
	struct state s = *was;
	const struct commit_rule *r;

	switch ((enum worker)s.t_worker) {
	case WAITS_COMMIT:
		if (s.go) {
			s.go = 0;
			r = target(&s, COMMIT_GO, end);
			if (r && r->say == COMMIT_SAY_COMMITTED) {
				s.committed = s.streams;
				s.t_worker = WAITS_ANSWER;
			} else {
				answer(&s, r);
			}
		} else if (!s.streams) {
			target(&s, COMMIT_FAILED, end);
			s.t_worker = OVER;
		}
		break;
	case WAITS_ANSWER:
		if (s.t_guest == WAITS && s.last)
			break;
		if (s.t_guest == RUNS) {
			answer(&s, target(&s, COMMIT_RUNS, end));
		} else if (s.t_guest == NONE) {
			/* Nobody is left who has seen whether it ran. */
			answer(&s, target(&s, COMMIT_LOST_SIGHT, end));
		} else if (!s.streams) {
			s.t_guest = NONE;
			answer(&s, target(&s, COMMIT_NEVER_RAN, end));
		}
		break;
	default:
		/* A worker that is gone leaves the rest to the keeper and to zkzd. */
		if (s.t_now == COMMIT_COMING && s.t_up)
			target(&s, COMMIT_LOOK, end);
		else if (s.t_now == COMMIT_ARRIVED && s.t_guest == WAITS && !s.last && !s.streams)
			make_sure(&s, false);
		else if (s.t_now == COMMIT_ARRIVED && s.t_guest == RUNS)
			target(&s, COMMIT_RUNS, end);
		break;
	}
	if (!same(&s, was))
		reach(&s);
}

/* QEMU starts the guest when it has the last byte, whatever anybody else does. */
static void qemu_step(const struct state *was)
{
	struct state s = *was;

	if (!s.last || s.t_guest != WAITS)
		return;
	s.last = 0;
	s.t_guest = RUNS;
	s.t_ran = 1;
	reach(&s);
}

/* The source's keeper looks at the record when its worker is gone. */
static void keeper_step(const struct state *was)
{
	struct state s = *was;

	if (s.s_up && (s.s_worker == DEAD || s.s_worker == OVER) && s.s_guest != NONE) {
		source(&s, COMMIT_LOOK, DONE);
		if (!same(&s, was))
			reach(&s);
	}
}

/* An administrator, or autoboot, starts a zone whose record allows it. */
static void boot(const struct state *was)
{
	struct state s = *was;

	if (s.s_up && s.s_guest == NONE && s.s_now == COMMIT_HERE) {
		s.s_guest = RUNS;
		reach(&s);
		s = *was;
	}
	if (!s.t_up || s.t_guest != NONE || s.t_worker == WAITS_COMMIT || s.t_worker == WAITS_ANSWER)
		return;
	if (s.t_now == COMMIT_ARRIVED && !s.link)
		target(&s, COMMIT_TAKE_HERE, DONE);
	if (s.t_now == COMMIT_OWNER && !s.moved) {
		s.t_guest = RUNS;
		s.t_booted = 1;
		reach(&s);
	}
}

/* The zone moves on: only a record that is final lets it, and the journal keeps the answer. */
static void move_on(const struct state *was)
{
	struct state s = *was;

	if (!s.t_up || s.t_guest != RUNS || s.t_now != COMMIT_OWNER || s.t_worker == WAITS_ANSWER)
		return;
	s.t_guest = NONE;
	s.moved = 1;
	reach(&s);
}

static void steps(const struct state *s, bool faults)
{
	int end;

	qemu_step(s);
	for (end = DONE; end < (faults && s->faults ? ENDS : 1); end++) {
		struct state next = *s;

		if (end != DONE)
			next.faults--;
		if (s->s_up)
			source_step(&next, end);
		if (s->t_up)
			target_step(&next, end);
	}
	keeper_step(s);
	asks(s, faults);
}

static void power_cut_source(struct state *s)
{
	cut(s);
	s->s_now = s->s_disk;
	s->s_worker = DEAD;
	s->s_guest = NONE;
	s->s_lost = 1;
	s->s_up = 0;
}

static void power_cut_target(struct state *s)
{
	cut(s);
	s->last = 0;
	s->t_now = s->t_disk;
	s->t_worker = DEAD;
	s->t_guest = NONE;
	s->t_up = 0;
}

static void fault(const struct state *s, int which)
{
	struct state n = *s;

	n.faults--;
	switch (which) {
	case 0:	/* the source's worker is killed */
		if (n.s_worker == DEAD)
			return;
		cut(&n);
		n.s_worker = DEAD;
		break;
	case 1:	/* the target's worker is killed */
		if (n.t_worker == DEAD)
			return;
		cut(&n);
		n.t_worker = DEAD;
		break;
	case 2:	/* QEMU or the keeper of the target is killed */
		if (n.t_guest == NONE)
			return;
		n.t_guest = NONE;
		n.last = 0;
		break;
	case 3:
		if (!n.link)
			return;
		cut(&n);
		n.link = 0;
		break;
	case 4:
		if (!n.s_up)
			return;
		power_cut_source(&n);
		break;
	case 5:
		if (!n.t_up)
			return;
		power_cut_target(&n);
		break;
	case 6:	/* the last byte does not arrive */
		if (!n.last || n.streams)
			return;
		n.last = 0;
		break;
	case 7:	/* QEMU of the source fails, or a deadline passes */
		if (!n.streams || n.s_worker == OVER || n.s_worker == DEAD)
			return;
		n.streams = 0;
		break;
	}
	reach(&n);
}

static void recover_from(const struct state *s)
{
	struct state n = *s;

	if (!n.link) {
		n.link = 1;
		reach(&n);
		n = *s;
	}
	if (!n.s_up) {
		n.s_up = 1;
		reach(&n);
		n = *s;
	}
	if (!n.t_up) {
		n.t_up = 1;
		reach(&n);
	}
}

static void explore(void)
{
	static const struct state begin = {
		.faults = FAULTS, .link = 1, .s_up = 1, .s_now = COMMIT_HERE, .s_disk = COMMIT_HERE, .s_worker = PREPARES,
		.s_guest = RUNS, .t_up = 1, .t_now = COMMIT_COMING, .t_disk = COMMIT_COMING, .t_worker = WAITS_COMMIT,
		.t_guest = WAITS, .streams = 1,
	};
	unsigned int i;
	int which;

	memset(seen.hash, 0, 2 * MAX_STATES * sizeof(*seen.hash));
	seen.nr = seen.now = 0;
	seen.broken = NULL;
	reach = remember;
	reach(&begin);
	for (i = 0; i < seen.nr && !seen.broken; i++) {
		struct state s = seen.at[i];

		seen.now = i;
		steps(&s, true);
		boot(&s);
		move_on(&s);
		recover_from(&s);
		for (which = 0; s.faults && which < 8; which++)
			fault(&s, which);
	}
}

static struct {
	struct state next;
	bool any;
} first;

static void keep_first(const struct state *s)
{
	if (!first.any)
		first.next = *s;
	first.any = true;
}

/* From here on nothing fails and everything is up: one way on is enough. */
static bool ends_well(struct state s)
{
	int turns;

	s.link = s.s_up = s.t_up = 1;
	reach = keep_first;
	for (turns = 0; turns < 40; turns++) {
		first.any = false;
		steps(&s, false);
		if (!first.any)
			break;
		s = first.next;
	}
	return s.s_now != COMMIT_DOUBT && s.s_now != COMMIT_UNSENT && s.t_now != COMMIT_COMING &&
	       (s.s_guest == RUNS) + (s.t_guest == RUNS) + s.moved <= 1 &&
	       ((s.s_now == COMMIT_HERE) != (s.t_now == COMMIT_OWNER || s.t_now == COMMIT_ARRIVED));
}

static const char *check(void)
{
	unsigned int i;

	explore();
	for (i = 0; i < seen.nr && !seen.broken; i++)
		if (!ends_well(seen.at[i]))
			broken("a zone stays in doubt, or is nobody's", i);
	return seen.broken;
}

static bool setup(void)
{
	seen.at = malloc(MAX_STATES * sizeof(*seen.at));
	seen.hash = malloc(2 * MAX_STATES * sizeof(*seen.hash));
	seen.from = malloc(MAX_STATES * sizeof(*seen.from));
	memset(&gap, 0, sizeof(gap));
	return seen.at && seen.hash && seen.from;
}

static void teardown(void)
{
	free(seen.at);
	free(seen.hash);
	free(seen.from);
}

TEST(nobody_is_doubled_or_lost)
{
	NEED(setup());
	CHECK_STR(check() ? seen.broken : "nothing", "nothing");
	if (seen.broken)
		show_way();
	printf("# %u states\n", seen.nr);
	CHECK(seen.nr > 1000);
	teardown();
}

/* Each is a fault that the protocol once had, or could have. */
static void found(const char *what)
{
	unit_check(check() != NULL, __FILE__, __LINE__, "%s: not found", what);
	printf("# %s: %s\n", what, seen.broken ? seen.broken : "-");
	memset(&gap, 0, sizeof(gap));
}

static void other_rule(enum commit_standing st, enum commit_event ev, enum commit_standing write,
		       enum commit_word say, enum commit_guest guest, enum commit_event unless)
{
	gap.rule = (struct commit_rule){ st, ev, write, say, guest, unless };
	gap.changed = true;
}

TEST(what_was_wrong_once_is_found)
{
	NEED(setup());
	gap.any_host = true;
	found("another host answers");
	gap.blind = true;
	found("the question does not say that the last byte never left");
	gap.unsynced = true;
	found("a commit that a power cut takes back counts");
	gap.owned_is_success = true;
	found("owned is taken for success");
	gap.early = true;
	found("the last byte does not wait for the commit");
	other_rule(COMMIT_ARRIVED, COMMIT_ASKED_UNSENT, COMMIT_OWNER, COMMIT_SAY_OWNED, COMMIT_GUEST_AS_IS,
		   COMMIT_NO_EVENT);
	found("a guest that never ran is kept");
	other_rule(COMMIT_ARRIVED, COMMIT_ASKED, COMMIT_COMING, COMMIT_SAY_BACK, COMMIT_GUEST_END, COMMIT_NO_EVENT);
	found("a guest that may have run is given back");
	other_rule(COMMIT_ARRIVED, COMMIT_LOST_SIGHT, COMMIT_COMING, COMMIT_SAY_BACK, COMMIT_GUEST_END, COMMIT_NO_EVENT);
	found("a guest out of sight is given back");
	other_rule(COMMIT_OWNER, COMMIT_ASKED, COMMIT_OWNER, COMMIT_SAY_BACK, COMMIT_GUEST_AS_IS, COMMIT_NO_EVENT);
	found("an owner says that it is none");
	other_rule(COMMIT_DOUBT, COMMIT_LOOK, COMMIT_HERE, COMMIT_SAY_NOTHING, COMMIT_GUEST_RUN, COMMIT_NO_EVENT);
	found("the source goes on by itself after GO");
	other_rule(COMMIT_DOUBT, COMMIT_SILENCE, COMMIT_HERE, COMMIT_SAY_NOTHING, COMMIT_GUEST_RUN, COMMIT_NO_EVENT);
	found("no answer counts as a refusal");
	other_rule(COMMIT_HERE, COMMIT_GO_DUE, COMMIT_HERE, COMMIT_SAY_NOTHING, COMMIT_GUEST_AS_IS, COMMIT_CALLED_OFF);
	found("GO without a record");
	other_rule(COMMIT_COMING, COMMIT_GO, COMMIT_COMING, COMMIT_SAY_COMMITTED, COMMIT_GUEST_START, COMMIT_NEVER_RAN);
	found("committed without a record");
	other_rule(COMMIT_COMING, COMMIT_LOOK, COMMIT_COMING, COMMIT_SAY_NOTHING, COMMIT_GUEST_AS_IS, COMMIT_NO_EVENT);
	found("what a dead worker leaves is not undone");
	teardown();
}
