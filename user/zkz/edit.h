/* SPDX-License-Identifier: GPL-2.0 */
/* A session of the configuration language on a zone of this host: what it reads and where it stores. */
#ifndef ZKZ_ZKZ_EDIT_H
#define ZKZ_ZKZ_EDIT_H

#include "conf/session.h"

/**
 * struct edit - a session and what zkzd knows of its zone
 * @s:      session
 * @hooks:  its hooks, which the owner may add to before it runs
 * @digest: of what the working copy is based on
 */
struct edit {
	struct conf_session s;
	struct conf_hooks hooks;
	char digest[72];
};

/**
 * edit_begin() - get what is stored of a zone
 * @e:        filled
 * @zone:     zone name, which must stay
 * @detached: a zone that is made belongs to no host
 * @err:      filled on failure
 */
int edit_begin(struct edit *e, const char *zone, bool detached, struct zkz_err *err);

/** edit_end() - drop what was not stored */
void edit_end(struct edit *e);

#endif
