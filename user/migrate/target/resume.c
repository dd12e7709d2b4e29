// SPDX-License-Identifier: GPL-2.0
/*
 * Target: a source whose connections broke comes again, to a new worker. The zone is
 * this host's already, so there is nothing to undo here, whatever fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/id.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "migrate/commit/journal.h"
#include "migrate/target/fetch.h"
#include "migrate/target/resume.h"
#include "zone/paths.h"
#include "zone/store.h"

#define ROUND_MS	500
#define STREAMS_MS	30000
/* The module finds that a silent peer is dead within its own deadline. */
#define LOST_MS		(SESSION_TIMEOUT_MS + 10000)

static int take_names(struct target *t, const json_t *msg, struct zkz_err *err)
{
	const char *zone = json_str(msg, "zone"), *id = json_str(msg, "migration");
	const char *peer = json_str(msg, "source");

	if (!zone || !id || !peer || !id_ok(id) || zone_check_name(zone, NULL))
		return err_source_request(err, "resume");
	snprintf(t->zone, sizeof(t->zone), "%s", zone);
	snprintf(t->commit.migration, sizeof(t->commit.migration), "%s", id);
	snprintf(t->commit.peer, sizeof(t->commit.peer), "%s", peer);
	return target_patience(&t->patience_ms, msg, err);
}

/* Does this migration own the zone, and is its memory still here? */
static int check_zone(struct target *t, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	struct zone_owner o;

	if (zone_owner_read(t->zone, &o, err))
		return -1;
	/* Where it has only arrived, its QEMU may need the missing pages to start it. */
	if ((o.kind != OWNER_HERE && o.kind != OWNER_ARRIVED) || strcmp(o.migration, t->commit.migration))
		return err_memory_not_by_this(err, t->zone);
	t->mover.memory = open(zone_path(ZF_MEMORY, t->zone, path), O_RDWR | O_CLOEXEC);
	if (t->mover.memory < 0)
		return err_memory_zone_gone(err, t->zone);
	t->mover.genl = genl_open(err);
	return t->mover.genl ? 0 : -1;
}

/* The session, once it has noticed that it is lost. Return: 1, 0 if nothing is missing, -1. */
static int find_lost(struct target *t, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(LOST_MS);
	struct session_info info;
	uint64_t missing = 0;
	struct stat st;
	int rc;

	if (fstat(t->mover.memory, &st))
		return err_memory_look(err, errno);
	for (;;) {
		rc = session_find(t->mover.genl, st.st_ino, &info, err);
		if (rc < 0 || memory_missing(t->mover.genl, st.st_ino, &missing, err) < 0)
			return -1;
		if (!missing)
			return 0;
		if (!rc || info.role != ZKZ_ROLE_TARGET || info.state == ZKZ_STATE_FAILED ||
		    info.cookie != session_cookie(t->commit.migration))
			return err_memory_given_up(err, t->zone);
		if (info.state == ZKZ_STATE_LOST)
			break;
		if (!deadline_left_ms(dl))
			return err_fetch_goes_on(err, t->zone);
		clock_sleep_ms(ROUND_MS);
	}
	t->mover.session = info.id;
	return 1;
}

static int join(struct target *t, struct zkz_err *err)
{
	json_t *msg;

	if (channel_recv_type(&t->ch, "join", &msg, deadline_in_ms(STREAMS_MS), err))
		return -1;
	json_decref(msg);
	if (ways_join(&t->ways, &t->ch, err) || mover_resume(&t->mover, t->ways.fd, t->ways.nr, err))
		return -1;
	return channel_send(&t->ch, "join-ok", NULL, err);
}

int target_resume(struct target *t, const json_t *msg, struct zkz_err *err)
{
	int rc;

	if (take_names(t, msg, err) || check_zone(t, err))
		return -1;
	/* From here on there is nothing to undo: the zone is ours. */
	t->owned = true;
	rc = find_lost(t, err);
	if (rc < 0)
		return -1;
	if (!rc)
		return channel_send(&t->ch, "resume-ok", json_pack("{s:b}", "complete", 1), err);
	if (ways_listen(&t->ways, &t->ch, "resume-ok", msg, t->commit.migration,
			json_str(t->rq->args, "address"), err) || join(t, err))
		return -1;
	t->mover.fetching = true;
	return 0;
}
