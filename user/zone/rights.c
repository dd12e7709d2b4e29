// SPDX-License-Identifier: GPL-2.0
#include "zone/rights.h"

#include <string.h>

#define BLANKS	" \t"

static const char *const texts[] = {
	[RIGHT_LOOK] = "look",
	[RIGHT_LOGIN] = "login",
	[RIGHT_MANAGE] = "manage",
	[RIGHT_MIGRATE] = "migrate",
	[RIGHT_CLONEFROM] = "clonefrom",
	[RIGHT_CONFIG] = "config",
	[RIGHT_ROOT] = "root",
};

const char *right_text(enum right r)
{
	return texts[r];
}

/* struct word - a part of a text */
struct word {
	const char *text;
	size_t len;
};

static bool is(const struct word *w, const char *text)
{
	return strlen(text) == w->len && !memcmp(w->text, text, w->len);
}

/* The next one of a line, whose rest @line becomes; false at its end. */
static bool next_word(struct word *line, const char *separators, struct word *w)
{
	while (line->len && strchr(separators, *line->text)) {
		line->text++;
		line->len--;
	}
	w->text = line->text;
	for (w->len = 0; w->len < line->len && !strchr(separators, w->text[w->len]); w->len++)
		;
	line->text += w->len;
	line->len -= w->len;
	return w->len > 0;
}

/* Those of Solaris have the names that they have there. */
static int right_of(struct word w)
{
	static const char *const before[] = { "zkz.zone.", "solaris.zone." };
	size_t i;
	int r;

	for (i = 0; i < 2; i++) {
		size_t len = strlen(before[i]);

		if (w.len > len && !memcmp(w.text, before[i], len)) {
			w.text += len;
			w.len -= len;
		}
	}
	for (r = RIGHT_LOGIN; r <= RIGHT_CONFIG; r++)
		if (is(&w, texts[r]))
			return r;
	return -1;
}

/* "manage,login". Return: 1 if @r is one of them, 0 if not, -1 if one is unknown. */
static int in_list(struct word list, enum right r)
{
	struct word w;
	int found = 0;

	while (next_word(&list, ",", &w)) {
		int one = right_of(w);

		if (one < 0)
			return -1;
		found |= one == (int)r;
	}
	return found;
}

static bool is_subject(const struct word *w, const struct rights_who *who)
{
	struct word group = { w->text + 1, w->len - 1 };
	unsigned int i;

	if (w->text[0] != '%')
		return is(w, who->user);
	for (i = 0; i < who->nr_groups; i++)
		if (is(&group, who->group[i]))
			return true;
	return false;
}

static bool covers(struct word zones, const char *zone)
{
	struct word w;

	if (!next_word(&zones, BLANKS, &w))
		return true;
	do {
		if (zone && is(&w, zone))
			return true;
	} while (next_word(&zones, BLANKS, &w));
	return false;
}

/* Return: 1 if the line grants it, 0 if not, -1 if it cannot be understood. */
static int in_line(struct word line, const struct rights_who *who, enum right r, const char *zone)
{
	struct word subject, list;
	int found;

	if (!next_word(&line, BLANKS, &subject) || subject.text[0] == '#')
		return 0;
	if (!next_word(&line, BLANKS, &list) || is(&subject, "%"))
		return -1;
	found = in_list(list, r);
	return found <= 0 ? found : is_subject(&subject, who) && covers(line, zone);
}

bool rights_in_text(const char *text, const struct rights_who *who, enum right r, const char *zone, unsigned int *bad)
{
	unsigned int number = 1;
	bool found = false;

	*bad = 0;
	for (; *text; number++) {
		struct word line = { text, strcspn(text, "\n") };
		int rc = in_line(line, who, r, zone);

		if (rc < 0 && !*bad)
			*bad = number;
		found |= rc > 0;
		text += line.len + (text[line.len] == '\n');
	}
	return found;
}

bool rights_in_conf(const struct conf *c, const char *user, enum right r)
{
	const struct conf_res *a;

	for (a = conf_first(c, "admin"); a; a = conf_next(a)) {
		const char *name = conf_res_get(a, "user"), *auths = conf_res_get(a, "auths");
		struct word list = { auths, auths ? strlen(auths) : 0 };

		if (name && !strcmp(name, user) && in_list(list, r) > 0)
			return true;
	}
	return false;
}

bool rights_same(const struct conf *a, const struct conf *b)
{
	const struct conf_res *x = a ? conf_first(a, "admin") : NULL, *y = b ? conf_first(b, "admin") : NULL;

	for (; x && y; x = conf_next(x), y = conf_next(y))
		if (!conf_matches(x, y) || !conf_matches(y, x))
			return false;
	return !x && !y;
}
