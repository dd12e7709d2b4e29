// SPDX-License-Identifier: GPL-2.0
#include "conf/session.h"

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

int conf_need_conf(struct conf_session *s, struct zkz_err *err)
{
	if (s->conf)
		return 0;
	return err_config_missing(err, s->zone);
}
