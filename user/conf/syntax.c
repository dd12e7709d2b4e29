// SPDX-License-Identifier: GPL-2.0
#include "conf/syntax.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int conf_bad_token(const struct lex_token *t, struct zkz_err *err,
		   const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(err, ERR_CONFIG, "line %u: token '%.200s': %s",
		       t->line, t->text, text);
}

int conf_end_of_command(struct lex *lx, struct zkz_err *err)
{
	struct lex_token t;

	if (lex_next(lx, &t, err))
		return -1;
	if (t.kind == LEX_END || t.kind == LEX_EOF)
		return 0;
	conf_bad_token(&t, err, "nothing is expected here");
	return err_remedy(err, "End the command with a line end or ';'; quote values that hold blanks.");
}

static int list_props(const struct conf_type *type, struct zkz_err *err)
{
	char list[256] = "";
	size_t n = 0;
	int i;

	for (i = 0; i < CONF_MAX_PROPS && type->prop[i].name; i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s",
				      i ? ", " : "", type->prop[i].name);
	return err_remedy(err, "Properties of %s: %s.",
			  type == &conf_global ? "the zone" : type->name, list);
}

/* Put line and token before what conf_canon() or a hook has said. */
static int bad_value(const struct lex_token *t, struct zkz_err *err)
{
	return err_prefix(err, "line %u: token '%.200s'", t->line, t->text);
}

int conf_read_assignment(struct conf_session *s, struct lex *lx,
			 const struct lex_token *name,
			 const struct conf_type *type, int *prop, char *out,
			 struct zkz_err *err)
{
	struct lex_token t;

	*prop = conf_prop_find(type, name->text);
	if (name->kind != LEX_WORD || *prop < 0) {
		conf_bad_token(name, err, "no such property here");
		return list_props(type, err);
	}

	if (lex_next(lx, &t, err))
		return -1;
	if (t.kind != LEX_EQUALS) {
		conf_bad_token(&t, err, "'=' is expected after %s", name->text);
		return err_remedy(err, "Write %s=VALUE.", name->text);
	}
	if (lex_value(lx, &t, err))
		return -1;
	if (t.kind != LEX_WORD || (t.text[0] == '(' && !t.quoted)) {
		conf_bad_token(&t, err, "a value is expected for %s", name->text);
		return err_remedy(err, "Write %s=VALUE; quote values that hold blanks or begin with '('.",
				  name->text);
	}
	if (conf_canon(&type->prop[*prop], t.text, out, err))
		return bad_value(&t, err);
	if (type->prop[*prop].kind == CONF_URI && s->hooks && s->hooks->check_uri &&
	    s->hooks->check_uri(out, err))
		return bad_value(&t, err);
	return 0;
}
