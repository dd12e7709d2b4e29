// SPDX-License-Identifier: GPL-2.0
#include "zkzd/rights.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/file.h"
#include "lib/log.h"
#include "zkzd/audit.h"
#include "zone/store.h"

#define MAX_GROUPS	256
#define MAX_FILE	(256 * 1024)

/* Their names, which the process keeps until it ends. */
static unsigned int groups_of(const struct passwd *pw, const char **names)
{
	gid_t gid[MAX_GROUPS];
	int nr = MAX_GROUPS, i;
	unsigned int n = 0;

	if (getgrouplist(pw->pw_name, pw->pw_gid, gid, &nr) < 0)
		nr = MAX_GROUPS;
	for (i = 0; i < nr; i++) {
		const struct group *gr = getgrgid(gid[i]);
		char *name = gr ? strdup(gr->gr_name) : NULL;

		if (name)
			names[n++] = name;
	}
	return n;
}

/* One that others than root can write to would make root of them. */
static char *read_rights(void)
{
	struct zkz_err why = { 0 };
	struct stat st;
	char *text;

	if (stat(ZKZ_RIGHTS, &st))
		return NULL;
	if (st.st_uid || st.st_mode & 0022) {
		log_error("%s is not root's alone to write, and grants nothing", ZKZ_RIGHTS);
		return NULL;
	}
	text = file_read(ZKZ_RIGHTS, MAX_FILE, NULL, &why);
	if (!text)
		log_error("%s", why.text);
	return text;
}

static bool host_grants(const struct rights_who *who, enum right r, const char *zone)
{
	char *text = read_rights();
	unsigned int bad = 0;
	bool found = text && rights_in_text(text, who, r, zone, &bad);

	if (bad)
		log_warn("%s: line %u is not understood, and grants nothing", ZKZ_RIGHTS, bad);
	free(text);
	return found;
}

static bool zone_grants(const char *user, enum right r, const char *zone)
{
	struct conf *c = zone ? zone_conf_load(zone, NULL) : NULL;
	bool found = c && rights_in_conf(c, user, r);

	conf_free(c);
	return found;
}

static int deny(const struct request *rq, enum right r, const char *zone, struct zkz_err *err)
{
	log_event(LOG_WARN, EVENT_DENIED, "%s%s'%s' denied to user %u, who lacks the right '%s'", zone ? zone : "",
		  zone ? ": " : "", rq->op, (unsigned int)rq->uid, right_text(r));
	audit_tell(rq, zone, false);
	return r == RIGHT_ROOT ? err_denied_operation(err, rq->uid, rq->op) :
		err_denied_right(err, rq->uid, rq->op, right_text(r));
}

int rights_deny_admin(const struct request *rq, struct zkz_err *err)
{
	log_event(LOG_WARN, EVENT_DENIED, "%s: '%s' of resources admin denied to user %u", rq->zone, rq->op,
		  (unsigned int)rq->uid);
	audit_tell(rq, rq->zone, false);
	return err_denied_admin(err, rq->uid, rq->zone);
}

int rights_check(const struct request *rq, enum right r, const char *zone, struct zkz_err *err)
{
	const char *group[MAX_GROUPS];
	struct rights_who who = { .group = group };
	const struct passwd *pw;

	if (!rq->uid || r == RIGHT_LOOK)
		return 0;
	pw = r == RIGHT_ROOT ? NULL : getpwuid(rq->uid);
	if (!pw)
		return deny(rq, r, zone, err);
	who.user = strdup(pw->pw_name);
	if (!who.user)
		return err_no_memory(err);
	who.nr_groups = groups_of(pw, group);
	if (host_grants(&who, r, zone) || zone_grants(who.user, r, zone))
		return 0;
	return deny(rq, r, zone, err);
}
