// SPDX-License-Identifier: GPL-2.0
/* The verb that takes a zone's disks away. */
#include <stdio.h>

#include "lib/file.h"
#include "lib/io.h"
#include "qemu/user.h"
#include "storage/create.h"
#include "storage/probe.h"
#include "zkzd/change.h"
#include "zkzd/dispatch.h"
#include "zkzd/making.h"
#include "zone/incomplete.h"
#include "zone/owner.h"
#include "zone/paths.h"
#include "zone/store.h"
#include "zone/twins.h"

static void warn(struct request *rq, struct zkz_err *warning)
{
	out_warning(&rq->out, warning);
	err_clear(warning);
}

/* Is it a file that no other zone has? Then it goes. */
static int add_file(struct request *rq, const struct zone_disk *d, const struct spawn_user *user, json_t *uris,
		    struct zkz_err *err)
{
	struct zkz_err warning = { 0 };
	struct storage_uri u;
	char other[64];
	struct look l;
	int missing;

	if (d->read_only && !d->seed) {
		err_uninstall_read(&warning, d->id, d->storage);
		warn(rq, &warning);
		return 0;
	}
	missing = making_is_missing(d, user, err);
	if (missing)
		return missing < 0 ? -1 : 0;
	if (uri_parse(d->storage, &u, err) || zone_other_user(rq->zone, d->storage, other, err))
		return -1;
	if (other[0]) {
		err_uninstall_used(&warning, d->id, d->storage, other);
		warn(rq, &warning);
		return 0;
	}
	if (u.kind == URI_FILE) {
		if (storage_open(d->storage, d->format, !d->read_only, user, &l, err))
			return err_device(err, d->id);
		io_close(&l.fd);
		/* A zone may run with what its configuration has no more. Held until this process ends. */
		if (!l.block)
			return making_claim(d, rq->zone, user, err) < 0 ? -1 :
				json_array_append_new(uris, json_string(d->storage));
	}
	err_uninstall_stays(&warning, d->id, d->storage);
	warn(rq, &warning);
	return 0;
}

/* What was begun and not ended is taken back; what was there before that is not touched. */
static json_t *files_of(struct request *rq, const struct spawn_user *user, struct zkz_err *err)
{
	struct zone_model z;
	json_t *uris;
	unsigned int i;

	if (zone_incomplete(rq->zone))
		return zone_incomplete_uris(rq->zone, err);
	if (zone_load(rq->zone, &z, err))
		return NULL;
	uris = json_array();
	for (i = 0; uris && i < z.nr_disks; i++) {
		if (!add_file(rq, &z.disk[i], user, uris, err))
			continue;
		json_decref(uris);
		uris = NULL;
	}
	return uris;
}

/* Whatever breaks off on the way leaves a zone that is incomplete, and this can be done again. */
static int remove_files(struct request *rq, const json_t *uris, const struct spawn_user *user, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	const json_t *uri;
	size_t i;

	if (zone_incomplete_begin(rq->zone, uris, err))
		return -1;
	json_array_foreach(uris, i, uri) {
		const char *text = json_string_value(uri);

		out_step(&rq->out, "Removing %s.", text ? text : "");
		if (text && storage_remove(text, user, err))
			return -1;
	}
	/* What its firmware knows is of those disks. */
	if (file_remove(zone_path(ZF_NVRAM, rq->zone, path), err))
		return -1;
	return zone_owner_forget(rq->zone, err) || zone_incomplete_end(rq->zone, err) ? -1 : 0;
}

static int uninstall(struct request *rq, const struct zone_status *st, struct zkz_err *err)
{
	struct spawn_user user;
	struct zone_owner o;
	json_t *uris;
	int rc;

	if (st->state == ZONE_RUNNING)
		return err_zone_running(err, rq->zone);
	if (making_owner(rq->zone, &o, err) || qemu_user(&user, err))
		return -1;
	if (o.kind == OWNER_NONE && !zone_incomplete(rq->zone))
		return err_zone_not_installed(err, rq->zone);
	uris = files_of(rq, &user, err);
	rc = uris ? remove_files(rq, uris, &user, err) : -1;
	json_decref(uris);
	return rc;
}

int op_uninstall(struct request *rq, struct zkz_err *err)
{
	struct zone_status st;
	int lock = change_begin(rq, &st, err), rc;

	if (lock < 0)
		return -1;
	rc = uninstall(rq, &st, err);
	io_close(&lock);
	if (rc)
		return -1;
	out_result(&rq->out, NULL, "Zone uninstalled.");
	return 0;
}
