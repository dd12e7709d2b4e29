// SPDX-License-Identifier: GPL-2.0
/* The commands that open, close and remove a resource. */
#include "conf/commands.h"

#include <stdio.h>
#include <string.h>

#include "conf/macro.h"
#include "conf/pattern.h"
#include "conf/syntax.h"

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

	if (conf_need_conf(s, err))
		return -1;
	if (conf_names_list(s, *lx))
		return conf_add_value(s, lx, err);
	if (conf_read_type(lx, &type, err) || conf_end_of_command(lx, err))
		return -1;
	if (conf_count(s->conf, type) >= type->max)
		return err_config_too_many(err, s->line, s->zone, type->max, type->name);
	s->open = conf_res_new(type);
	s->origin = NULL;
	propose_key(s, s->open);
	return 0;
}

/* The id is known now: macros get their values. */
static int expand_macros(const struct conf_session *s, struct conf_res *r, struct zkz_err *err)
{
	char plain[CONF_MAX_VALUE], val[CONF_MAX_VALUE];
	int i;

	for (i = 0; s->hooks && i < CONF_MAX_PROPS && r->type->prop[i].name; i++) {
		if (!r->val[i] || !conf_has_macro(r->val[i]))
			continue;
		if (conf_expand(r->val[i], s->zone, r, plain, err) ||
		    conf_check_value(s, &r->type->prop[i], plain, val, err))
			return -1;
		conf_res_set(r, i, val);
	}
	return 0;
}

int conf_cmd_end(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	const struct conf_type *type = s->open->type;
	struct conf_res *twin = NULL;
	int k = type->key;

	if (conf_end_of_command(lx, err))
		return -1;
	if (conf_check_res(s->open, err) || expand_macros(s, s->open, err))
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
	const struct conf_type *type;
	struct conf_res *pattern, *found;
	unsigned int n;

	if (conf_need_conf(s, err) || conf_read_type(lx, &type, err))
		return -1;
	pattern = conf_read_pattern(s, lx, type, false, err);
	if (!pattern)
		return -1;
	n = conf_find_matches(s->conf, pattern, &found);
	conf_res_free(pattern);
	if (n != 1)
		return bad_count(s, type->name, n, err);
	s->open = conf_res_copy(found);
	s->origin = found;
	return 0;
}

int conf_cmd_remove(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	const struct conf_type *type;
	struct conf_res *pattern, *found;
	bool force;
	unsigned int n;

	if (conf_need_conf(s, err))
		return -1;
	if (conf_names_list(s, *lx))
		return conf_remove_value(s, lx, err);
	force = conf_take_force(lx);
	if (conf_read_type(lx, &type, err))
		return -1;
	pattern = conf_read_pattern(s, lx, type, false, err);
	if (!pattern)
		return -1;
	n = conf_find_matches(s->conf, pattern, &found);
	if (n != 1 && !force) {
		conf_res_free(pattern);
		return bad_count(s, type->name, n, err);
	}
	/* With -F all that match go, and none is fine. */
	while (conf_find_matches(s->conf, pattern, &found)) {
		conf_detach(s->conf, found);
		conf_res_free(found);
	}
	conf_res_free(pattern);
	return 0;
}
