// SPDX-License-Identifier: GPL-2.0
/* The commands on a whole configuration, and the table of all; see conf_commands[] below. */
#include "conf/commands.h"

#include <string.h>

#include "conf/syntax.h"

/* The reference's names of what zkz has under its own. */
static const char *template_name(const char *name)
{
	if (!strcmp(name, "SYSsolaris-kz") || !strcmp(name, "SYSdefault"))
		return "SYSzkz";
	return strcmp(name, "SYSsolaris-kz-minimal") ? name : "SYSzkz-minimal";
}

static struct conf *from_template(struct conf_session *s, const char *name, struct zkz_err *err)
{
	if (s->hooks && s->hooks->template)
		return s->hooks->template(s, template_name(name), err);
	/* A stored text, or a template, says all itself. */
	err_config_template_unknown(err, name, CONF_TEMPLATES);
	return NULL;
}

static int cmd_create(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	enum { BLANK, FORCE, DETACHED, TEMPLATE };
	struct conf_options opt;
	struct conf *c;

	if (conf_read_options(lx, "bFat:", &opt, err))
		return -1;
	if (opt.seen[BLANK] && opt.seen[TEMPLATE]) {
		err_config_create_both(err);
		return err_config_token(err, s->line, "create");
	}
	if ((s->conf || s->damaged.id) && !s->removed && !opt.seen[FORCE])
		return s->conf ? err_config_exists(err, s->zone) : conf_need_conf(s, err);
	c = opt.seen[BLANK] ? conf_new() : from_template(s, opt.seen[TEMPLATE] ? opt.value : "SYSzkz", err);
	if (!c)
		return err_config_token(err, s->line, "create");
	conf_free(s->conf);
	s->conf = c;
	s->detached |= opt.seen[DETACHED];
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
	if (conf_read_assignment(s, lx, &t, r->type, s->open, &prop, val, err) ||
	    conf_end_of_command(lx, err))
		return -1;
	conf_res_set(r, prop, val);
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

/* Is it forced, or does the person want it? */
static bool sure(const struct conf_session *s, bool force, const char *question)
{
	return force || (s->hooks && s->hooks->sure && s->hooks->sure(question));
}

static bool interactive(const struct conf_session *s)
{
	return s->hooks && s->hooks->sure;
}

static int cmd_revert(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	struct conf_options opt;

	if (conf_read_options(lx, "F", &opt, err))
		return -1;
	if (!conf_session_changed(s))
		return 0;
	if (sure(s, opt.seen[0], "Drop the changes that are not stored")) {
		conf_session_revert(s);
		return 0;
	}
	if (interactive(s))
		return 0;
	err_config_revert(err, s->zone);
	return err_config_token(err, s->line, "revert");
}

static int cmd_delete(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	struct conf_options opt;

	if ((!s->damaged.id && conf_need_conf(s, err)) || conf_read_options(lx, "F", &opt, err))
		return -1;
	if (sure(s, opt.seen[0], "Delete the configuration")) {
		conf_free(s->conf);
		s->conf = NULL;
		s->removed = true;
		return 0;
	}
	if (interactive(s))
		return 0;
	err_config_delete(err, s->zone);
	return err_config_token(err, s->line, "delete");
}

static void drop(struct conf_session *s, bool tell)
{
	struct zkz_err warning = { 0 };

	conf_session_revert(s);
	s->ended = true;
	if (tell && s->hooks && s->hooks->warn) {
		err_config_dropped(&warning, s->zone);
		s->hooks->warn(s, &warning);
	}
}

/* The end of a session whose changes cannot be stored. */
static int not_stored(struct conf_session *s, bool force, struct zkz_err *err)
{
	if (!force && !interactive(s))
		return -1;
	if (!force && s->hooks->warn)
		s->hooks->warn(s, err);
	if (sure(s, force, "Configuration not saved; really quit"))
		drop(s, force);
	err_clear(err);
	return 0;
}

/* What cannot be stored keeps a session open, unless it is forced, or the person means it. */
static int cmd_exit(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	struct conf_options opt;

	if (conf_read_options(lx, "F", &opt, err))
		return -1;
	if (s->open) {
		if (sure(s, opt.seen[0], "Resource incomplete; really quit")) {
			drop(s, opt.seen[0]);
			return 0;
		}
		if (interactive(s))
			return 0;
		err_config_inside(err, s->open->type->name);
		return err_config_token(err, s->line, "exit");
	}
	if (conf_session_finish(s, err))
		return not_stored(s, opt.seen[0], err);
	s->ended = true;
	return 0;
}

static void help_all(FILE *f)
{
	const struct conf_command *c;
	const struct conf_type *t;

	for (c = conf_commands; c->name; c++)
		fprintf(f, "%-44s %s\n", c->usage, c->help);
	fputs("\nResource types, each of which 'help TYPE' explains:", f);
	for (t = conf_types; t->name; t++)
		fprintf(f, "%s %s", t == conf_types ? "" : ",", t->name);
	fputs("\nProperties of the zone, see 'help PROPERTY' or 'help global':", f);
	for (int i = 0; i < CONF_MAX_PROPS && conf_global.prop[i].name; i++)
		fprintf(f, "%s %s", i ? "," : "", conf_global.prop[i].name);
	fputc('\n', f);
}

/* A property of the open resource or of the zone, else one of any type. */
static bool help_prop(const struct conf_session *s, const char *name)
{
	const struct conf_type *type = s->open ? s->open->type : &conf_global, *t;
	bool found = false;
	int prop = conf_prop_find(type, name);

	if (prop >= 0) {
		conf_help_prop(type, &type->prop[prop], s->out);
		return true;
	}
	for (t = conf_types; t->name; t++) {
		prop = conf_prop_find(t, name);
		if (prop < 0)
			continue;
		conf_help_prop(t, &t->prop[prop], s->out);
		found = true;
	}
	return found;
}

static int help_one(const struct conf_session *s, const struct lex_token *t, struct zkz_err *err)
{
	const struct conf_command *c = conf_command_find(t->text);
	const struct conf_type *type = !strcmp(t->text, conf_global.name) ? &conf_global : conf_type_find(t->text);

	if (t->kind != LEX_WORD) {
		err_config_help(err);
		return conf_bad_token(t, err);
	}
	if (c)
		fprintf(s->out, "usage: %s\n\t%s\n", c->usage, c->help);
	if (type)
		conf_help_type(type, s->out);
	if (c || type || help_prop(s, t->text))
		return 0;
	err_config_help(err);
	return conf_bad_token(t, err);
}

static int cmd_help(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	struct lex_token t;
	bool all = true;

	for (;;) {
		if (lex_next(lx, &t, err))
			return -1;
		if (t.kind == LEX_END || t.kind == LEX_EOF)
			break;
		if (s->out && (conf_may_print(s, err) || help_one(s, &t, err)))
			return -1;
		all = false;
	}
	if (!all || !s->out)
		return 0;
	if (conf_may_print(s, err))
		return -1;
	help_all(s->out);
	return 0;
}

const struct conf_command conf_commands[] = {
	{ "create", cmd_create, true, false, CONF_TAKES_NOTHING, "bFat:",
	  "create [-b | -t TEMPLATE] [-F] [-a]",
	  "begin a configuration by a template; -b: blank, -F: replace one, -a: detached" },
	{ "import-libvirt", conf_cmd_import, true, false, CONF_TAKES_FILE, "F", "import-libvirt [-F] FILE",
	  "begin a configuration by what 'virsh dumpxml' printed; -F: replace one" },
	{ "set", cmd_set, true, true, CONF_TAKES_ASSIGNMENT, "", "set PROPERTY=VALUE", "set a property" },
	{ "clear", cmd_clear, true, true, CONF_TAKES_PROPERTY, "", "clear PROPERTY", "back to the default" },
	{ "add", conf_cmd_add, true, true, CONF_TAKES_TYPE, "", "add TYPE | LIST VALUE",
	  "begin a new resource, or put a value into a list" },
	{ "select", conf_cmd_select, true, false, CONF_TAKES_PATTERN, "",
	  "select TYPE [ID | PROPERTY=VALUE ...]", "begin to change a resource" },
	{ "end", conf_cmd_end, false, true, CONF_TAKES_NOTHING, "", "end", "finish the resource" },
	{ "cancel", conf_cmd_cancel, false, true, CONF_TAKES_NOTHING, "", "cancel",
	  "drop the changes to the resource" },
	{ "remove", conf_cmd_remove, true, true, CONF_TAKES_REMOVED, "F",
	  "remove [-F] TYPE [ID | PROPERTY=VALUE ...]",
	  "remove a resource; -F: all that match, or none; 'remove LIST VALUE': take it out of a list" },
	{ "info", conf_cmd_info, true, true, CONF_TAKES_ANYTHING, "",
	  "info [PROPERTY | TYPE [ID | PROPERTY=VALUE]]", "show all of it, or what is named" },
	{ "export", conf_cmd_export, true, false, CONF_TAKES_NOTHING, "rf:", "export [-r] [-f FILE]",
	  "show it as commands; -r: as the zone runs, -f: into a file" },
	{ "verify", cmd_verify, true, false, CONF_TAKES_NOTHING, "", "verify", "check that it is complete" },
	{ "commit", cmd_commit, true, false, CONF_TAKES_NOTHING, "", "commit", "check and store it" },
	{ "revert", cmd_revert, true, false, CONF_TAKES_NOTHING, "F", "revert [-F]",
	  "back to what is stored; -F: do not ask" },
	{ "delete", cmd_delete, true, false, CONF_TAKES_NOTHING, "F", "delete [-F]",
	  "delete the configuration; -F: do not ask" },
	{ "exit", cmd_exit, true, true, CONF_TAKES_NOTHING, "F", "exit [-F]",
	  "store changes and leave; -F: leave even if they cannot be stored" },
	{ "help", cmd_help, true, true, CONF_TAKES_COMMAND, "", "help [COMMAND | TYPE | PROPERTY]",
	  "explain it" },
	{ .name = NULL },
};

const struct conf_command *conf_command_find(const char *name)
{
	const struct conf_command *c;

	for (c = conf_commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}
