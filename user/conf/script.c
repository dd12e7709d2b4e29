// SPDX-License-Identifier: GPL-2.0
/* Texts of commands: which is meant, whether it may stand there, and one after the other. */
#include <string.h>

#include "conf/commands.h"
#include "conf/syntax.h"

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
		err_config_command(err);
		return conf_bad_token(t, err);
	}
	if (s->open && !c->inside) {
		err_config_inside(err, s->open->type->name);
		return conf_bad_token(t, err);
	}
	if (!s->open && !c->global) {
		err_config_outside(err);
		return conf_bad_token(t, err);
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
	if (s->open)
		return err_config_open_end(err, lx.line, s->open->type->name);
	return 0;
}

struct conf *conf_parse(const char *zone, const char *text, size_t len,
			struct zkz_err *err)
{
	struct conf_session s;
	struct conf *c;

	conf_session_init(&s, zone, NULL, NULL);
	if (conf_session_run(&s, text, len, err) || conf_session_finish(&s, err)) {
		err_config_of(err, zone);
		conf_session_fini(&s);
		return NULL;
	}
	c = s.conf;
	s.conf = NULL;
	conf_session_fini(&s);
	if (!c)
		err_config_empty(err, zone);
	return c;
}
