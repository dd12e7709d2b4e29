// SPDX-License-Identifier: GPL-2.0
/* Source: disks must be storage that both hosts share, and one disk on both. */
#include <inttypes.h>

#include "lib/jsonl.h"
#include "migrate/disks.h"
#include "migrate/source/disks.h"
#include "qemu/user.h"
#include "storage/probe.h"

#define ANSWER_MS	60000
/* How often a piece must differ, and the time between: nobody writes a piece back and forth in this rhythm. */
#define ROUNDS		3
#define PAUSE_MS	300

int source_check_storage(const char *zone, const struct zone_model *model, struct zkz_err *err)
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

int source_check_disks(struct link *l, const char *zone, const struct zone_model *model, struct zkz_err *err)
{
	struct spawn_user user;
	unsigned int i;

	if (qemu_user(&user, err))
		return -1;
	for (i = 0; i < model->nr_disks; i++)
		if (check_one(l, zone, &model->disk[i], &user, err))
			return -1;
	return 0;
}
