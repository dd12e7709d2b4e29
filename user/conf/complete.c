// SPDX-License-Identifier: GPL-2.0
#include "conf/complete.h"

#include <string.h>

#include "conf/commands.h"
#include "conf/multi.h"

#define MAX_WORDS	12

/**
 * struct line - the command that the cursor is in
 * @s:     session
 * @open:  type of the resource that is open there, NULL outside
 * @word:  words before the cursor's, up to MAX_WORDS
 * @nr:    how many
 * @begun: what there is of the cursor's word
 * @fn:    for words that fit
 * @arg:   for it
 */
struct line {
	const struct conf_session *s;
	const struct conf_type *open;
	struct lex_token word[MAX_WORDS];
	int nr;
	struct lex_token begun;
	conf_word_fn fn;
	void *arg;
};

static void offer(const struct line *l, const char *word, bool more)
{
	if (!strncmp(word, l->begun.text, strlen(l->begun.text)))
		l->fn(word, more, l->arg);
}

static bool is(const struct line *l, int i, const char *word)
{
	return i < l->nr && l->word[i].kind == LEX_WORD && !strcmp(l->word[i].text, word);
}

/* A command is whole: which resource is open behind it? */
static void follow(struct line *l)
{
	if (l->nr >= 2 && (is(l, 0, "add") || is(l, 0, "select")))
		l->open = conf_type_find(l->word[1].text);
	else if (is(l, 0, "end") || is(l, 0, "cancel"))
		l->open = NULL;
	l->nr = 0;
}

static bool ends_word(char c)
{
	return strchr(" \t\n;=", c) != NULL;
}

/* Cut the text into words; the last one is the cursor's, and may be empty. */
static bool take_words(struct line *l, const char *text)
{
	size_t len = strlen(text);
	struct lex_token t;
	struct lex lx;

	if (lex_init(&lx, text, len, NULL))
		return false;
	for (;;) {
		/* A quote that is still open is no word yet. */
		if (lex_next(&lx, &t, NULL))
			return false;
		if (t.kind == LEX_EOF)
			break;
		if (t.kind == LEX_END) {
			follow(l);
			continue;
		}
		if (l->nr == MAX_WORDS)
			return false;
		l->word[l->nr++] = t;
	}
	l->begun.text[0] = '\0';
	if (len && !ends_word(text[len - 1]) && l->nr)
		l->begun = l->word[--l->nr];
	return true;
}

static void offer_commands(const struct line *l, bool all)
{
	const struct conf_command *c;

	for (c = conf_commands; c->name; c++)
		if (all || (l->open ? c->inside : c->global))
			offer(l, c->name, false);
}

static void offer_types(const struct line *l)
{
	const struct conf_type *t;

	for (t = conf_types; t->name; t++)
		offer(l, t->name, false);
}

static void offer_props(const struct line *l, const struct conf_type *type, bool more)
{
	int i;

	for (i = 0; i < CONF_MAX_PROPS && type->prop[i].name; i++)
		offer(l, type->prop[i].name, more);
}

static void offer_lists(const struct line *l, const struct conf_type *type)
{
	int i;

	for (i = 0; i < CONF_MAX_PROPS && type->prop[i].name; i++)
		if (conf_is_multi(&type->prop[i]))
			offer(l, type->prop[i].name, false);
}

/* The keys of resources that there are: "device 0" */
static void offer_keys(const struct line *l, const struct conf_type *type)
{
	const struct conf_res *r;

	if (type->key < 0 || !l->s->conf)
		return;
	for (r = l->s->conf->first; r; r = r->next)
		if (r->type == type && r->val[type->key])
			offer(l, r->val[type->key], false);
}

static enum conf_outside offer_values(const struct line *l, const struct conf_type *type,
				      const char *name)
{
	int prop = type ? conf_prop_find(type, name) : -1;
	const struct conf_prop *p;
	const char *const *v;

	if (prop < 0)
		return CONF_OUTSIDE_NOTHING;
	p = &type->prop[prop];
	for (v = conf_values(p); v && *v; v++)
		offer(l, *v, false);
	if (p->kind == CONF_MAC || p->kind == CONF_PORT)
		offer(l, "auto", false);
	if (p->kind == CONF_LINK)
		return CONF_OUTSIDE_LINKS;
	if (p->kind == CONF_PATH)
		return CONF_OUTSIDE_FILES;
	return CONF_OUTSIDE_NOTHING;
}

