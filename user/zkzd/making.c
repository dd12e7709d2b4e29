// SPDX-License-Identifier: GPL-2.0
#include "zkzd/making.h"

#include <string.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "lib/io.h"
#include "lib/log.h"
#include "migrate/commit/undo.h"
#include "qemu/user.h"
#include "storage/copy.h"
#include "storage/create.h"
#include "storage/probe.h"
#include "zone/claim.h"
#include "zone/incomplete.h"
#include "zone/paths.h"

int making_begin(struct making *m, struct request *rq, json_t *uris, struct zkz_err *err)
{
	int rc;

	*m = (struct making){ .rq = rq, .made = json_array() };
	rc = qemu_user(&m->user, err) || file_mkdirs(ZKZ_IMAGES_DIR, 0711, err) ? -1 :
		zone_incomplete_begin(rq->zone, uris, err);
	json_decref(uris);
	return rc;
}

int making_blank(struct making *m, const struct zone_disk *d, uint64_t size, struct zkz_err *err)
{
	out_step(&m->rq->out, "Making the disk of device %u.", d->id);
	if (storage_create(d->storage, size, 0, d->format, &m->user, err))
		return err_device(err, d->id);
	json_array_append_new(m->made, json_string(d->storage));
	return 0;
}

int making_seed(struct making *m, const struct zone_disk *d, int fd, struct zkz_err *err)
{
	if (fd < 0)
		return err_seed_missing(err, m->rq->zone, d->id);
	out_step(&m->rq->out, "Making the disk with the guest's first settings, device %u.", d->id);
	if (storage_create_from(d->storage, fd, &m->user, err))
		return err_device(err, d->id);
	json_array_append_new(m->made, json_string(d->storage));
	return 0;
}

/* As of a migration, so that it is shown alike. */
static void tell(uint64_t done, uint64_t total, void *arg)
{
	struct making *m = arg;
	uint64_t ms = (clock_mono_ns() - m->began) / NSEC_PER_MSEC + 1, rate = done * 1000 / ms;
	json_int_t eta = rate ? (json_int_t)((total - done) * 1000 / rate) : -1;

	out_progress(&m->rq->out, json_pack("{s:s, s:i, s:I, s:I, s:I, s:I, s:I}", "phase", "copy",
					    "device", (int)m->device, "bytes", (json_int_t)done,
					    "done", (json_int_t)done, "total", (json_int_t)total,
					    "send-rate", (json_int_t)rate, "eta-ms", eta));
}

int making_claim(const struct zone_disk *d, const char *zone, const struct spawn_user *user, struct zkz_err *err)
{
	char key[STORAGE_KEY_SIZE];
	struct look l;
	int rc;

	if (storage_open(d->storage, d->format, !d->read_only, user, &l, err))
		return err_device(err, d->id);
	rc = storage_key(d->storage, &l, key, err);
	io_close(&l.fd);
	if (!rc)
		rc = zone_claim(key, zone, !d->read_only, err);
	return rc < 0 ? err_device(err, d->id) : rc;
}

/* A device may be the disk of a zone that runs; a new file is nobody's. What may not be lost is refused later. */
static int claim_target(const struct making *m, const struct zone_disk *d, bool over, int *claim, struct zkz_err *err)
{
	struct zone_disk raw = *d;
	struct storage_uri u;

	*claim = -1;
	if (uri_parse(d->storage, &u, err))
		return -1;
	if (u.kind == URI_FILE || !over)
		return 0;
	/* It need not hold an image yet. */
	strcpy(raw.format, "raw");
	*claim = making_claim(&raw, m->rq->zone, &m->user, err);
	return *claim < 0 ? -1 : 0;
}

int making_copy(struct making *m, const struct zone_disk *d, const struct making_source *from, bool over,
		struct zkz_err *err)
{
	struct copy c = {
		.from = from->text, .from_format = from->format, .to = d->storage, .to_format = d->format,
		.least = d->create_size, .over = over, .user = &m->user, .watch = m->rq->fd, .told = tell, .arg = m,
	};
	int claim;

	if (claim_target(m, d, over, &claim, err))
		return -1;
	out_step(&m->rq->out, "Copying %s to device %u.", from->text, d->id);
	m->device = d->id;
	m->began = clock_mono_ns();
	if (storage_copy(&c, err))
		err_device(err, d->id);
	io_close(&claim);
	if (c.made)
		json_array_append_new(m->made, json_string(d->storage));
	return err->id ? -1 : 0;
}

/* The owner comes first: with it, and without the note, the zone can be booted. */
int making_end(struct making *m, struct zkz_err *err)
{
	const char *zone = m->rq->zone;
	struct zone_owner o;

	if (zone_owner_read(zone, &o, err) || (o.kind == OWNER_NONE && zone_owner_begin(zone, &o, err)) ||
	    zone_incomplete_end(zone, err))
		return -1;
	json_decref(m->made);
	return 0;
}

void making_undo(struct making *m)
{
	struct zkz_err why = { 0 };
	json_t *uri;
	bool left = false;
	size_t i;

	json_array_foreach(m->made, i, uri) {
		if (!storage_remove(json_string_value(uri), &m->user, &why))
			continue;
		left = true;
		log_warn("zone %s: %s", m->rq->zone, why.text);
		err_clear(&why);
	}
	json_decref(m->made);
	if (!left && zone_incomplete_end(m->rq->zone, &why))
		log_warn("zone %s: %s", m->rq->zone, why.text);
}

/* What a migration to this host left behind may change whose it is. */
int making_owner(const char *zone, struct zone_owner *o, struct zkz_err *err)
{
	if (undo_run(zone, err) || zone_owner_read(zone, o, err))
		return -1;
	return o->kind == OWNER_NONE || o->kind == OWNER_HERE ? 0 : zone_owner_may_run(zone, err);
}

int making_is_missing(const struct zone_disk *d, const struct spawn_user *user, struct zkz_err *err)
{
	struct storage_uri u;
	int missing;

	if (uri_parse(d->storage, &u, err))
		return -1;
	if (u.kind != URI_FILE)
		return 0;
	missing = storage_is_missing(d->storage, d->format, !d->read_only, user, err);
	return missing < 0 ? err_device(err, d->id) : missing;
}
