// SPDX-License-Identifier: GPL-2.0
#include "conf/model.h"

#include <stdlib.h>
#include <string.h>

/* Configurations are small; running out of memory for one is the end. */
static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

static void init_res(struct conf_res *r, const struct conf_type *type)
{
	int i;

	r->type = type;
	for (i = 0; i < CONF_MAX_PROPS && type->prop[i].name; i++)
		conf_res_set(r, i, type->prop[i].dflt);
}

static void clear_res(struct conf_res *r)
{
	int i;

	for (i = 0; i < CONF_MAX_PROPS; i++)
		free(r->val[i]);
}

struct conf *conf_new(void)
{
	struct conf *c = must(calloc(1, sizeof(*c)));

	init_res(&c->global, &conf_global);
	return c;
}

void conf_free(struct conf *c)
{
	struct conf_res *r, *next;

	if (!c)
		return;
	for (r = c->first; r; r = next) {
		next = r->next;
		conf_res_free(r);
	}
	clear_res(&c->global);
	free(c);
}

struct conf_res *conf_res_new(const struct conf_type *type)
{
	struct conf_res *r = must(calloc(1, sizeof(*r)));

	init_res(r, type);
	return r;
}

void conf_res_free(struct conf_res *r)
{
	if (!r)
		return;
	clear_res(r);
	free(r);
}

struct conf_res *conf_res_copy(const struct conf_res *r)
{
	struct conf_res *copy = conf_res_new(r->type);
	int i;

	for (i = 0; i < CONF_MAX_PROPS; i++)
		conf_res_set(copy, i, r->val[i]);
	return copy;
}

void conf_res_set(struct conf_res *r, int prop, const char *val)
{
	char *copy = val ? must(strdup(val)) : NULL;

	free(r->val[prop]);
	r->val[prop] = copy;
}

struct conf *conf_copy(const struct conf *c)
{
	struct conf *copy;
	const struct conf_res *r;
	int i;

	if (!c)
		return NULL;
	copy = conf_new();
	for (i = 0; i < CONF_MAX_PROPS; i++)
		conf_res_set(&copy->global, i, c->global.val[i]);
	for (r = c->first; r; r = r->next)
		conf_insert(copy, conf_res_copy(r));
	return copy;
}

bool conf_res_is(const struct conf_res *r, const char *prop, const char *value)
{
	const char *val = conf_res_get(r, prop);

	return val && !strcmp(val, value);
}

bool conf_matches(const struct conf_res *pattern, const struct conf_res *r)
{
	int i;

	if (r->type != pattern->type)
		return false;
	for (i = 0; i < CONF_MAX_PROPS; i++)
		if (pattern->val[i] && (!r->val[i] || strcmp(r->val[i], pattern->val[i])))
			return false;
	return true;
}

const char *conf_res_get(const struct conf_res *r, const char *prop)
{
	int i = conf_prop_find(r->type, prop);

	return i < 0 ? NULL : r->val[i];
}

static int compare_keys(const char *a, const char *b, enum conf_kind kind)
{
	uint64_t x, y;

	if (kind == CONF_NUMBER && conf_parse_number(a, &x) && conf_parse_number(b, &y))
		return x < y ? -1 : x > y;
	return strcmp(a, b);
}

/* Canonical order: by rank of the types, then by key. */
static bool sorts_after(const struct conf_res *a, const struct conf_res *b)
{
	int k = a->type->key;

	if (a->type != b->type)
		return a->type->rank > b->type->rank;
	if (k < 0 || !a->val[k] || !b->val[k])
		return false;
	return compare_keys(a->val[k], b->val[k], a->type->prop[k].kind) > 0;
}

void conf_insert(struct conf *c, struct conf_res *r)
{
	struct conf_res **at = &c->first;

	while (*at && !sorts_after(*at, r))
		at = &(*at)->next;
	r->next = *at;
	*at = r;
}

void conf_detach(struct conf *c, struct conf_res *r)
{
	struct conf_res **at = &c->first;

	while (*at && *at != r)
		at = &(*at)->next;
	if (*at)
		*at = r->next;
	r->next = NULL;
}

unsigned int conf_count(const struct conf *c, const struct conf_type *type)
{
	const struct conf_res *r;
	unsigned int n = 0;

	for (r = c->first; r; r = r->next)
		n += r->type == type;
	return n;
}

struct conf_res *conf_find(const struct conf *c, const struct conf_type *type,
			   int prop, const char *val)
{
	struct conf_res *r;

	for (r = c->first; r; r = r->next)
		if (r->type == type && r->val[prop] && !strcmp(r->val[prop], val))
			return r;
	return NULL;
}

struct conf_res *conf_first(const struct conf *c, const char *type)
{
	struct conf_res *r;

	for (r = c->first; r; r = r->next)
		if (!strcmp(r->type->name, type))
			return r;
	return NULL;
}

struct conf_res *conf_next(const struct conf_res *r)
{
	/* Resources of one type stand together. */
	return r->next && r->next->type == r->type ? r->next : NULL;
}
