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

#include "twohosts.h"
#include "unit.h"

#define FAULTS		6
#define MAX_STATES	(1u << 21)

static struct {
	struct state *at;
	unsigned int *from;	/* place of the state before, the first has itself */
	unsigned int *hash;	/* place + 1 by hash, 0 where there is none */
	unsigned int nr;
	unsigned int now;	/* place of the state whose steps are taken */
	const char *broken;
	unsigned int where;
} seen;

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

static unsigned int runners(const struct state *s)
{
	unsigned int n = s->moved;

	n += s->s_guest == RUNS;
	n += s->t_guest == RUNS;
	return n;
}

static void look_at(const struct state *s, unsigned int where)
{
	if (runners(s) > 1)
		broken("two hosts run the guest", where);
	if (s->stale)
		broken("a guest goes on that has run elsewhere meanwhile", where);
	if (s->discarded)
		broken("a complete guest was discarded", where);
	if (s->stranded)
		broken("the source has written off a zone that the target cannot boot", where);
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

		printf("#   source %s %s (disk %s) %s %s%s; target %s %s (disk %s) %s %s;"
		       " link %u streams %u:%s%s%s answer %u\n",
		       s->s_up ? "up" : "DOWN", commit_standing_text(s->s_now), commit_standing_text(s->s_disk),
		       workers[s->s_worker], guests[s->s_guest], s->sent ? " sent" : "", s->t_up ? "up" : "DOWN",
		       commit_standing_text(s->t_now), commit_standing_text(s->t_disk), workers[s->t_worker],
		       guests[s->t_guest], s->link, s->streams, s->go ? " GO" : "", s->committed ? " committed" : "",
		       s->last ? " last" : "", s->answer);
		if (seen.from[i] == i)
			break;
	}
}

static void remember(const struct state *s)
{
	unsigned int at = hash_of(s) & (2 * MAX_STATES - 1);

	for (; seen.hash[at]; at = (at + 1) & (2 * MAX_STATES - 1))
		if (!memcmp(&seen.at[seen.hash[at] - 1], s, sizeof(*s)))
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

static void explore(void)
{
	struct state begin = hosts_begin(FAULTS);
	unsigned int i;

	memset(seen.hash, 0, 2 * MAX_STATES * sizeof(*seen.hash));
	seen.nr = seen.now = 0;
	seen.broken = NULL;
	reach = remember;
	reach(&begin);
	for (i = 0; i < seen.nr && !seen.broken; i++) {
		struct state s = seen.at[i];

		seen.now = i;
		hosts_step(&s, true);
		hosts_others(&s);
		hosts_fail(&s);
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
		hosts_step(&s, false);
		if (!first.any)
			break;
		s = first.next;
	}
	return s.s_now != COMMIT_DOUBT && s.s_now != COMMIT_UNSENT && s.t_now != COMMIT_COMING &&
	       runners(&s) <= 1 && ((s.s_now == COMMIT_HERE) != (s.t_now == COMMIT_OWNER || s.t_now == COMMIT_ARRIVED));
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
	gap.unconfirmed = true;
	found("a zone is booted by a record that a power cut takes back");
	gap.hearsay = true;
	found("a guest is given back that nobody has seen not to run");
	gap.unasked = true;
	found("a guest out of sight is written off without a question");
	gap.early = true;
	found("the last byte does not wait for the commit");
	other_rule(COMMIT_ARRIVED, COMMIT_ASKED_UNSENT, COMMIT_OWNER, COMMIT_SAY_OWNED, COMMIT_GUEST_AS_IS,
		   COMMIT_NO_EVENT);
	found("a guest that never ran is kept");
	other_rule(COMMIT_ARRIVED, COMMIT_ASKED, COMMIT_COMING, COMMIT_SAY_BACK, COMMIT_GUEST_END, COMMIT_NO_EVENT);
	found("a guest that may have run is given back");
	other_rule(COMMIT_ARRIVED, COMMIT_LOST_SIGHT, COMMIT_COMING, COMMIT_SAY_BACK, COMMIT_GUEST_END,
		   COMMIT_NO_EVENT);
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
