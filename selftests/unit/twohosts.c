// SPDX-License-Identifier: GPL-2.0
#include "twohosts.h"

#include <string.h>

struct gap gap;
void (*reach)(const struct state *s);

static bool same(const struct state *a, const struct state *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static const struct commit_rule *rule_for(enum commit_standing st, enum commit_event ev)
{
	if (gap.changed && gap.rule.standing == st && gap.rule.event == ev)
		return &gap.rule;
	return commit_rule(st, ev);
}

/* How a write ends; and ENDS times how the next one does, which the first made necessary. */
enum end { DONE, NOT_DONE, NOT_DURABLE, ENDS };
#define END_PAIRS	(ENDS * ENDS)

static unsigned int failures(int end)
{
	return (end % ENDS != DONE) + (end / ENDS != DONE);
}

static void discard_source(struct state *s)
{
	if (s->s_guest == STOPPED && !s->s_lost && !s->sent && !s->t_ran && !s->t_booted)
		s->discarded = 1;
	s->s_guest = NONE;
}

/* Return: the rule that was carried out at last, or NULL. */
static const struct commit_rule *source(struct state *s, enum commit_event ev, int ends)
{
	const struct commit_rule *r = rule_for(s->s_now, ev);
	enum end end = ends % ENDS;

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
			return source(s, r->unless, ends / ENDS);
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

static const struct commit_rule *target(struct state *s, enum commit_event ev, int ends)
{
	const struct commit_rule *r = rule_for(s->t_now, ev);
	enum end end = ends % ENDS;

	if (!r)
		return NULL;
	if (r->write != s->t_now && end != DONE) {
		if (end == NOT_DURABLE)
			s->t_now = r->write;
		if (end == NOT_DONE || !gap.unsynced) {
			if (r->unless == COMMIT_NO_EVENT)
				return NULL;
			return target(s, r->unless, ends / ENDS);
		}
	} else if (r->write != s->t_now || r->say != COMMIT_SAY_NOTHING) {
		/* What is said is on disk, also if nothing had to be changed for it. */
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
static void source_asks(struct state *s, int ends)
{
	cut(s);
	source(s, COMMIT_SILENCE, ends);
	s->s_worker = ASKS;
}

static void source_hears(struct state *s, enum commit_word w, int ends)
{
	enum commit_event ev = w == COMMIT_SAY_RUNS ? COMMIT_HEARD_RUNS :
			       w == COMMIT_SAY_BACK ? COMMIT_HEARD_BACK : COMMIT_HEARD_OWNED;
	const struct commit_rule *r = source(s, ev, ends);

	if (ev == COMMIT_HEARD_OWNED && r && r->write == COMMIT_AWAY && s->t_disk != COMMIT_OWNER)
		s->stranded = 1;
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
static void ask(const struct state *was, int t_ends, int s_ends, bool elsewhere)
{
	struct state s = *was;
	bool unsent = s.s_now == COMMIT_UNSENT;
	const struct commit_rule *r;

	if (gap.blind)
		unsent = false;
	if (elsewhere) {
		/* It knows nothing of the migration. Only one that is asked by name may say so. */
		if (gap.any_host)
			source_hears(&s, COMMIT_SAY_BACK, s_ends);
		reach(&s);
		return;
	}
	/* Its worker has the zone's lock. */
	if (!s.link || !s.t_up || s.t_worker == WAITS_COMMIT || s.t_worker == WAITS_ANSWER)
		return;
	make_sure(&s, unsent);
	if (s.t_now == COMMIT_ARRIVED && s.t_guest == RUNS)
		target(&s, COMMIT_RAN, DONE);
	r = target(&s, unsent ? COMMIT_ASKED_UNSENT : COMMIT_ASKED, t_ends);
	if (r)
		source_hears(&s, r->say == COMMIT_SAY_OWNED && s.t_guest == RUNS && !s.t_booted ? COMMIT_SAY_RUNS :
			     r->say, s_ends);
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
	for (i = DONE; i < END_PAIRS; i++)
		for (j = DONE; j < END_PAIRS; j++) {
			struct state next = *s;

			if (failures(i) + failures(j) > s->faults)
				continue;
			next.faults -= failures(i) + failures(j);
			ask(&next, i, j, false);
		}
}

/* The next step of the source's worker, which ends so or so. */
static void source_step(const struct state *was, int ends)
{
	struct state s = *was;
	const struct commit_rule *r;

	switch ((enum worker)s.s_worker) {
	case PREPARES:
		r = source(&s, COMMIT_GO_DUE, ends);
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
			source(&s, COMMIT_CALLED_OFF, ends);
			s.s_worker = OVER;
		}
		break;
	case WAITS_COMMIT:
		if (!s.streams || s.answer) {
			bool back = s.answer == SAYS_BACK;

			if (back)
				source_hears(&s, COMMIT_SAY_BACK, ends);
			else
				source_asks(&s, ends);
		} else if (s.committed || gap.early) {
			s.committed = 0;
			r = source(&s, COMMIT_SEND, ends);
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
			source_hears(&s, COMMIT_SAY_RUNS, ends);
		else if (s.answer == SAYS_BACK)
			source_hears(&s, COMMIT_SAY_BACK, ends);
		else if (s.answer == SAYS_LOST && gap.unasked)
			source_hears(&s, COMMIT_SAY_OWNED, ends);
		else if (s.answer == SAYS_LOST || !s.streams)
			source_asks(&s, ends);
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

static void target_step(const struct state *was, int ends)
{
	struct state s = *was;
	const struct commit_rule *r;

	switch ((enum worker)s.t_worker) {
	case WAITS_COMMIT:
		if (s.go) {
			s.go = 0;
			r = target(&s, COMMIT_GO, ends);
			if (r && r->say == COMMIT_SAY_COMMITTED) {
				s.committed = s.streams;
				s.t_worker = WAITS_ANSWER;
			} else {
				answer(&s, r);
			}
		} else if (!s.streams) {
			target(&s, COMMIT_FAILED, ends);
			s.t_worker = OVER;
		}
		break;
	case WAITS_ANSWER:
		if (s.t_guest == WAITS && s.last)
			break;
		if (s.t_guest == RUNS) {
			answer(&s, target(&s, COMMIT_RUNS, ends));
		} else if (s.t_guest == NONE) {
			/* Unless its keeper told, nobody is left who has seen whether it ran. */
			answer(&s, target(&s, s.told || gap.hearsay ? COMMIT_NEVER_RAN : COMMIT_LOST_SIGHT, ends));
		} else if (!s.streams) {
			s.t_guest = NONE;
			answer(&s, target(&s, COMMIT_NEVER_RAN, ends));
		}
		break;
	default:
		/* A worker that is gone leaves the rest to the keeper and to zkzd. */
		if (s.t_now == COMMIT_COMING && s.t_up)
			target(&s, COMMIT_LOOK, ends);
		else if (s.t_now == COMMIT_ARRIVED && s.t_guest == WAITS && !s.last && !s.streams)
			make_sure(&s, false);
		else if (s.t_now == COMMIT_ARRIVED && s.t_guest == RUNS)
			target(&s, COMMIT_RAN, ends);
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

/* An administrator, or autoboot, starts a zone whose record allows it, and is on disk: that is made sure. */
static void boot(const struct state *was)
{
	struct state s = *was;

	if (s.s_up && s.s_guest == NONE && s.s_now == COMMIT_HERE) {
		s.s_disk = gap.unconfirmed ? s.s_disk : s.s_now;
		s.s_guest = RUNS;
		reach(&s);
		s = *was;
	}
	if (!s.t_up || s.t_guest != NONE || s.t_worker == WAITS_COMMIT || s.t_worker == WAITS_ANSWER)
		return;
	if (s.t_now == COMMIT_ARRIVED && !s.link)
		target(&s, COMMIT_TAKE_HERE, DONE);
	if (s.t_now == COMMIT_OWNER && !s.moved) {
		s.t_disk = gap.unconfirmed ? s.t_disk : s.t_now;
		s.t_guest = RUNS;
		s.t_booted = 1;
		reach(&s);
	}
}

/* The zone moves on: only a record that is final lets it, and the journal keeps the answer, on disk. */
static void move_on(const struct state *was)
{
	struct state s = *was;

	if (!s.t_up || s.t_guest != RUNS || s.t_now != COMMIT_OWNER || s.t_worker == WAITS_ANSWER)
		return;
	s.t_disk = gap.unconfirmed ? s.t_disk : s.t_now;
	s.t_guest = NONE;
	s.moved = 1;
	reach(&s);
}

void hosts_step(const struct state *s, bool faults)
{
	int ends;

	qemu_step(s);
	for (ends = DONE; ends < END_PAIRS; ends++) {
		struct state next = *s;

		if (failures(ends) > (faults ? s->faults : 0))
			continue;
		next.faults -= failures(ends);
		if (s->s_up)
			source_step(&next, ends);
		if (s->t_up)
			target_step(&next, ends);
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
	case 8:	/* QEMU of the source is killed, which takes the mark away; it may have given all to the worker */
		if (n.s_guest != STOPPED)
			return;
		n.s_guest = NONE;
		n.s_lost = 1;
		if (n.s_now == COMMIT_UNSENT)
			n.s_now = COMMIT_DOUBT;
		if (n.s_worker == PREPARES || n.s_worker == DOUBTED)
			n.streams = 0;
		break;
	case 9:	/* QEMU of the target ends, and its keeper tells that the guest has never run */
		if (n.t_guest != WAITS || n.t_worker != WAITS_ANSWER)
			return;
		n.t_guest = NONE;
		n.last = 0;
		n.told = 1;
		break;
	}
	reach(&n);
}

void hosts_others(const struct state *s)
{
	struct state n = *s;

	boot(s);
	move_on(s);
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

#define KINDS	10

void hosts_fail(const struct state *s)
{
	int which;

	for (which = 0; s->faults && which < KINDS; which++)
		fault(s, which);
}

struct state hosts_begin(unsigned int faults)
{
	return (struct state) {
		.faults = faults, .link = 1, .streams = 1,
		.s_up = 1, .s_now = COMMIT_HERE, .s_disk = COMMIT_HERE, .s_worker = PREPARES, .s_guest = RUNS,
		.t_up = 1, .t_now = COMMIT_COMING, .t_disk = COMMIT_COMING, .t_worker = WAITS_COMMIT, .t_guest = WAITS,
	};
}
