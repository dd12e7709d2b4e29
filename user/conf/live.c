// SPDX-License-Identifier: GPL-2.0
#include "conf/live.h"

#include <stdio.h>
#include <string.h>

#include "conf/ports.h"

/* struct look - one comparison */
struct look {
	const struct conf *now;
	const struct conf *want;
	struct live_plan *p;
};

static struct conf_res *find(const struct conf *c, const struct conf_type *t, const char *id)
{
	return t->key < 0 ? conf_first(c, t->name) : conf_find(c, t, t->key, id);
}

static bool has_ports(const struct conf_type *t)
{
	return conf_prop_find(t, "port") >= 0;
}

static void print(struct live_step *s, const struct conf_change *c)
{
	static const char *const words[] = {
		[LIVE_REMOVE] = "Removing", [LIVE_CHANGE] = "Modifying", [LIVE_ADD] = "Adding",
	};
	const struct conf_type *t = c->type;
	const char *name = c->key ? t->prop[t->key].name : c->prop->name, *value = c->key ? c->key : c->to;

	snprintf(s->text, sizeof(s->text), "%s %s %s%s%.40s", words[s->how], t->name, name, value ? "=" : "",
		 value ? value : "");
}

static void add_step(struct live_plan *p, enum live_how how, const struct conf_change *c)
{
	struct live_step *s = &p->step[p->nr];
	const char *id = c->key ? c->key : "";
	unsigned int i;

	/* An interface may get several things of its link. */
	for (i = 0; i < p->nr; i++)
		if (p->step[i].how == how && p->step[i].type == c->type && !strcmp(p->step[i].id, id))
			return;
	if (p->nr == LIVE_MAX_STEPS)
		return;
	p->nr++;
	s->how = how;
	s->type = c->type;
	snprintf(s->id, sizeof(s->id), "%s", id);
	print(s, c);
}

/* What is at no port is there for good, and a CD drive is at none. */
static bool comes_and_goes(const struct look *l, const struct conf_change *c)
{
	if (!has_ports(c->type) || !c->key)
		return false;
	if (c->from)
		return conf_res_get(find(l->now, c->type, c->key), "port");
	return !conf_res_is(find(l->want, c->type, c->key), "cdrom", "true");
}

/* Wherever it is, is right where nothing else is said. */
static bool any_port(const struct conf_change *c)
{
	return !strcmp(c->prop->name, "port") && (!c->to || !strcmp(c->to, "auto"));
}

static void look(const struct conf_change *c, void *arg)
{
	const struct look *l = arg;

	if (c->prop ? c->prop->live : comes_and_goes(l, c))
		add_step(l->p, c->prop ? LIVE_CHANGE : c->from ? LIVE_REMOVE : LIVE_ADD, c);
	else if (c->class == CONF_LIVE)
		conf_list_add(c, &l->p->own);
	else if (!c->prop || !any_port(c))
		conf_list_add(c, &l->p->boot);
}

static void in_order(struct live_plan *p)
{
	struct live_step sorted[LIVE_MAX_STEPS];
	unsigned int n = 0, i;
	int how;

	for (how = LIVE_REMOVE; how <= LIVE_ADD; how++)
		for (i = 0; i < p->nr; i++)
			if ((int)p->step[i].how == how)
				sorted[n++] = p->step[i];
	memcpy(p->step, sorted, n * sizeof(sorted[0]));
}

void live_plan(const struct conf *now, const struct conf *want, struct live_plan *p)
{
	struct look l = { .now = now, .want = want, .p = p };

	memset(p, 0, sizeof(*p));
	p->boot.w = p->own.w = (struct conf_names){ "running", "wanted" };
	p->boot.want = p->own.want = CONF_ANY;
	conf_diff(now, want, look, &l);
	in_order(p);
}

static void take_live(struct conf_res *r, const struct conf_res *from)
{
	int i;

	for (i = 0; i < CONF_MAX_PROPS && r->type->prop[i].name; i++)
		if (r->type->prop[i].live)
			conf_res_set(r, i, from->val[i]);
}

static int take_new(struct conf *c, const struct conf_res *from, struct zkz_err *err)
{
	struct conf_res *r = conf_res_copy(from);

	if (!conf_res_get(r, "port"))
		conf_res_set(r, conf_prop_find(r->type, "port"), "auto");
	conf_insert(c, r);
	return conf_ports_assign(c, err);
}

struct conf *live_step(const struct conf *now, const struct conf *want, const struct live_step *s,
		       struct zkz_err *err)
{
	struct conf *c = conf_copy(now);
	struct conf_res *r = find(c, s->type, s->id);
	int rc = 0;

	if (s->how == LIVE_REMOVE) {
		conf_detach(c, r);
		conf_res_free(r);
	} else if (s->how == LIVE_CHANGE) {
		take_live(r, find(want, s->type, s->id));
	} else {
		rc = take_new(c, find(want, s->type, s->id), err);
	}
	if (!rc && !conf_check(c, err))
		return c;
	conf_free(c);
	return NULL;
}

bool live_keep_ports(struct conf *c, const struct conf *now)
{
	struct conf *kept = conf_copy(c);
	struct conf_res *r, *is;
	bool changed = false;

	for (r = kept->first; r; r = r->next) {
		int port = conf_prop_find(r->type, "port");

		is = port < 0 ? NULL : conf_find(now, r->type, r->type->key, r->val[r->type->key]);
		if (!is || !is->val[port] || r->val[port])
			continue;
		conf_res_set(r, port, is->val[port]);
		changed = true;
	}
	/* It may be configured for something that is to come. */
	changed = changed && !conf_check(kept, NULL);
	for (r = changed ? kept->first : NULL, is = c->first; r; r = r->next, is = is->next)
		if (conf_res_get(r, "port"))
			conf_res_set(is, conf_prop_find(r->type, "port"), conf_res_get(r, "port"));
	conf_free(kept);
	return changed;
}
