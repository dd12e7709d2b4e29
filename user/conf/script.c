// SPDX-License-Identifier: GPL-2.0
/* Texts of commands: which is meant, whether it may stand there, and one after the other. */
#include <stdlib.h>
#include <string.h>

#include "conf/commands.h"
#include "conf/syntax.h"

static int run_one(struct conf_session *s, struct lex *lx,
		   const struct lex_token *t, struct zkz_err *err)
{
	const struct conf_command *c;

	s->line = t->line;
	c = t->kind == LEX_WORD ? conf_command_find(t->text) : NULL;
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

/* The first line of a text that zkz has written; others have none. */
static int check_format(const char *text, size_t len, struct zkz_err *err)
{
	size_t head = strlen(CONF_FORMAT_LINE);
	char number[16] = "";
	uint64_t format;

	if (len <= head || memcmp(text, CONF_FORMAT_LINE, head))
		return 0;
	text += head;
	len -= head;
	memcpy(number, text, len < sizeof(number) - 1 ? len : sizeof(number) - 1);
	number[strspn(number, "0123456789")] = '\0';
	if (!conf_parse_number(number, &format) || format > CONF_FORMAT)
		return err_config_format(err, *number ? strtoull(number, NULL, 10) : 0, CONF_FORMAT);
	return 0;
}

int conf_session_feed(struct conf_session *s, const char *text, size_t len,
		      struct zkz_err *err)
{
	struct lex_token t;
	struct lex lx;
	int rc = 0;

	if (lex_init(&lx, text, len, err) || check_format(text, len, err))
		return -1;
	lx.line += s->next;
	while (!rc && !s->ended) {
		rc = lex_next(&lx, &t, err);
		if (rc || t.kind == LEX_EOF)
			break;
		if (t.kind != LEX_END)
			rc = run_one(s, &lx, &t, err);
	}
	s->next = lx.line - 1;
	return rc;
}

int conf_session_run(struct conf_session *s, const char *text, size_t len,
		     struct zkz_err *err)
{
	if (conf_session_feed(s, text, len, err))
		return -1;
	if (s->open && !s->ended)
		return err_config_open_end(err, s->next + 1, s->open->type->name);
	return 0;
}

/* The configuration that a session has come to; the caller's. */
static struct conf *take(struct conf_session *s)
{
	struct conf *c = s->conf;

	s->conf = NULL;
	return c;
}

struct conf *conf_parse(const char *zone, const char *text, size_t len,
			struct zkz_err *err)
{
	struct conf_session s;
	struct conf *c = NULL;

	if (len > CONF_MAX_TEXT) {
		err_config_long(err, CONF_MAX_TEXT);
		err_config_of(err, zone);
		return NULL;
	}
	conf_session_init(&s, zone, NULL, NULL);
	if (conf_session_run(&s, text, len, err) || conf_session_finish(&s, err)) {
		err_config_of(err, zone);
	} else {
		c = take(&s);
		if (!c)
			err_config_empty(err, zone);
	}
	conf_session_fini(&s);
	return c;
}

struct conf *conf_parse_template(const struct conf_session *s, const char *name,
				 const char *text, size_t len, struct zkz_err *err)
{
	const struct conf_hooks hooks = { .check_uri = s->hooks ? s->hooks->check_uri : NULL };
	struct conf_session t;
	struct conf *c = NULL;

	conf_session_init(&t, s->zone, NULL, &hooks);
	if (!conf_session_run(&t, text, len, err) && !conf_need_conf(&t, err))
		c = take(&t);
	else
		err_config_template(err, name);
	conf_session_fini(&t);
	return c;
}
