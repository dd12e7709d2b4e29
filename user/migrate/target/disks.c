// SPDX-License-Identifier: GPL-2.0
/* Target: what the zone's disks are here, before anything is changed. */
#include "lib/file.h"
#include "lib/jsonl.h"
#include "migrate/commit/made.h"
#include "migrate/disks.h"
#include "migrate/target/disks.h"
#include "qemu/user.h"
#include "storage/create.h"
#include "storage/probe.h"
#include "zone/paths.h"

/* A sector of it. */
#define DISK_STEP	512

static const struct zone_disk *find(const struct target *t, long long id)
{
	unsigned int i;

	for (i = 0; i < t->model.nr_disks; i++)
		if (t->model.disk[i].id == id)
			return &t->model.disk[i];
	return NULL;
}

int target_disk(struct target *t, const json_t *msg, struct zkz_err *err)
{
	const struct zone_disk *d;
	struct spawn_user user;
	struct fingerprint p;
	long long id;

	if (disks_parse_request(msg, &id, &p, err) || qemu_user(&user, err))
		return -1;
	d = find(t, id);
	if (!d)
		return err_source_no_device(err, t->zone, id);
	if (fingerprint_take(d->storage, d->format, &user, &p, err))
		return err_device(err, d->id);
	return channel_send(&t->ch, "disk-ok", disks_answer(&p), err);
}

/* Written down before, so that it goes again without the migration; what was there before is never written down. */
static int make(struct target *t, const struct zone_disk *d, uint64_t size, uint64_t used,
		const struct spawn_user *user, struct zkz_err *err)
{
	if (file_mkdirs(ZKZ_IMAGES_DIR, 0711, err) || made_note(t->zone, d->storage, err))
		return -1;
	if (!storage_create(d->storage, size, used, d->format, user, err))
		return 0;
	made_not(t->zone, d->storage);
	return err_device(err, d->id);
}

static int there_already(const struct zone_disk *d, struct zkz_err *err)
{
	struct storage_uri u;

	if (uri_parse(d->storage, &u, err))
		return -1;
	err_storage_exists(err, u.path);
	return err_device(err, d->id);
}

int target_store(struct target *t, const json_t *msg, struct zkz_err *err)
{
	long long id = json_int(msg, "id", -1), size = json_int(msg, "size", 0), used = json_int(msg, "used", 0);
	bool look = json_bool(msg, "look", false);
	const struct zone_disk *d = find(t, id);
	struct spawn_user user;
	int missing;

	if (!d)
		return err_source_no_device(err, t->zone, id);
	if (!look && (size < DISK_STEP || size % DISK_STEP || used < 0))
		return err_source_request(err, "store");
	if (qemu_user(&user, err))
		return -1;
	missing = storage_is_missing(d->storage, d->format, false, &user, err);
	if (missing < 0)
		return err_device(err, d->id);
	if (!look && !missing)
		return there_already(d, err);
	if (!look && make(t, d, (uint64_t)size, (uint64_t)used, &user, err))
		return -1;
	return channel_send(&t->ch, "store-ok", json_pack("{s:b}", "there", !missing), err);
}
