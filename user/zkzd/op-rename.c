// SPDX-License-Identifier: GPL-2.0
/* The verb that gives a zone another name. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/io.h"
#include "lib/log.h"
#include "zkzd/change.h"
#include "zkzd/dispatch.h"
#include "zkzd/making.h"
#include "zone/incomplete.h"
#include "zone/lock.h"
#include "zone/owner.h"
#include "zone/paths.h"
#include "zone/store.h"

#define LOCK_MS	1000

/* Where its firmware finds the boot loader. */
static int move_nvram(const char *from, const char *to, struct zkz_err *err)
{
	char old[ZONE_PATH_MAX], new[ZONE_PATH_MAX];

	if (!rename(zone_path(ZF_NVRAM, from, old), zone_path(ZF_NVRAM, to, new)) || errno == ENOENT)
		return 0;
	return err_file_replace(err, new, errno);
}

/* Nobody is the owner of two, at no moment: whatever breaks off leaves zones that are attached by hand, or deleted. */
static int move_zone(const char *from, const struct zone_owner *old, const char *to, struct zone_owner *new,
		     struct zkz_err *err)
{
	struct conf *c = zone_conf_load(from, err);
	int rc = c ? zone_conf_save(to, c, err) : -1;

	conf_free(c);
	if (rc || zone_owner_forget(from, err))
		return -1;
	if (new->epoch < old->epoch)
		new->epoch = old->epoch;
	if (old->kind == OWNER_HERE && zone_owner_begin(to, new, err))
		return -1;
	return move_nvram(from, to, err) ? -1 : zone_conf_delete(from, err);
}

/* They are of use, and no more. */
static void move_logs(const char *from, const char *to)
{
	static const enum zone_file logs[] = { ZF_MESSAGES, ZF_CONSOLE_LOG };
	char old[ZONE_PATH_MAX], new[ZONE_PATH_MAX];
	size_t i;

	for (i = 0; i < sizeof(logs) / sizeof(logs[0]); i++)
		if (rename(zone_path(logs[i], from, old), zone_path(logs[i], to, new)) && errno != ENOENT)
			log_warn("cannot rename %s: %s", old, strerror(errno));
}

static int rename_locked(const char *from, const struct zone_status *st, const char *to, struct zkz_err *err)
{
	struct zone_owner old, new;

	if (st->state == ZONE_RUNNING)
		return err_zone_running(err, from);
	if (making_owner(from, &old, err))
		return -1;
	if (zone_incomplete(from))
		return err_zone_incomplete(err, from);
	if (zone_configured(to))
		return err_zone_name_taken(err, to);
	/* What another host may have by that name is not what is here. */
	if (zone_owner_read(to, &new, err))
		return -1;
	if (new.kind != OWNER_NONE)
		return zone_owner_may_run(to, err) ? -1 : err_zone_name_taken(err, to);
	if (move_zone(from, &old, to, &new, err))
		return -1;
	move_logs(from, to);
	return 0;
}

static int rename_to(const char *from, const struct zone_status *st, const char *to, struct zkz_err *err)
{
	int lock = zone_lock_new(to, deadline_in_ms(LOCK_MS), err), rc;

	if (lock < 0)
		return -1;
	rc = rename_locked(from, st, to, err);
	io_close(&lock);
	return rc;
}

int op_rename(struct request *rq, struct zkz_err *err)
{
	const char *to = json_str(rq->args, "to");
	struct zone_status st;
	int lock, rc;

	if (!to)
		return err_usage_no_zone(err, rq->op);
	if (zone_check_name(to, err) || rights_check(rq, RIGHT_CONFIG, to, err))
		return -1;
	/* Both locks are one. */
	if (!strcmp(rq->zone, to))
		return err_zone_name_taken(err, to);
	lock = change_begin(rq, &st, err);
	if (lock < 0)
		return -1;
	rc = rename_to(rq->zone, &st, to, err);
	io_close(&lock);
	if (rc)
		return -1;
	out_result(&rq->out, NULL, "Zone renamed to %s.", to);
	return 0;
}
