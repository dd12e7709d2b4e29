// SPDX-License-Identifier: GPL-2.0
/* The subcommands of the configuration language; see conf_commands[] below. */
#include "conf/session.h"

#include <string.h>

static int need_conf(struct conf_session *s, struct zkz_err *err)
{
	if (s->conf)
		return 0;
	err_set(err, ERR_CONFIG, "Zone %s has no configuration", s->zone);
	return err_remedy(err, "Begin with 'create', or 'create -b' for a blank one.");
}

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
			conf_bad_token(&t, err, "no such option");
			return err_remedy(err, "Options are the letters %s.", letters);
		}
		seen[at - letters] = true;
	}
}

static int cmd_create(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	bool opt[2] = { false, false };

	if (read_options(lx, "bF", opt, err))
		return -1;
	if (s->conf && !opt[1]) {
		err_set(err, ERR_ZONE_EXISTS, "Zone %s is already configured", s->zone);
		return err_remedy(err, "Use 'create -F' to replace it, or leave 'create' out to change it.");
	}
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

	if (need_conf(s, err) || lex_next(lx, &t, err))
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

static int read_type(struct lex *lx, const struct conf_type **type,
		     struct zkz_err *err)
{
	struct lex_token t;

	if (lex_next(lx, &t, err))
		return -1;
	*type = t.kind == LEX_WORD ? conf_type_find(t.text) : NULL;
	if (*type)
		return 0;
	conf_bad_token(&t, err, "unknown resource type");
	return err_remedy(err, "Types: capped-memory, virtual-cpu, anet, device, attr.");
}

/* A new anet or device gets the lowest free number until it is told another. */
static void propose_key(struct conf_session *s, struct conf_res *r)
{
	int k = r->type->key;
	char text[8];
	uint64_t i;

	if (k < 0 || r->type->prop[k].kind != CONF_NUMBER)
		return;
	for (i = r->type->prop[k].min; i <= r->type->prop[k].max; i++) {
		snprintf(text, sizeof(text), "%u", (unsigned int)i);
		if (!conf_find(s->conf, r->type, k, text)) {
			conf_res_set(r, k, text);
			return;
		}
	}
}

static int cmd_add(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	const struct conf_type *type;

	if (need_conf(s, err) || read_type(lx, &type, err) ||
	    conf_end_of_command(lx, err))
		return -1;
	if (conf_count(s->conf, type) >= type->max) {
		err_set(err, ERR_CONFIG, "line %u: zone %s has %u resource(s) %s already, which is the most",
			s->line, s->zone, type->max, type->name);
		return err_remedy(err, "Use 'select %s' to change one.", type->name);
	}
	s->open = conf_res_new(type);
	s->origin = NULL;
	propose_key(s, s->open);
	return 0;
}

static int cmd_end(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	const struct conf_type *type = s->open->type;
	struct conf_res *twin = NULL;
	int k = type->key;

	if (conf_end_of_command(lx, err))
		return -1;
	if (conf_check_res(s->open, err))
		return err_prefix(err, "line %u: token 'end'", s->line);
	if (k >= 0)
		twin = conf_find(s->conf, type, k, s->open->val[k]);
	if (twin && twin != s->origin) {
		err_set(err, ERR_CONFIG, "line %u: token 'end': another %s has %s=%s",
			s->line, type->name, type->prop[k].name, s->open->val[k]);
		return err_remedy(err, "Choose another %s.", type->prop[k].name);
	}
	if (s->origin) {
		conf_detach(s->conf, s->origin);
		conf_res_free(s->origin);
	}
	conf_insert(s->conf, s->open);
	s->open = s->origin = NULL;
	s->changed = true;
	return 0;
}

static int cmd_cancel(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	if (conf_end_of_command(lx, err))
		return -1;
	conf_res_free(s->open);
	s->open = s->origin = NULL;
	return 0;
}

/* A pattern is a resource where unset properties match anything. */
static bool matches(const struct conf_res *pattern, const struct conf_res *r)
{
	int i;

	if (r->type != pattern->type)
		return false;
	for (i = 0; i < CONF_MAX_PROPS; i++)
		if (pattern->val[i] && (!r->val[i] || strcmp(r->val[i], pattern->val[i])))
			return false;
	return true;
}

/* "anet 0" is short for "anet id=0". */
static int read_bare_key(struct conf_res *pattern, const struct lex_token *t,
			 struct zkz_err *err)
{
	const struct conf_type *type = pattern->type;
	char val[CONF_MAX_VALUE];

	if (type->key < 0 || conf_canon(&type->prop[type->key], t->text, val, err)) {
		conf_bad_token(t, err, "does not tell which %s", type->name);
		return err_remedy(err, "Write NAME=VALUE.");
	}
	conf_res_set(pattern, type->key, val);
	return 0;
}

/* The rest of select and remove: [-F] TYPE [KEY | NAME=VALUE ...] */
static struct conf_res *read_pattern(struct conf_session *s, struct lex *lx,
				     bool *force, struct zkz_err *err)
{
	const struct conf_type *type;
	struct conf_res *pattern;
	struct lex look = *lx;
	struct lex_token t;
	int i;

	if (force && !lex_next(&look, &t, err) && t.kind == LEX_WORD &&
	    !strcmp(t.text, "-F")) {
		*force = true;
		*lx = look;
	}
	if (read_type(lx, &type, err))
		return NULL;
	pattern = conf_res_new(type);
	for (i = 0; i < CONF_MAX_PROPS; i++)
		conf_res_set(pattern, i, NULL);

	for (;;) {
		char val[CONF_MAX_VALUE];
		int prop;

		if (lex_next(lx, &t, err))
			goto err_free;
		if (t.kind == LEX_END || t.kind == LEX_EOF)
			return pattern;
		if (t.kind == LEX_WORD && conf_prop_find(type, t.text) < 0) {
			if (read_bare_key(pattern, &t, err))
				goto err_free;
			continue;
		}
		if (conf_read_assignment(s, lx, &t, type, &prop, val, err))
			goto err_free;
		conf_res_set(pattern, prop, val);
	}

err_free:
	conf_res_free(pattern);
	return NULL;
}

static unsigned int find_matches(const struct conf_session *s,
				 const struct conf_res *pattern,
				 struct conf_res **first)
{
	struct conf_res *r;
	unsigned int n = 0;

	*first = NULL;
	for (r = s->conf->first; r; r = r->next) {
		if (!matches(pattern, r))
			continue;
		if (!n++)
			*first = r;
	}
	return n;
}

static int bad_count(const struct conf_session *s,
		     const char *type, unsigned int n, struct zkz_err *err)
{
	err_set(err, ERR_CONFIG, "line %u: token '%s': %s resource of zone %s matches",
		s->line, type, n ? "more than one" : "no", s->zone);
	return err_remedy(err, n ? "Name one, such as '%s 0' or '%s id=0'." :
			  "See 'info %s' for those there are.", type, type);
}

static int cmd_select(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	struct conf_res *pattern, *found;
	const char *name;
	unsigned int n;

	if (need_conf(s, err))
		return -1;
	pattern = read_pattern(s, lx, NULL, err);
	if (!pattern)
		return -1;
	name = pattern->type->name;
	n = find_matches(s, pattern, &found);
	conf_res_free(pattern);
	if (n != 1)
		return bad_count(s, name, n, err);
	s->open = conf_res_copy(found);
	s->origin = found;
	return 0;
}

static int cmd_remove(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	struct conf_res *pattern, *found;
	const char *name;
	bool force = false;
	unsigned int n;

	if (need_conf(s, err))
		return -1;
	pattern = read_pattern(s, lx, &force, err);
	if (!pattern)
		return -1;
	name = pattern->type->name;
	n = find_matches(s, pattern, &found);
	if (n != 1 && !force) {
		conf_res_free(pattern);
		return bad_count(s, name, n, err);
	}
	/* With -F all that match go, and none is fine. */
	while (find_matches(s, pattern, &found)) {
		conf_detach(s->conf, found);
		conf_res_free(found);
		s->changed = true;
	}
	conf_res_free(pattern);
	return 0;
}

static int cmd_clear(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	struct conf_res *r = s->open;
	struct lex_token t;
	int prop;

	if (need_conf(s, err) || lex_next(lx, &t, err))
		return -1;
	if (!r)
		r = &s->conf->global;
	prop = t.kind == LEX_WORD ? conf_prop_find(r->type, t.text) : -1;
	if (prop < 0)
		return conf_bad_token(&t, err, "no such property here");
	if (conf_end_of_command(lx, err))
		return -1;
	conf_res_set(r, prop, r->type->prop[prop].dflt);
	s->changed = true;
	return 0;
}

static int cmd_info(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	bool all = true;
	struct lex_token t;

	if (need_conf(s, err))
		return -1;
	for (;;) {
		if (lex_next(lx, &t, err))
			return -1;
		if (t.kind == LEX_END || t.kind == LEX_EOF)
			break;
		if (!s->out)
			continue;
		if (conf_info(s->conf, t.text, s->out))
			return conf_bad_token(&t, err, "no such property or resource type");
		all = false;
	}
	if (!all || !s->out)
		return 0;
	if (s->open) {
		conf_info_res(s->open, s->out);
		return 0;
	}
	fprintf(s->out, "zonename: %s\n", s->zone);
	return conf_info(s->conf, NULL, s->out);
}

static int cmd_export(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	if (need_conf(s, err) || conf_end_of_command(lx, err))
		return -1;
	if (s->out)
		conf_export(s->conf, s->out);
	return 0;
}

static int cmd_verify(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	if (need_conf(s, err) || conf_end_of_command(lx, err))
		return -1;
	return conf_check(s->conf, err);
}

static int cmd_commit(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	if (need_conf(s, err) || conf_end_of_command(lx, err))
		return -1;
	return conf_session_finish(s, err);
}

static int cmd_delete(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	bool force = false;

	if (need_conf(s, err) || read_options(lx, "F", &force, err))
		return -1;
	if (!force) {
		err_set(err, ERR_CONFIG, "line %u: token 'delete': would delete the configuration of zone %s",
			s->line, s->zone);
		return err_remedy(err, "Use 'delete -F' to do it.");
	}
	if (s->hooks && s->hooks->remove && s->hooks->remove(s, err))
		return -1;
	conf_free(s->conf);
	s->conf = NULL;
	s->changed = false;
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
	{ "add", cmd_add, true, false, "add TYPE", "begin a new resource" },
	{ "select", cmd_select, true, false, "select TYPE [ID | PROPERTY=VALUE ...]",
	  "begin to change a resource" },
	{ "end", cmd_end, false, true, "end", "finish the resource" },
	{ "cancel", cmd_cancel, false, true, "cancel", "drop the changes to the resource" },
	{ "remove", cmd_remove, true, false,
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
