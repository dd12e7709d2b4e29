// SPDX-License-Identifier: GPL-2.0
/* The commands that show a configuration, and what there is to be said of its parts. */
#include <stdlib.h>
#include <string.h>

#include "conf/commands.h"
#include "conf/pattern.h"
#include "conf/syntax.h"

/*
 * A text of commands is short, what they print need not be. One command more than
 * fits may still print: a configuration is bounded itself.
 */
int conf_may_print(const struct conf_session *s, struct zkz_err *err)
{
	if (!s->out || s->endless || ftell(s->out) < CONF_MAX_OUTPUT)
		return 0;
	return err_config_output_long(err, s->line, CONF_MAX_OUTPUT / 1024);
}

static void show_matches(const struct conf_session *s, const struct conf_res *pattern)
{
	const struct conf_res *r;

	for (r = s->conf->first; r; r = r->next)
		if (conf_matches(pattern, r))
			conf_info_res(r, s->out);
}

/* One of the things that info names, with what follows of it. */
static int show_one(struct conf_session *s, struct lex *lx, const struct lex_token *t,
		    struct zkz_err *err)
{
	const struct conf_res *of = s->open ? s->open : &s->conf->global;
	const struct conf_type *type = conf_type_find(t->text);
	int prop = conf_prop_find(of->type, t->text);
	struct conf_res *pattern;

	if (t->kind == LEX_WORD && prop >= 0) {
		conf_info_prop(of, prop, "", s->out);
		return 0;
	}
	if (t->kind != LEX_WORD || !type) {
		err_config_no_such(err);
		return conf_bad_token(t, err);
	}
	pattern = conf_read_pattern(s, lx, type, true, err);
	if (!pattern)
		return -1;
	show_matches(s, pattern);
	conf_res_free(pattern);
	return 0;
}

int conf_cmd_info(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	struct lex_token t;
	bool all = true;

	if (conf_need_conf(s, err))
		return -1;
	for (;;) {
		if (lex_next(lx, &t, err))
			return -1;
		if (t.kind == LEX_END || t.kind == LEX_EOF)
			break;
		if (!s->out)
			continue;
		if (conf_may_print(s, err) || show_one(s, lx, &t, err))
			return -1;
		all = false;
	}
	if (!all || !s->out)
		return 0;
	if (conf_may_print(s, err))
		return -1;
	if (s->open) {
		conf_info_res(s->open, s->out);
		return 0;
	}
	fprintf(s->out, "zonename: %s\n", s->zone);
	conf_info(s->conf, s->out);
	return 0;
}

static int save(const struct conf_session *s, const struct conf *c, const char *path,
		struct zkz_err *err)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int rc;

	if (!f)
		return err_no_memory(err);
	conf_export(c, f);
	fclose(f);
	rc = s->hooks->save(path, text, err);
	free(text);
	return rc;
}

static int export(const struct conf_session *s, const struct conf *c, const char *path,
		  struct zkz_err *err)
{
	if (path && s->hooks && s->hooks->save)
		return save(s, c, path, err);
	if (conf_may_print(s, err))
		return -1;
	if (!path && s->out)
		conf_export(c, s->out);
	return 0;
}

int conf_cmd_export(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	struct conf_options opt;
	struct conf *running;
	const char *path;
	int rc;

	if (conf_read_options(lx, "rf:", &opt, err))
		return -1;
	path = opt.seen[1] ? opt.value : NULL;
	if (!opt.seen[0])
		return conf_need_conf(s, err) ? -1 : export(s, s->conf, path, err);
	if (!s->hooks || !s->hooks->running)
		return 0;
	running = s->hooks->running(s, err);
	if (!running)
		return -1;
	rc = export(s, running, path, err);
	conf_free(running);
	return rc;
}

void conf_help_prop(const struct conf_type *type, const struct conf_prop *p, FILE *f)
{
	char range[256];

	fprintf(f, "%s%s%s: %s\n", type == &conf_global ? "" : type->name, type == &conf_global ? "" : ":",
		p->name, p->help);
	fprintf(f, "\tvalues:  %s\n", conf_range(p, range, sizeof(range)));
	if (p->dflt)
		fprintf(f, "\tdefault: %s\n", p->dflt);
	else
		fprintf(f, "\tdefault: none%s\n", p->needed ? ", must be set" : "");
	fprintf(f, "\tapplies: %s\n", conf_when(p));
}

void conf_help_type(const struct conf_type *type, FILE *f)
{
	int i;

	if (type != &conf_global)
		fprintf(f, "%s: up to %u in a zone%s\n", type->name, type->max,
			type->needed ? ", needed" : "");
	for (i = 0; i < CONF_MAX_PROPS && type->prop[i].name; i++)
		conf_help_prop(type, &type->prop[i], f);
}