static enum conf_outside offer_options(const struct line *l, const struct conf_command *c)
{
	char option[3] = "-";
	const char *o;

	if (is(l, l->nr - 1, "-f") && strstr(c->letters, "f:"))
		return CONF_OUTSIDE_FILES;
	if (is(l, l->nr - 1, "-t") && strstr(c->letters, "t:"))
		return CONF_OUTSIDE_TEMPLATES;
	/* They stand before all else. */
	if (l->nr > 1 && l->word[l->nr - 1].text[0] != '-')
		return CONF_OUTSIDE_NOTHING;
	for (o = c->letters; *o; o++) {
		option[1] = *o;
		if (*o != ':')
			offer(l, option, false);
	}
	return CONF_OUTSIDE_NOTHING;
}

/* Behind the name of a type: which one. */
static enum conf_outside offer_pattern(const struct line *l, const struct conf_type *type)
{
	if (l->nr >= 2 && l->word[l->nr - 1].kind == LEX_EQUALS)
		return offer_values(l, type, l->word[l->nr - 2].text);
	offer_keys(l, type);
	offer_props(l, type, true);
	return CONF_OUTSIDE_NOTHING;
}

/* Word @first is the type of a resource. */
static enum conf_outside offer_resource(const struct line *l, int first)
{
	const struct conf_type *named = l->nr > first ? conf_type_find(l->word[first].text) : NULL;

	if (named)
		return offer_pattern(l, named);
	if (l->nr == first)
		offer_types(l);
	return CONF_OUTSIDE_NOTHING;
}

static enum conf_outside offer_for(const struct line *l, const struct conf_command *c)
{
	const struct conf_type *of = l->open ? l->open : &conf_global;
	int first = is(l, 1, "-F") ? 2 : 1;
	const struct conf_type *named = l->nr > first ? conf_type_find(l->word[first].text) : NULL;
	enum conf_outside outside = offer_options(l, c);

	switch (c->takes) {
	case CONF_TAKES_NOTHING:
		break;
	case CONF_TAKES_ASSIGNMENT:
		if (l->nr == 3 && l->word[2].kind == LEX_EQUALS)
			return offer_values(l, of, l->word[1].text);
		if (l->nr == 1)
			offer_props(l, of, true);
		break;
	case CONF_TAKES_PROPERTY:
		if (l->nr == 1)
			offer_props(l, of, false);
		break;
	case CONF_TAKES_TYPE:
		if (l->nr == 2 && l->open)
			return offer_values(l, of, l->word[1].text);
		if (l->nr == 1 && l->open)
			offer_lists(l, of);
		else if (l->nr == 1)
			offer_types(l);
		break;
	case CONF_TAKES_REMOVED:
		if (!l->open)
			return offer_resource(l, first);
		if (l->nr == 1)
			offer_lists(l, of);
		break;
	case CONF_TAKES_PATTERN:
		return offer_resource(l, first);
	case CONF_TAKES_FILE:
		return l->nr == first ? CONF_OUTSIDE_FILES : CONF_OUTSIDE_NOTHING;
	case CONF_TAKES_ANYTHING:
		if (named)
			return offer_pattern(l, named);
		offer_props(l, of, false);
		offer_types(l);
		break;
	case CONF_TAKES_COMMAND:
		offer_commands(l, true);
		offer(l, conf_global.name, false);
		offer_types(l);
		offer_props(l, of, false);
		break;
	}
	return outside;
}

enum conf_outside conf_complete(const struct conf_session *s, const char *text,
				conf_word_fn fn, void *arg)
{
	struct line l = { .s = s, .open = s->open ? s->open->type : NULL, .fn = fn, .arg = arg };
	const struct conf_command *c;

	if (!take_words(&l, text))
		return CONF_OUTSIDE_NOTHING;
	if (!l.nr) {
		offer_commands(&l, false);
		return CONF_OUTSIDE_NOTHING;
	}
	c = conf_command_find(l.word[0].text);
	return c ? offer_for(&l, c) : CONF_OUTSIDE_NOTHING;
}
