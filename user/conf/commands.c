// SPDX-License-Identifier: GPL-2.0
/* The commands on a whole configuration, and the table of all; see conf_commands[] below. */
#include "conf/commands.h"

#include <string.h>

#include "conf/syntax.h"

/*
 * Read the options of a command, each a word of "-x"; @seen[i] is set for the
 * i-th letter of @letters. Ends at the end of the command.
 */
static int read_options(struct lex *lx, const char *letters, bool *seen,
			struct zkz_err *err)
{
	struct lex_token t;
	const char *at;

	for (;;) {
		if (lex_next(lx, &t, err))
			return -1;
		if (t.kind == LEX_END || t.kind == LEX_EOF)
			return 0;
		at = t.kind == LEX_WORD && t.text[0] == '-' && t.text[1] && !t.text[2] ?
		     strchr(letters, t.text[1]) : NULL;
		if (!at) {
			err_config_option(err, letters);
			return conf_bad_token(&t, err);
		}
		seen[at - letters] = true;
	}
}

static int cmd_create(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	bool opt[2] = { false, false };

	if (read_options(lx, "bF", opt, err))
		return -1;
	if (s->conf && !opt[1])
		return err_config_exists(err, s->zone);
	conf_free(s->conf);
	s->conf = opt[0] ? conf_new() : conf_new_default();
	s->changed = true;
	return 0;
}

static int cmd_set(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	struct conf_res *r = s->open;
	char val[CONF_MAX_VALUE];
	struct lex_token t;
	int prop;

	if (conf_need_conf(s, err) || lex_next(lx, &t, err))
		return -1;
	if (!r)
		r = &s->conf->global;
	if (conf_read_assignment(s, lx, &t, r->type, &prop, val, err) ||
	    conf_end_of_command(lx, err))
		return -1;
	conf_res_set(r, prop, val);
	s->changed = true;
	return 0;
}

static int cmd_clear(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	struct conf_res *r = s->open;
	struct lex_token t;
	int prop;

	if (conf_need_conf(s, err) || lex_next(lx, &t, err))
		return -1;
	if (!r)
		r = &s->conf->global;
	prop = t.kind == LEX_WORD ? conf_prop_find(r->type, t.text) : -1;
	if (prop < 0) {
		conf_list_props(r->type, err);
		return conf_bad_token(&t, err);
	}
	if (conf_end_of_command(lx, err))
		return -1;
	conf_res_set(r, prop, r->type->prop[prop].dflt);
	s->changed = true;
	return 0;
}

/*
 * A text of commands is short, what they print need not be. One command more than
 * fits may still print: a configuration is bounded itself.
 */
static int may_print(const struct conf_session *s, struct zkz_err *err)
{
	if (!s->out || ftell(s->out) < CONF_MAX_OUTPUT)
		return 0;
	return err_config_output_long(err, s->line, CONF_MAX_OUTPUT / 1024);
}

static int cmd_info(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	bool all = true;
	struct lex_token t;

	if (conf_need_conf(s, err))
		return -1;
	for (;;) {
		if (lex_next(lx, &t, err))
			return -1;
		if (t.kind == LEX_END || t.kind == LEX_EOF)
			break;
		if (!s->out)
			continue;
		if (may_print(s, err))
			return -1;
		if (conf_info(s->conf, t.text, s->out)) {
			err_config_no_such(err);
			return conf_bad_token(&t, err);
		}
		all = false;
	}
	if (!all || !s->out)
		return 0;
	if (may_print(s, err))
		return -1;
	if (s->open) {
		conf_info_res(s->open, s->out);
		return 0;
	}
	fprintf(s->out, "zonename: %s\n", s->zone);
	return conf_info(s->conf, NULL, s->out);
}

static int cmd_export(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	if (conf_need_conf(s, err) || conf_end_of_command(lx, err) || may_print(s, err))
		return -1;
	if (s->out)
		conf_export(s->conf, s->out);
	return 0;
}

static int cmd_verify(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	if (conf_need_conf(s, err) || conf_end_of_command(lx, err))
		return -1;
	return conf_check(s->conf, err);
}

static int cmd_commit(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	if ((!s->removed && conf_need_conf(s, err)) || conf_end_of_command(lx, err))
		return -1;
	return conf_session_finish(s, err);
}

static int cmd_delete(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	bool force = false;

	if (conf_need_conf(s, err) || read_options(lx, "F", &force, err))
		return -1;
	if (!force) {
		err_config_delete(err, s->zone);
		return err_config_token(err, s->line, "delete");
	}
	conf_free(s->conf);
	s->conf = NULL;
	s->removed = s->changed = true;
	return 0;
}

static int cmd_exit(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	if (conf_end_of_command(lx, err) || conf_session_finish(s, err))
		return -1;
	s->ended = true;
	return 0;
}

const struct conf_command conf_commands[] = {
	{ "create", cmd_create, true, false, "create [-b] [-F]",
	  "begin a configuration; -b: blank, -F: replace one" },
	{ "set", cmd_set, true, true, "set PROPERTY=VALUE", "set a property" },
	{ "add", conf_cmd_add, true, false, "add TYPE", "begin a new resource" },
	{ "select", conf_cmd_select, true, false, "select TYPE [ID | PROPERTY=VALUE ...]",
	  "begin to change a resource" },
	{ "end", conf_cmd_end, false, true, "end", "finish the resource" },
	{ "cancel", conf_cmd_cancel, false, true, "cancel", "drop the changes to the resource" },
	{ "remove", conf_cmd_remove, true, false,
	  "remove [-F] TYPE [ID | PROPERTY=VALUE ...]",
	  "remove a resource; -F: all that match" },
	{ "clear", cmd_clear, true, true, "clear PROPERTY", "back to the default" },
	{ "info", cmd_info, true, true, "info [PROPERTY | TYPE ...]", "show it" },
	{ "export", cmd_export, true, false, "export", "show it as commands" },
	{ "verify", cmd_verify, true, false, "verify", "check that it is complete" },
	{ "commit", cmd_commit, true, false, "commit", "check and store it" },
	{ "delete", cmd_delete, true, false, "delete -F", "delete the configuration" },
	{ "exit", cmd_exit, true, false, "exit", "store changes and leave" },
	{ .name = NULL },
};
