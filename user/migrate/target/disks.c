// SPDX-License-Identifier: GPL-2.0
/* Target: what the zone's disks are here, before anything is changed. */
#include "migrate/disks.h"
#include "migrate/target/disks.h"
#include "qemu/user.h"

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
