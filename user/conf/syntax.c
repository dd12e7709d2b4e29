// SPDX-License-Identifier: GPL-2.0
#include "conf/syntax.h"

#include <stdio.h>
#include <string.h>

#include "conf/macro.h"

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

int conf_read_type(struct lex *lx, const struct conf_type **type, struct zkz_err *err)
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

/* "-b, -t": @letters as conf_read_options() has them */
static int bad_option(const struct lex_token *t, const char *letters, struct zkz_err *err)
{
	char list[64] = "";
	size_t n = 0;

	for (; *letters; letters++)
		if (*letters != ':')
			n += (size_t)snprintf(list + n, sizeof(list) - n, "%s-%c", n ? ", " : "", *letters);
	err_config_option(err, n ? list : "none");
	return conf_bad_token(t, err);
}

int conf_read_options(struct lex *lx, const char *letters, struct conf_options *opt,
		      struct zkz_err *err)
{
	struct lex_token t, value;
	const char *at;

	memset(opt, 0, sizeof(*opt));
	for (;;) {
		if (lex_next(lx, &t, err))
			return -1;
		if (t.kind == LEX_END || t.kind == LEX_EOF)
			return 0;
		at = t.kind == LEX_WORD && t.text[0] == '-' && t.text[1] && t.text[1] != ':' && !t.text[2] ?
		     strchr(letters, t.text[1]) : NULL;
		if (!at)
			return bad_option(&t, letters, err);
		opt->seen[at - letters] = true;
		if (at[1] != ':')
			continue;
		if (lex_value(lx, &value, err))
			return -1;
		if (value.kind != LEX_WORD || !value.text[0]) {
			err_config_option_value(err, t.text);
			return conf_bad_token(&value, err);
		}
		strcpy(opt->value, value.text);
	}
}

bool conf_take_force(struct lex *lx)
{
	struct lex look = *lx;
	struct lex_token t;

	if (lex_next(&look, &t, NULL) || t.kind != LEX_WORD || strcmp(t.text, "-F"))
		return false;
	*lx = look;
	return true;
}

int conf_check_value(const struct conf_session *s, const struct conf_prop *prop,
		     const char *val, char *out, struct zkz_err *err)
{
	if (conf_canon(prop, val, out, err))
		return -1;
	if (prop->kind == CONF_URI && s->hooks && s->hooks->check_uri)
		return s->hooks->check_uri(out, err);
	return 0;
}

/*
 * The id of a resource may still change: until its end the value is kept as it was written.
 * A stored text, which has no owner, says what it means: one of an older zkz, too.
 */
static int check_with_macros(const struct conf_session *s, const struct conf_prop *prop,
			     const char *val, const struct conf_res *res, char *out,
			     struct zkz_err *err)
{
	char plain[CONF_MAX_VALUE];

	if (!s->hooks || !conf_has_macro(val))
		return conf_check_value(s, prop, val, out, err);
	if (conf_expand(val, s->zone, res, plain, err) || conf_check_value(s, prop, plain, out, err))
		return -1;
	if (res)
		strcpy(out, val);
	return 0;
}

int conf_read_assignment(struct conf_session *s, struct lex *lx,
			 const struct lex_token *name,
			 const struct conf_type *type, const struct conf_res *res,
			 int *prop, char *out, struct zkz_err *err)
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
	if (check_with_macros(s, &type->prop[*prop], t.text, res, out, err))
		return conf_bad_token(&t, err);
	return 0;
}
