// SPDX-License-Identifier: GPL-2.0
#include "zkzd/verify.h"

#include <fcntl.h>

#include "lib/io.h"
#include "net/tap.h"
#include "qemu/firmware.h"
#include "qemu/user.h"
#include "storage/probe.h"
#include "storage/served.h"
#include "zone/cpus.h"
#include "zone/store.h"
#include "zone/twins.h"

/**
 * struct verdict - what is found out
 * @rq:  whom it is told
 * @nr:  how many things are wrong
 */
struct verdict {
	struct request *rq;
	unsigned int nr;
};

static void warn(const struct zkz_err *warning, void *arg)
{
	struct verdict *v = arg;

	out_warning(&v->rq->out, warning);
}

static void judge(struct verdict *v, int rc, struct zkz_err *err)
{
	if (!rc)
		return;
	v->nr++;
	warn(err, v);
	err_clear(err);
}

static int look_boot_file(const char *path, const struct spawn_user *user, struct zkz_err *err)
{
	const struct look_at at = { .path = path, .flags = O_RDONLY, .user = user };
	struct look l;

	if (!path[0])
		return 0;
	if (look_open(&at, &l, err))
		return err_config_boot_files(err, user->name);
	io_close(&l.fd);
	return 0;
}

/* As the zone's QEMU would open it. */
static int look_disk(const struct zone_disk *d, const struct spawn_user *user, struct zkz_err *err)
{
	struct storage_uri u;
	struct served s;
	struct look l;
	uint64_t size;
	int rc;

	if (uri_parse(d->storage, &u, err) || storage_open(d->storage, d->format, !d->read_only, user, &l, err))
		return -1;
	io_close(&l.fd);
	if (uri_is_opened(&u))
		return 0;
	rc = served_open(&s, d->storage, &u, d->format, user, err) || served_size(&s, &size, err) ? -1 : 0;
	served_close(&s);
	return rc;
}

static int look_cpus(const struct zone_model *z, struct zkz_err *err)
{
	cpu_set_t before;

	if (zone_cpus_enter(z, &before, err))
		return -1;
	zone_cpus_leave(&before);
	return 0;
}

static void look_at_all(struct verdict *v, const struct zone_model *z, const struct spawn_user *user)
{
	struct zkz_err err = { 0 };
	struct firmware firmware;
	unsigned int i;

	judge(v, look_cpus(z, &err), &err);
	judge(v, z->uefi ? firmware_find(&firmware, &err) : 0, &err);
	judge(v, look_boot_file(z->kernel, user, &err), &err);
	judge(v, look_boot_file(z->initrd, user, &err), &err);
	for (i = 0; i < z->nr_disks; i++)
		judge(v, look_disk(&z->disk[i], user, &err) ? err_device(&err, z->disk[i].id) : 0, &err);
	for (i = 0; i < z->nr_nics; i++)
		judge(v, tap_check(&z->nic[i], &err) ? err_anet(&err, z->nic[i].id) : 0, &err);
}

int verify_zone(struct request *rq, struct zkz_err *err)
{
	struct verdict v = { .rq = rq };
	struct spawn_user user;
	struct zone_model z;

	if (zone_load(rq->zone, &z, err) || qemu_user(&user, err))
		return -1;
	look_at_all(&v, &z, &user);
	zone_twins(&z, warn, &v);
	return v.nr ? err_zone_not_verified(err, rq->zone) : 0;
}
