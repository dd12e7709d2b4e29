// SPDX-License-Identifier: GPL-2.0
/* "add PROPERTY VALUE" and "remove PROPERTY VALUE": single values of a list. */
#include "conf/commands.h"

#include <string.h>

#include "conf/multi.h"
#include "conf/syntax.h"

static const struct conf_type *type_here(const struct conf_session *s)
{
	return s->open ? s->open->type : &conf_global;
}

bool conf_names_list(const struct conf_session *s, struct lex lx)
{
	struct lex_token t;
	int prop;

	/* What stands inside a resource can mean nothing else. */
	if (s->open)
		return true;
	if (lex_next(&lx, &t, NULL) || t.kind != LEX_WORD)
		return false;
	prop = conf_prop_find(&conf_global, t.text);
	return prop >= 0 && conf_is_multi(&conf_global.prop[prop]);
}

/* The name of a list of this resource. Return: its index, or -1. */
static int read_list(const struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	const struct conf_type *type = type_here(s);
	struct lex_token t;
	int prop;

	if (lex_next(lx, &t, err))
		return -1;
	prop = t.kind == LEX_WORD ? conf_prop_find(type, t.text) : -1;
	if (prop >= 0 && conf_is_multi(&type->prop[prop]))
		return prop;
	if (prop >= 0)
		err_config_no_list(err, t.text);
	else if (conf_type_find(t.text))
		err_config_inside(err, type->name);
	else
		conf_list_props(type, err);
	return conf_bad_token(&t, err);
}

typedef int (*change_fn)(const struct conf_prop *prop, const char *old, const char *val, char *out,
			 struct zkz_err *err);

static int change(struct conf_session *s, struct lex *lx, change_fn fn, struct zkz_err *err)
{
	struct conf_res *r = s->open ? s->open : &s->conf->global;
	int prop = read_list(s, lx, err);
	char val[CONF_MAX_VALUE];
	struct lex_token t;

	if (prop < 0 || lex_value(lx, &t, err))
		return -1;
	if (t.kind != LEX_WORD) {
		err_config_no_list_value(err, r->type->prop[prop].name);
		return conf_bad_token(&t, err);
	}
	if (fn(&r->type->prop[prop], r->val[prop], t.text, val, err))
		return conf_bad_token(&t, err);
	if (conf_end_of_command(lx, err))
		return -1;
	conf_res_set(r, prop, val[0] ? val : NULL);
	return 0;
}

int conf_add_value(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	return change(s, lx, conf_multi_add, err);
}

int conf_remove_value(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	return change(s, lx, conf_multi_remove, err);
}
