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

/** enum edit_what - what a session works on, and changes */
enum edit_what {
	EDIT_STORED,	/* the configuration that is stored */
	EDIT_DETACHED,	/* the same; a zone that is made belongs to no host */
	EDIT_RUNNING,	/* what a zone that runs has, which stored configuration stays as it is */
};

/**
 * edit_begin() - get what there is of a zone
 * @e:    filled
 * @zone: zone name, which must stay
 * @what: see there
 * @err:  filled on failure
 */
int edit_begin(struct edit *e, const char *zone, enum edit_what what, struct zkz_err *err);

/** edit_end() - drop what was not stored */
void edit_end(struct edit *e);

#endif
