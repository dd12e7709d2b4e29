// SPDX-License-Identifier: GPL-2.0
/* The commands that open, close and remove a resource. */
#include "conf/commands.h"

#include <stdio.h>
#include <string.h>

#include "conf/syntax.h"

static int read_type(struct lex *lx, const struct conf_type **type,
		     struct zkz_err *err)
{
	struct lex_token t;

	if (lex_next(lx, &t, err))
		return -1;
	*type = t.kind == LEX_WORD ? conf_type_find(t.text) : NULL;
	if (*type)
		return 0;
	err_config_type(err);
	return conf_bad_token(&t, err);
}

/* A new anet or device gets the lowest free number until it is told another. */
static void propose_key(struct conf_session *s, struct conf_res *r)
{
	int k = r->type->key;
	char text[8];
	uint64_t i;

	if (k < 0 || r->type->prop[k].kind != CONF_NUMBER)
		return;
	for (i = r->type->prop[k].min; i <= r->type->prop[k].max; i++) {
		snprintf(text, sizeof(text), "%u", (unsigned int)i);
		if (!conf_find(s->conf, r->type, k, text)) {
			conf_res_set(r, k, text);
			return;
		}
	}
}

int conf_cmd_add(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	const struct conf_type *type;

	if (conf_need_conf(s, err) || read_type(lx, &type, err) ||
	    conf_end_of_command(lx, err))
		return -1;
	if (conf_count(s->conf, type) >= type->max)
		return err_config_too_many(err, s->line, s->zone, type->max, type->name);
	s->open = conf_res_new(type);
	s->origin = NULL;
	propose_key(s, s->open);
	return 0;
}

int conf_cmd_end(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	const struct conf_type *type = s->open->type;
	struct conf_res *twin = NULL;
	int k = type->key;

	if (conf_end_of_command(lx, err))
		return -1;
	if (conf_check_res(s->open, err))
		return err_config_token(err, s->line, "end");
	if (k >= 0)
		twin = conf_find(s->conf, type, k, s->open->val[k]);
	if (twin && twin != s->origin) {
		err_config_twin(err, type->name, type->prop[k].name, s->open->val[k]);
		return err_config_token(err, s->line, "end");
	}
	if (s->origin) {
		conf_detach(s->conf, s->origin);
		conf_res_free(s->origin);
	}
	conf_insert(s->conf, s->open);
	s->open = s->origin = NULL;
	s->changed = true;
	return 0;
}

int conf_cmd_cancel(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	if (conf_end_of_command(lx, err))
		return -1;
	conf_res_free(s->open);
	s->open = s->origin = NULL;
	return 0;
}

/* A pattern is a resource where unset properties match anything. */
static bool matches(const struct conf_res *pattern, const struct conf_res *r)
{
	int i;

	if (r->type != pattern->type)
		return false;
	for (i = 0; i < CONF_MAX_PROPS; i++)
		if (pattern->val[i] && (!r->val[i] || strcmp(r->val[i], pattern->val[i])))
			return false;
	return true;
}

/* "anet 0" is short for "anet id=0". */
static int read_bare_key(struct conf_res *pattern, const struct lex_token *t,
			 struct zkz_err *err)
{
	const struct conf_type *type = pattern->type;
	char val[CONF_MAX_VALUE];

	if (type->key < 0 || conf_canon(&type->prop[type->key], t->text, val, err)) {
		err_config_key(err, type->name);
		return conf_bad_token(t, err);
	}
	conf_res_set(pattern, type->key, val);
	return 0;
}

/* The rest of select and remove: [-F] TYPE [KEY | NAME=VALUE ...] */
static struct conf_res *read_pattern(struct conf_session *s, struct lex *lx,
				     bool *force, struct zkz_err *err)
{
	const struct conf_type *type;
	struct conf_res *pattern;
	struct lex look = *lx;
	struct lex_token t;
	int i;

	if (force && !lex_next(&look, &t, err) && t.kind == LEX_WORD &&
	    !strcmp(t.text, "-F")) {
		*force = true;
		*lx = look;
	}
	if (read_type(lx, &type, err))
		return NULL;
	pattern = conf_res_new(type);
	for (i = 0; i < CONF_MAX_PROPS; i++)
		conf_res_set(pattern, i, NULL);

	for (;;) {
		char val[CONF_MAX_VALUE];
		int prop;

		if (lex_next(lx, &t, err))
			goto err_free;
		if (t.kind == LEX_END || t.kind == LEX_EOF)
			return pattern;
		if (t.kind == LEX_WORD && conf_prop_find(type, t.text) < 0) {
			if (read_bare_key(pattern, &t, err))
				goto err_free;
			continue;
		}
		if (conf_read_assignment(s, lx, &t, type, &prop, val, err))
			goto err_free;
		conf_res_set(pattern, prop, val);
	}

err_free:
	conf_res_free(pattern);
	return NULL;
}

static unsigned int find_matches(const struct conf_session *s,
				 const struct conf_res *pattern,
				 struct conf_res **first)
{
	struct conf_res *r;
	unsigned int n = 0;

	*first = NULL;
	for (r = s->conf->first; r; r = r->next) {
		if (!matches(pattern, r))
			continue;
		if (!n++)
			*first = r;
	}
	return n;
}

static int bad_count(const struct conf_session *s,
		     const char *type, unsigned int n, struct zkz_err *err)
{
	if (n)
		err_config_many_match(err, s->zone, type);
	else
		err_config_no_match(err, s->zone, type);
	return err_config_token(err, s->line, type);
}

int conf_cmd_select(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	struct conf_res *pattern, *found;
	const char *name;
	unsigned int n;

	if (conf_need_conf(s, err))
		return -1;
	pattern = read_pattern(s, lx, NULL, err);
	if (!pattern)
		return -1;
	name = pattern->type->name;
	n = find_matches(s, pattern, &found);
	conf_res_free(pattern);
	if (n != 1)
		return bad_count(s, name, n, err);
	s->open = conf_res_copy(found);
	s->origin = found;
	return 0;
}

int conf_cmd_remove(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	struct conf_res *pattern, *found;
	const char *name;
	bool force = false;
	unsigned int n;

	if (conf_need_conf(s, err))
		return -1;
	pattern = read_pattern(s, lx, &force, err);
	if (!pattern)
		return -1;
	name = pattern->type->name;
	n = find_matches(s, pattern, &found);
	if (n != 1 && !force) {
		conf_res_free(pattern);
		return bad_count(s, name, n, err);
	}
	/* With -F all that match go, and none is fine. */
	while (find_matches(s, pattern, &found)) {
		conf_detach(s->conf, found);
		conf_res_free(found);
		s->changed = true;
	}
	conf_res_free(pattern);
	return 0;
}
