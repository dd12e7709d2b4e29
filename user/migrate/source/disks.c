// SPDX-License-Identifier: GPL-2.0
/* Source: disks must be storage that both hosts share, and one disk on both. */
#include <inttypes.h>

#include "lib/jsonl.h"
#include "migrate/disks.h"
#include "migrate/source/disks.h"
#include "qemu/user.h"
#include "storage/create.h"
#include "storage/probe.h"
#include "storage/uri.h"

#define ANSWER_MS	60000
/* How often a piece must differ, and the time between: nobody writes a piece back and forth in this rhythm. */
#define ROUNDS		3
#define PAUSE_MS	300
#define SECTOR		512

/* Can it be made on another host? */
static bool is_file(const char *text)
{
	struct storage_uri u;

	return !uri_parse(text, &u, NULL) && u.kind == URI_FILE;
}

int source_check_storage(const char *zone, const struct zone_model *model, bool *local, struct zkz_err *err)
{
	struct spawn_user user;
	struct zkz_err why = { 0 };
	unsigned int i;

	if (qemu_user(&user, err))
		return -1;
	for (i = 0; i < model->nr_disks; i++) {
		const struct zone_disk *d = &model->disk[i];
		int shared = storage_is_shared(d->storage, &user, &why, err);

		if (shared < 0)
			return err_device(err, d->id);
		if (shared)
			continue;
		if (local && is_file(d->storage)) {
			local[i] = true;
			continue;
		}
		err_storage_local(err, d->id, zone);
		return err_cause(err, &why);
	}
	return 0;
}

static int ask(struct link *l, const struct zone_disk *d, const struct fingerprint *ours,
	       struct fingerprint *theirs, struct zkz_err *err)
{
	json_t *ans;
	int rc;

	if (channel_call(&l->ch, "disk", disks_request(d->id, ours), &ans, deadline_in_ms(ANSWER_MS), err))
		return -1;
	rc = disks_parse_answer(ans, ours, theirs, err);
	json_decref(ans);
	return rc;
}

static int check_one(struct link *l, const char *zone, const struct zone_disk *d, const struct spawn_user *user,
		     struct zkz_err *err)
{
	struct fingerprint ours = { 0 }, theirs, after;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		if (round)
			clock_sleep_ms(PAUSE_MS);
		if (fingerprint_take(d->storage, d->format, user, &ours, err) || ask(l, d, &ours, &theirs, err))
			return -1;
		if (ours.size != theirs.size)
			return err_storage_other_size(err, d->id, zone, l->uri.host, d->storage, ours.size,
						      theirs.size);
		if (disks_equal(&ours, &theirs))
			return 0;
		after = ours;
		if (fingerprint_take(d->storage, d->format, user, &after, err))
			return -1;
		if (!disks_suspect(&ours, &theirs, &after))
			return 0;
	}
	return err_storage_other_contents(err, d->id, zone, l->uri.host, d->storage);
}

/* Return: 1 if the target has it, 0 if not, -1. */
static int is_there(struct link *l, const struct zone_disk *d, struct zkz_err *err)
{
	json_t *ans;
	int there;

	if (channel_call(&l->ch, "store", json_pack("{s:i, s:b}", "id", (int)d->id, "look", 1), &ans,
			 deadline_in_ms(ANSWER_MS), err))
		return -1;
	there = json_bool(ans, "there", false);
	json_decref(ans);
	return there;
}

/* A new disk of that size, with nothing on it. */
static int make(struct link *l, const struct zone_disk *d, const struct spawn_user *user, struct zkz_err *err)
{
	struct fingerprint ours = { 0 };
	uint64_t used, size;

	if (fingerprint_take(d->storage, d->format, user, &ours, err) || storage_used(d->storage, user, &used, err))
		return err_device(err, d->id);
	/* A file may have any length; the disk that a guest sees of it has whole sectors. */
	size = (ours.size + SECTOR - 1) / SECTOR * SECTOR;
	return channel_call(&l->ch, "store", json_pack("{s:i, s:I, s:I}", "id", (int)d->id, "size",
						       (json_int_t)size, "used", (json_int_t)used),
			    NULL, deadline_in_ms(ANSWER_MS), err);
}

/* What is only read may be there, and is compared then; of what is written there is one copy. */
static int send_along(struct source *s, unsigned int i, const struct spawn_user *user, struct zkz_err *err)
{
	const struct zone_disk *d = &s->model.disk[i];
	int there = d->read_only && !d->seed ? is_there(&s->link, d, err) : 0;

	if (there < 0)
		return -1;
	if (there)
		return check_one(&s->link, s->rq->zone, d, user, err);
	if (make(&s->link, d, user, err))
		return -1;
	s->mirror.disk[i] = true;
	s->mirror.nr++;
	return 0;
}

int source_disks(struct source *s, struct zkz_err *err)
{
	struct spawn_user user;
	unsigned int i;

	if (qemu_user(&user, err))
		return -1;
	if (s->opt.storage && !s->link.ssh.stores)
		return err_incompatible_no_store(err, s->link.uri.host);
	for (i = 0; i < s->model.nr_disks; i++)
		if (s->mirror.local[i] ? send_along(s, i, &user, err) :
					 check_one(&s->link, s->rq->zone, &s->model.disk[i], &user, err))
			return -1;
	return 0;
}
