/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who may do what with zones, besides root. Pure.
 *
 * It stands in a file of the host, ZKZ_RIGHTS, and in the resources "admin" of a zone's configuration:
 *
 *   # who         may             with these zones; with all of the host, and itself, if none is named
 *   joe           manage,login    web1 web2
 *   %operators    migrate
 */
#ifndef ZKZ_ZONE_RIGHTS_H
#define ZKZ_ZONE_RIGHTS_H

#include <stdbool.h>

#include "conf/model.h"

#define ZKZ_RIGHTS	"/etc/zkz/rights"

/** enum right - what an operation needs */
enum right {
	RIGHT_LOOK,	/* to be let in by the socket: root, and the group zkz */
	RIGHT_LOGIN,	/* the console, and commands in the guest */
	RIGHT_MANAGE,	/* boot, halt and whatever else leaves a zone what it is */
	RIGHT_MIGRATE,	/* to other hosts */
	RIGHT_CLONEFROM, /* to be the source of a clone */
	RIGHT_CONFIG,	/* the configuration, and with it all files and devices of the host */
	RIGHT_ROOT,	/* nobody else's */
};

/** struct rights_who - who asks: the name of a user, and those of the user's groups */
struct rights_who {
	const char *user;
	const char *const *group;
	unsigned int nr_groups;
};

/** right_text() - "manage" */
const char *right_text(enum right r);

/**
 * rights_in_text() - does the file grant something?
 * @text: its content
 * @who:  who asks
 * @r:    what for
 * @zone: with which zone; NULL for the host
 * @bad:  set to the number of the first line that cannot be understood, which grants nothing; else to 0
 */
bool rights_in_text(const char *text, const struct rights_who *who, enum right r, const char *zone, unsigned int *bad);

/** rights_in_conf() - does a zone's configuration grant it to the user? */
bool rights_in_conf(const struct conf *c, const char *user, enum right r);

/** rights_same() - do two configurations grant the same? Either may be NULL */
bool rights_same(const struct conf *a, const struct conf *b);

#endif
