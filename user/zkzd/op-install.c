// SPDX-License-Identifier: GPL-2.0
/* The verb that gives a zone its disks. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/io.h"
#include "qemu/user.h"
#include "storage/look.h"
#include "storage/lun.h"
#include "storage/magic.h"
#include "storage/probe.h"
#include "storage/qcow2.h"
#include "zkzd/change.h"
#include "zkzd/dispatch.h"
#include "zkzd/making.h"
#include "zkzd/seed.h"
#include "zone/claim.h"
#include "zone/incomplete.h"
#include "zone/owner.h"
#include "zone/store.h"

/* Of the disk that a zone boots from, as of the product that kernel zones are named after. */
#define ROOT_SIZE	(16ULL << 30)

/**
 * struct install - what is to be done
 * @rq:      request
 * @z:       the zone
 * @user:    whom QEMU runs as
 * @missing: which of its disks are to be made
 * @nr:      how many
 * @root:    which one it boots from
 * @image:   URI of what that is to be, or empty
 * @format:  of the image
 * @seed:    first settings of the guest
 * @claim:   holds it: no zone of this host runs with it meanwhile
 * @force:   what is on a device may be lost
 */
struct install {
	struct request *rq;
	struct zone_model z;
	struct spawn_user user;
	bool missing[ZONE_MAX_DISKS];
	unsigned int nr;
	unsigned int root;
	char image[URI_TEXT_SIZE];
	const char *format;
	struct seed seed;
	int claim;
	bool force;
};

/* A path is as good as a URI. */
static int name_image(struct install *in, const char *image, struct zkz_err *err)
{
	struct storage_uri u = { .kind = URI_FILE };

	if (image[0] != '/')
		return uri_parse(image, &u, err) ? -1 : (uri_print(&u, in->image), 0);
	if (strlen(image) >= sizeof(u.path))
		return err_path_long(err, image);
	strcpy(u.path, image);
	uri_print(&u, in->image);
	return uri_check(in->image, err);
}

/* Only two formats are known; nobody guesses what else a file might be. */
static int look_at_image(struct install *in, struct zkz_err *err)
{
	struct look_at at = { .flags = O_RDONLY, .user = &in->user, .either = true };
	char key[STORAGE_KEY_SIZE];
	struct storage_uri u;
	struct look l;

	in->format = "raw";
	if (uri_parse(in->image, &u, err))
		return -1;
	if (!uri_is_opened(&u))
		return 0;
	at.path = u.path;
	if (lun_place(&u, err) || look_open(&at, &l, err))
		return -1;
	io_close(&l.fd);
	if (storage_key(in->image, &l, key, err))
		return -1;
	in->claim = zone_claim(key, in->rq->zone, false, err);
	if (in->claim < 0)
		return -1;
	if (qcow2_size(l.head, l.head_len))
		in->format = "qcow2";
	switch (magic_of(l.head, l.head_len)) {
	case MAGIC_PACKED:
		return err_install_image_packed(err, u.path);
	case MAGIC_FOREIGN:
		return err_install_image_foreign(err, u.path);
	case MAGIC_NONE:
		break;
	}
	return 0;
}

/* What is only read was to be there before, but for the settings of the guest, which were not to. */
static int check_read(const struct install *in, const struct zone_disk *d, bool missing, struct zkz_err *err)
{
	bool drawn = d->seed && in->seed.fd >= 0;
	struct storage_uri u;

	if (missing == drawn)
		return 0;
	if (missing && d->seed)
		return err_seed_missing(err, in->rq->zone, d->id);
	uri_parse(d->storage, &u, NULL);
	if (missing)
		err_storage_missing(err, u.path, ENOENT);
	else
		err_storage_exists(err, u.path);
	return err_device(err, d->id);
}

static int find_missing(struct install *in, struct zkz_err *err)
{
	unsigned int i;

	for (i = 0; i < in->z.nr_disks; i++) {
		const struct zone_disk *d = &in->z.disk[i];
		int missing = making_is_missing(d, &in->user, err);

		if (missing < 0)
			return -1;
		if (d->read_only && check_read(in, d, missing, err))
			return -1;
		in->missing[i] = missing;
		in->nr += (unsigned int)missing;
		if (missing && !d->read_only && !d->create_size && i != in->root)
			return err_install_size(err, d->id);
	}
	return 0;
}

static int make_disk(struct install *in, struct making *m, unsigned int i, struct zkz_err *err)
{
	const struct making_source from = { .text = in->image, .format = in->format };
	const struct zone_disk *d = &in->z.disk[i];

	if (d->seed)
		return in->missing[i] ? making_seed(m, d, in->seed.fd, err) : 0;
	if (i == in->root && in->image[0])
		return making_copy(m, d, &from, in->force, err);
	return in->missing[i] ? making_blank(m, d, d->create_size ? d->create_size : ROOT_SIZE, err) : 0;
}

static int make_disks(struct install *in, struct zkz_err *err)
{
	json_t *uris = json_array();
	struct making m;
	unsigned int i;
	int rc = 0;

	for (i = 0; i < in->z.nr_disks; i++)
		if (in->missing[i])
			json_array_append_new(uris, json_string(in->z.disk[i].storage));
	if (making_begin(&m, in->rq, uris, err))
		return -1;
	for (i = 0; !rc && i < in->z.nr_disks; i++)
		rc = make_disk(in, &m, i, err);
	if (!rc)
		rc = making_end(&m, err);
	else
		making_undo(&m);
	return rc;
}

/* Solaris would mirror them. */
static int check_alone(const struct install *in, struct zkz_err *err)
{
	unsigned int i;

	for (i = 0; i < in->z.nr_disks; i++) {
		const struct zone_disk *d = &in->z.disk[i];

		if (i != in->root && d->bootpri >= 0 && !d->read_only)
			return err_install_mirror(err, in->rq->zone, d->id);
	}
	return 0;
}

static int install(struct install *in, const struct zone_status *st, struct zkz_err *err)
{
	const char *zone = in->rq->zone, *image = json_str(in->rq->args, "image");
	struct zone_owner o;

	if (st->state == ZONE_RUNNING)
		return err_zone_running(err, zone);
	if (making_owner(zone, &o, err))
		return -1;
	if (zone_incomplete(zone))
		return err_zone_incomplete(err, zone);
	if (zone_load(zone, &in->z, err) || qemu_user(&in->user, err) || seed_begin(&in->seed, in->rq, &in->z, err))
		return -1;
	in->root = zone_model_root(&in->z);
	if (find_missing(in, err))
		return -1;
	if (image && (!in->z.nr_disks || in->z.disk[in->root].read_only))
		return err_install_no_disk(err, zone);
	if (image && (check_alone(in, err) || name_image(in, image, err) || look_at_image(in, err)))
		return -1;
	if (!image && !in->nr && o.kind == OWNER_HERE)
		return err_zone_installed(err, zone);
	return make_disks(in, err);
}

int op_install(struct request *rq, struct zkz_err *err)
{
	struct install in = {
		.rq = rq, .seed = { .fd = -1 }, .claim = -1, .force = json_bool(rq->args, "force", false),
	};
	uint64_t began = clock_mono_ns();
	struct zone_status st;
	int lock = change_begin(rq, &st, err), rc;

	if (lock < 0)
		return -1;
	rc = install(&in, &st, err);
	seed_end(&in.seed, rq->zone, !rc);
	io_close(&in.claim);
	io_close(&lock);
	if (rc)
		return -1;
	out_result(&rq->out, NULL, "Zone installed in %.1f seconds.",
		   (double)(clock_mono_ns() - began) / NSEC_PER_SEC);
	return 0;
}
