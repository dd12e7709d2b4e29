// SPDX-License-Identifier: GPL-2.0
#include "conf/diff.h"

#include <stdio.h>
#include <string.h>

/* Longest value that is shown; what follows is cut off. */
#define SHOWN	"%.120s"
/* For "; and 123 more" at the end of a list. */
#define MORE	24

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static const char *key_of(const struct conf_res *r)
{
	return r->type->key < 0 ? NULL : r->val[r->type->key];
}

/* The same resource in the other configuration, or NULL */
static struct conf_res *twin(const struct conf *c, const struct conf_res *r)
{
	if (r->type->key < 0)
		return conf_first(c, r->type->name);
	return key_of(r) ? conf_find(c, r->type, r->type->key, key_of(r)) : NULL;
}

static enum conf_class class_of(const struct conf_prop *p, const char *from, const char *to)
{
	return p->builds && !from != !to ? CONF_MACHINE : p->class;
}

static void diff_res(const struct conf_res *a, const struct conf_res *b, conf_change_fn fn, void *arg)
{
	const struct conf_type *t = a->type;
	int i;

	for (i = 0; i < CONF_MAX_PROPS && t->prop[i].name; i++) {
		struct conf_change c = {
			.type = t, .key = key_of(a), .prop = &t->prop[i],
			.from = a->val[i], .to = b->val[i],
		};

		if (same(c.from, c.to))
			continue;
		c.class = class_of(c.prop, c.from, c.to);
		fn(&c, arg);
	}
}

static void whole(const struct conf_res *r, bool in_first, conf_change_fn fn, void *arg)
{
	const struct conf_type *t = r->type;
	struct conf_change c = {
		.type = t, .key = key_of(r), .from = in_first ? "" : NULL, .to = in_first ? NULL : "",
		.class = t->prop[t->key < 0 ? 0 : t->key].class,
	};

	fn(&c, arg);
}

void conf_diff(const struct conf *from, const struct conf *to, conf_change_fn fn, void *arg)
{
	const struct conf_res *r, *other;

	diff_res(&from->global, &to->global, fn, arg);
	for (r = from->first; r; r = r->next) {
		other = twin(to, r);
		if (other)
			diff_res(r, other, fn, arg);
		else
			whole(r, true, fn, arg);
	}
	for (r = to->first; r; r = r->next)
		if (!twin(from, r))
			whole(r, false, fn, arg);
}

static void note(const struct conf_change *c, void *arg)
{
	(void)c;
	*(bool *)arg = true;
}

bool conf_same(const struct conf *a, const struct conf *b)
{
	bool differ = !a != !b;

	if (a && b)
		conf_diff(a, b, note, &differ);
	return !differ;
}

/* "device 3: ", "capped-memory: ", "" */
static void name_of(const struct conf_change *c, char *text, size_t size)
{
	if (c->type == &conf_global)
		text[0] = '\0';
	else if (c->key)
		snprintf(text, size, "%s %.64s: ", c->type->name, c->key);
	else
		snprintf(text, size, "%s: ", c->type->name);
}

const char *conf_change_text(const struct conf_change *c, const struct conf_names *w,
			     char *text, size_t size)
{
	char name[96];

	name_of(c, name, sizeof(name));
	if (c->prop)
		snprintf(text, size, "%s%s: " SHOWN " %s, " SHOWN " %s", name, c->prop->name,
			 c->from ? c->from : "not set", w->from, c->to ? c->to : "not set", w->to);
	else
		snprintf(text, size, "%sonly %s", name, c->from ? w->from : w->to);
	return text;
}

void conf_list_add(const struct conf_change *c, void *arg)
{
	struct conf_list *l = arg;
	size_t used = strlen(l->text);
	char one[512];

	if (!(l->want & CONF_BIT(c->class)))
		return;
	l->nr++;
	conf_change_text(c, &l->w, one, sizeof(one));
	if (!l->cut && used + strlen(one) + 2 < sizeof(l->text) - MORE) {
		snprintf(l->text + used, sizeof(l->text) - used, "%s%s", used ? "; " : "", one);
		return;
	}
	if (!l->cut++)
		l->end = used;
	snprintf(l->text + l->end, sizeof(l->text) - l->end, "%s%u more", l->end ? "; and " : "", l->cut);
}

/* Resources that are each host's own affair as a whole. */
static void keep_whole(struct conf *c, const struct conf *own)
{
	const struct conf_type *t;
	struct conf_res *r;

	for (t = conf_types; t->name; t++) {
		if (t->key >= 0 || t->prop[0].class != CONF_HOST)
			continue;
		while ((r = conf_first(c, t->name))) {
			conf_detach(c, r);
			conf_res_free(r);
		}
		r = own ? conf_first(own, t->name) : NULL;
		if (r)
			conf_insert(c, conf_res_copy(r));
	}
}

void conf_keep_host(struct conf *c, const struct conf *own)
{
	struct conf_res *r;
	int i;

	keep_whole(c, own);
	if (!own)
		return;
	for (r = c->first; r; r = r->next) {
		const struct conf_res *theirs = twin(own, r);

		for (i = 0; theirs && i < CONF_MAX_PROPS && r->type->prop[i].name; i++)
			if (r->type->prop[i].class == CONF_HOST)
				conf_res_set(r, i, theirs->val[i]);
	}
}

/* struct keep - what is changed, and by what */
struct keep {
	struct conf *c;
	const struct conf *from;
};

static struct conf_res *find(struct conf *c, const struct conf_change *change)
{
	const struct conf_type *t = change->type;

	if (t == &conf_global)
		return &c->global;
	return change->key ? conf_find(c, t, t->key, change->key) : conf_first(c, t->name);
}

/* So is what it can be given while it runs, but for what each host has of its own. */
static bool of_machine(const struct conf_change *change)
{
	return change->class == CONF_MACHINE || (change->prop && change->prop->live && change->class == CONF_BOOT);
}

static void keep_machine(const struct conf_change *change, void *arg)
{
	const struct keep *k = arg;
	struct conf_res *r;

	if (!of_machine(change))
		return;
	if (!change->prop && !change->from) {
		conf_insert(k->c, conf_res_copy(find((struct conf *)k->from, change)));
		return;
	}
	r = find(k->c, change);
	if (change->prop) {
		conf_res_set(r, (int)(change->prop - change->type->prop), change->to);
		return;
	}
	conf_detach(k->c, r);
	conf_res_free(r);
}

void conf_keep_machine(struct conf *c, const struct conf *from)
{
	struct keep k = { .c = c, .from = from };
	struct conf *before = conf_copy(c);

	conf_diff(before, from, keep_machine, &k);
	conf_free(before);
}
