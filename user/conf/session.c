// SPDX-License-Identifier: GPL-2.0
#include "conf/session.h"

#include <string.h>

#include "conf/diff.h"

void conf_session_init(struct conf_session *s, const char *zone,
		       struct conf *conf, const struct conf_hooks *hooks)
{
	memset(s, 0, sizeof(*s));
	s->zone = zone;
	s->conf = conf;
	s->base = conf_copy(conf);
	s->hooks = hooks;
}

void conf_session_fini(struct conf_session *s)
{
	conf_res_free(s->open);
	conf_free(s->conf);
	conf_free(s->base);
	err_clear(&s->damaged);
	memset(s, 0, sizeof(*s));
}

bool conf_session_changed(const struct conf_session *s)
{
	return s->removed || !conf_same(s->base, s->conf);
}

static void store(struct conf_session *s)
{
	conf_free(s->base);
	s->base = conf_copy(s->conf);
	err_clear(&s->damaged);
}

int conf_session_finish(struct conf_session *s, struct zkz_err *err)
{
	const struct conf_hooks *h = s->hooks;

	if (!conf_session_changed(s))
		return 0;
	if (s->conf && conf_check(s->conf, err))
		return -1;
	if (s->conf ? h && h->commit && h->commit(s, err) : h && h->remove && h->remove(s, err))
		return -1;
	s->removed = false;
	store(s);
	return 0;
}

void conf_session_revert(struct conf_session *s)
{
	conf_res_free(s->open);
	s->open = s->origin = NULL;
	conf_free(s->conf);
	s->conf = conf_copy(s->base);
	s->removed = false;
}

int conf_need_conf(struct conf_session *s, struct zkz_err *err)
{
	if (s->conf)
		return 0;
	if (s->damaged.id && !s->removed) {
		if (err)
			*err = s->damaged;
		return -1;
	}
	return err_config_missing(err, s->zone);
}
