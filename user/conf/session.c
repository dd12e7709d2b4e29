// SPDX-License-Identifier: GPL-2.0
#include "conf/session.h"

#include <stdarg.h>
#include <string.h>

void conf_session_init(struct conf_session *s, const char *zone,
		       struct conf *conf, const struct conf_hooks *hooks)
{
	memset(s, 0, sizeof(*s));
	s->zone = zone;
	s->conf = conf;
	s->hooks = hooks;
	s->out = NULL;
}

void conf_session_fini(struct conf_session *s)
{
	conf_res_free(s->open);
	conf_free(s->conf);
	memset(s, 0, sizeof(*s));
}

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

static const struct conf_command *find_command(const char *name)
{
	const struct conf_command *c;

	for (c = conf_commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

static int run_one(struct conf_session *s, struct lex *lx,
		   const struct lex_token *t, struct zkz_err *err)
{
	const struct conf_command *c;

	s->line = t->line;
	c = t->kind == LEX_WORD ? find_command(t->text) : NULL;
	if (!c) {
		conf_bad_token(t, err, "unknown command");
		return err_remedy(err, "Commands: create, set, add, end, select, remove, clear, info, export, verify, commit, cancel, delete, exit.");
	}
	if (s->open && !c->inside) {
		conf_bad_token(t, err, "not allowed inside resource %s",
			       s->open->type->name);
		return err_remedy(err, "Close the resource with 'end' or drop it with 'cancel' first.");
	}
	if (!s->open && !c->global) {
		conf_bad_token(t, err, "only allowed inside a resource");
		return err_remedy(err, "Open one with 'add' or 'select' first.");
	}
	return c->fn(s, lx, err);
}

int conf_session_run(struct conf_session *s, const char *text, size_t len,
		     struct zkz_err *err)
{
	struct lex_token t;
	struct lex lx;

	if (lex_init(&lx, text, len, err))
		return -1;
	while (!s->ended) {
		if (lex_next(&lx, &t, err))
			return -1;
		if (t.kind == LEX_EOF)
			break;
		if (t.kind != LEX_END && run_one(s, &lx, &t, err))
			return -1;
	}
	if (s->open) {
		err_set(err, ERR_CONFIG, "line %u: the text ends inside resource %s",
			lx.line, s->open->type->name);
		return err_remedy(err, "Close the resource with 'end'.");
	}
	return 0;
}

int conf_session_finish(struct conf_session *s, struct zkz_err *err)
{
	const struct conf_hooks *h = s->hooks;

	if (!s->changed)
		return 0;
	if (s->conf && conf_check(s->conf, err))
		return -1;
	if (s->removed && h && h->remove && h->remove(s, err))
		return -1;
	s->removed = false;
	if (s->conf && h && h->commit && h->commit(s, err))
		return -1;
	s->changed = false;
	return 0;
}

struct conf *conf_parse(const char *zone, const char *text, size_t len,
			struct zkz_err *err)
{
	struct conf_session s;
	struct conf *c;

	conf_session_init(&s, zone, NULL, NULL);
	if (conf_session_run(&s, text, len, err) || conf_session_finish(&s, err)) {
		err_prefix(err, "Configuration of zone %s", zone);
		conf_session_fini(&s);
		return NULL;
	}
	c = s.conf;
	s.conf = NULL;
	conf_session_fini(&s);
	if (!c)
		err_set(err, ERR_CONFIG, "Configuration of zone %s is empty", zone);
	return c;
}
