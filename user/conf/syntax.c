// SPDX-License-Identifier: GPL-2.0
#include "conf/syntax.h"

#include <stdio.h>
#include <string.h>

int conf_bad_token(const struct lex_token *t, struct zkz_err *err)
{
	return err_config_token(err, t->line, t->text);
}

int conf_end_of_command(struct lex *lx, struct zkz_err *err)
{
	struct lex_token t;

	if (lex_next(lx, &t, err))
		return -1;
	if (t.kind == LEX_END || t.kind == LEX_EOF)
		return 0;
	err_config_not_expected(err);
	return conf_bad_token(&t, err);
}

int conf_list_props(const struct conf_type *type, struct zkz_err *err)
{
	char list[256] = "";
	size_t n = 0;
	int i;

	for (i = 0; i < CONF_MAX_PROPS && type->prop[i].name; i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s",
				      i ? ", " : "", type->prop[i].name);
	return type == &conf_global ? err_config_no_zone_property(err, list) :
		err_config_no_property(err, type->name, list);
}

int conf_read_assignment(struct conf_session *s, struct lex *lx,
			 const struct lex_token *name,
			 const struct conf_type *type, int *prop, char *out,
			 struct zkz_err *err)
{
	struct lex_token t;

	*prop = conf_prop_find(type, name->text);
	if (name->kind != LEX_WORD || *prop < 0) {
		conf_list_props(type, err);
		return conf_bad_token(name, err);
	}

	if (lex_next(lx, &t, err))
		return -1;
	if (t.kind != LEX_EQUALS) {
		err_config_no_equals(err, name->text);
		return conf_bad_token(&t, err);
	}
	if (lex_value(lx, &t, err))
		return -1;
	if (t.kind != LEX_WORD || (t.text[0] == '(' && !t.quoted)) {
		err_config_no_value(err, name->text);
		return conf_bad_token(&t, err);
	}
	if (conf_canon(&type->prop[*prop], t.text, out, err))
		return conf_bad_token(&t, err);
	if (type->prop[*prop].kind == CONF_URI && s->hooks && s->hooks->check_uri &&
	    s->hooks->check_uri(out, err))
		return conf_bad_token(&t, err);
	return 0;
}
