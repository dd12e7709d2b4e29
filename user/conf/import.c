// SPDX-License-Identifier: GPL-2.0
/* "import-libvirt FILE": a configuration begins with a virtual machine of libvirt. Who reads files makes it. */
#include "conf/commands.h"

#include "conf/syntax.h"

static int read_path(struct lex *lx, struct lex_token *t, struct zkz_err *err)
{
	if (lex_value(lx, t, err))
		return -1;
	if (t->kind != LEX_WORD || !t->text[0]) {
		err_config_import_file(err);
		return conf_bad_token(t, err);
	}
	return conf_end_of_command(lx, err);
}

int conf_cmd_import(struct conf_session *s, struct lex *lx, struct zkz_err *err)
{
	bool force = conf_take_force(lx);
	struct lex_token path;
	struct conf *c;

	if (read_path(lx, &path, err))
		return -1;
	if ((s->conf || s->damaged.id) && !s->removed && !force)
		return s->conf ? err_config_exists(err, s->zone) : conf_need_conf(s, err);
	/* A stored text, or a template, says all itself. */
	if (!s->hooks || !s->hooks->import) {
		err_config_command(err);
		return err_config_token(err, s->line, "import-libvirt");
	}
	c = s->hooks->import(s, path.text, err);
	if (!c)
		return err_config_token(err, s->line, "import-libvirt");
	conf_free(s->conf);
	s->conf = c;
	return 0;
}
