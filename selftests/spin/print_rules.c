// SPDX-License-Identifier: GPL-2.0
/*
 * Prints the rules of migrate/commit/rules.h for those who do not read C:
 *
 *   print_rules --promela   numbers and the inline 'rule' of the model
 *   print_rules --rst       the tables and graphs of Documentation/ownership.rst
 */
#include <stdio.h>
#include <string.h>

#include "migrate/commit/rules.h"

static const char *const standings[] = {
#define STANDING(id, text) #id,
#include "migrate/commit/words.def"
};

static const char *const events[] = {
#define EVENT(id, text) #id,
#include "migrate/commit/words.def"
	[COMMIT_NO_EVENT] = "NO_EVENT",
};

static const char *const words[] = {
#define WORD(id, text) #id,
#include "migrate/commit/words.def"
};

static const char *const guests[] = {
#define GUEST(id, text) #id,
#include "migrate/commit/words.def"
};

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static void numbers(const char *prefix, const char *const *names, int n)
{
	int i;

	for (i = 0; i < n; i++)
		printf("#define %s_%s %d\n", prefix, names[i], i);
}

static void promela(void)
{
	size_t i;

	printf("/* Made by selftests/spin/print_rules from user/migrate/commit/rules.c. */\n");
	numbers("IS", standings, COUNT(standings));
	numbers("EV", events, COUNT(events));
	numbers("SAY", words, COUNT(words));
	numbers("GUEST", guests, COUNT(guests));
	printf("#define AT(standing, event) ((standing) * %d + (event))\n", COUNT(events));
	printf("#define CASES %d\n#define NO_RULE 255\n", COUNT(standings) * COUNT(events));
	printf("hidden byte rule_write[CASES], rule_say[CASES], rule_guest[CASES], rule_unless[CASES];\n");
	printf("inline load_rules()\n{\n\tbyte i;\n\tfor (i : 0 .. CASES - 1) { rule_write[i] = NO_RULE }\n");
	for (i = 0; i < commit_nr_rules; i++) {
		const struct commit_rule *r = &commit_rules[i];
		int at = (int)r->standing * COUNT(events) + (int)r->event;

		printf(";\trule_write[%d] = IS_%s; rule_say[%d] = SAY_%s; rule_guest[%d] = GUEST_%s; rule_unless[%d] = EV_%s\n",
		       at, standings[r->write], at, words[r->say], at, guests[r->guest], at, events[r->unless]);
	}
	printf("}\n");
}

static void row(const struct commit_rule *r)
{
	const char *word = commit_word_text(r->say), *guest = commit_guest_text(r->guest);

	printf("   * - %s\n     - %s\n     - %s\n     - %s\n     - %s\n     - %s\n", commit_standing_text(r->standing),
	       commit_event_text(r->event), r->write == r->standing ? "\\-" : commit_standing_text(r->write),
	       *word ? word : "\\-", *guest ? guest : "\\-",
	       r->unless == COMMIT_NO_EVENT ? "\\-" : commit_event_text(r->unless));
}

static void table(const char *title, enum commit_standing first, enum commit_standing last)
{
	size_t i;

	printf(".. list-table:: %s\n   :header-rows: 1\n\n", title);
	printf("   * - record says\n     - what happens\n     - writes\n     - says\n     - guest\n     - if not written\n");
	for (i = 0; i < commit_nr_rules; i++)
		if (commit_rules[i].standing >= first && commit_rules[i].standing <= last)
			row(&commit_rules[i]);
	printf("\n");
}

/* Which record may follow which, and why. */
static void graph(enum commit_standing first, enum commit_standing last)
{
	enum commit_standing from, to;
	size_t i;

	printf("::\n\n");
	for (from = first; from <= last; from++)
		for (to = COMMIT_HERE; to < COMMIT_STANDINGS; to++) {
			int nr = 0;

			for (i = 0; i < commit_nr_rules; i++) {
				const struct commit_rule *r = &commit_rules[i];

				if (r->standing != from || r->write != to || from == to)
					continue;
				if (!nr++)
					printf("   %-16s ---> %-16s  ", commit_standing_text(from),
					       commit_standing_text(to));
				printf("%s%s", nr > 1 ? "; " : "", commit_event_text(r->event));
			}
			if (nr)
				printf("\n");
		}
	printf("\n");
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--promela")) {
		promela();
		return 0;
	}
	if (argc != 2 || strcmp(argv[1], "--rst")) {
		fprintf(stderr, "usage: print_rules --promela|--rst\n");
		return 2;
	}
	graph(COMMIT_HERE, COMMIT_AWAY);
	graph(COMMIT_NOTHING, COMMIT_OWNER);
	table("The source", COMMIT_HERE, COMMIT_AWAY);
	table("The target", COMMIT_NOTHING, COMMIT_OWNER);
	return 0;
}
