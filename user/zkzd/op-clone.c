// SPDX-License-Identifier: GPL-2.0
/* The verb that makes a zone of another one, which does not run meanwhile. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "lib/io.h"
#include "qemu/user.h"
#include "storage/uri.h"
#include "zkzd/change.h"
#include "zkzd/dispatch.h"
#include "zkzd/making.h"
#include "zkzd/seed.h"
#include "zone/incomplete.h"
#include "zone/likeness.h"
#include "zone/lock.h"
#include "zone/owner.h"
#include "zone/paths.h"
#include "zone/store.h"

#define LOCK_MS	1000

/**
 * struct clone - what is to be done
 * @rq:         request, whose zone is the new one
 * @source:     name of the other one
 * @from:       that one
 * @to:         the new one
 * @seed:       first settings of its guest
 * @configured: its configuration was made here, and goes again if the rest fails
 * @claim:      the other one's disks: no zone of this host has them meanwhile
 */
struct clone {
	struct request *rq;
	const char *source;
	struct zone_model from;
	struct zone_model to;
	struct seed seed;
	bool configured;
	int claim[ZONE_MAX_DISKS];
};

static const struct zone_disk *disk_of(const struct zone_model *z, unsigned int id)
{
	unsigned int i;

	for (i = 0; i < z->nr_disks; i++)
		if (z->disk[i].id == id)
			return &z->disk[i];
	return NULL;
}

static int pair_disks(const struct clone *c, const struct zone_model *z, const struct zone_model *other,
		      struct zkz_err *err)
{
	struct storage_uri a, b;
	unsigned int i;

	for (i = 0; i < z->nr_disks; i++) {
		const struct zone_disk *d = &z->disk[i], *twin = disk_of(other, d->id);

		/* Each guest has its own, or none. */
		if (d->seed)
			continue;
		if (!twin || twin->read_only != d->read_only)
			return err_clone_devices(err, c->rq->zone, c->source, d->id);
		if (d->read_only)
			continue;
		if (uri_parse(d->storage, &a, err) || uri_parse(twin->storage, &b, err))
			return -1;
		if (uri_same(&a, &b))
			return err_clone_same_disk(err, c->rq->zone, c->source, d->id);
	}
	return 0;
}

/* The source must stay as it is: nobody boots it, and nobody has one of its disks. */
static int claim_disks(struct clone *c, const struct spawn_user *user, struct zkz_err *err)
{
	unsigned int i;

	for (i = 0; i < c->from.nr_disks; i++) {
		c->claim[i] = making_claim(&c->from.disk[i], c->source, user, err);
		if (c->claim[i] < 0)
			return -1;
	}
	return 0;
}

static int look_at_source(struct clone *c, const struct zone_status *st, struct zkz_err *err)
{
	struct spawn_user user;

	if (st->state == ZONE_RUNNING)
		return err_zone_running(err, c->source);
	if (zone_owner_may_run(c->source, err) || zone_load(c->source, &c->from, err) || qemu_user(&user, err))
		return -1;
	return claim_disks(c, &user, err);
}

/* It belongs to no host before its disks are there. */
static int configure(struct clone *c, struct zkz_err *err)
{
	struct conf *conf = zone_conf_load(c->source, err);
	int rc;

	if (!conf)
		return -1;
	rc = zone_likeness(conf, c->source, c->rq->zone, err) || zone_conf_save(c->rq->zone, conf, err) ? -1 : 0;
	conf_free(conf);
	c->configured = !rc;
	return rc;
}

static int look_at_new(struct clone *c, struct zkz_err *err)
{
	const char *zone = c->rq->zone;
	struct zone_owner o;

	if (making_owner(zone, &o, err))
		return -1;
	if (zone_configured(zone) && zone_alive(zone))
		return err_zone_running(err, zone);
	if (zone_incomplete(zone))
		return err_zone_incomplete(err, zone);
	if (!zone_configured(zone) && configure(c, err))
		return -1;
	if (zone_load(zone, &c->to, err) || seed_begin(&c->seed, c->rq, &c->to, err))
		return -1;
	return pair_disks(c, &c->to, &c->from, err) || pair_disks(c, &c->from, &c->to, err) ? -1 : 0;
}

/* What is there already is nobody's to be taken away. */
static int add_new(const struct clone *c, const struct zone_disk *d, const struct spawn_user *user, json_t *uris,
		   struct zkz_err *err)
{
	bool undrawn = d->seed && c->seed.fd < 0;
	int missing = making_is_missing(d, user, err);
	struct storage_uri u;

	if (missing < 0)
		return -1;
	if (missing)
		return undrawn ? err_seed_missing(err, c->rq->zone, d->id) :
			json_array_append_new(uris, json_string(d->storage));
	if (undrawn)
		return 0;
	if (uri_parse(d->storage, &u, err))
		return -1;
	return u.kind == URI_FILE ? (err_storage_exists(err, u.path), err_device(err, d->id)) : 0;
}

/* Return: the files that will be made, or NULL. */
static json_t *new_files(const struct clone *c, struct zkz_err *err)
{
	json_t *uris = json_array();
	struct spawn_user user;
	unsigned int i;
	int rc = qemu_user(&user, err);

	for (i = 0; !rc && i < c->to.nr_disks; i++) {
		const struct zone_disk *d = &c->to.disk[i];

		if (!d->read_only || d->seed)
			rc = add_new(c, d, &user, uris, err);
	}
	if (!rc)
		return uris;
	json_decref(uris);
	return NULL;
}

/* Its firmware finds the boot loader as the other one's does. One that has not run yet has nothing to be copied. */
static int copy_nvram(const struct clone *c, struct zkz_err *err)
{
	char from[ZONE_PATH_MAX], to[ZONE_PATH_MAX];
	size_t len;
	char *vars;
	int rc;

	if (!c->from.uefi || access(zone_path(ZF_NVRAM, c->source, from), F_OK))
		return 0;
	vars = file_read(from, ZONE_MAX_NVRAM, &len, err);
	if (!vars)
		return -1;
	rc = file_write_atomic(zone_path(ZF_NVRAM, c->rq->zone, to), vars, len, 0600, err);
	free(vars);
	return rc ? -1 : 0;
}

static int copy_disk(const struct clone *c, struct making *m, const struct zone_disk *d, struct zkz_err *err)
{
	bool force = json_bool(c->rq->args, "force", false);
	const struct zone_disk *s = disk_of(&c->from, d->id);

	if (d->seed)
		return c->seed.fd < 0 ? 0 : making_seed(m, d, c->seed.fd, err);
	if (d->read_only)
		return 0;
	return making_copy(m, d, &(struct making_source){ .text = s->storage, .format = s->format }, force, err);
}

static int copy_disks(struct clone *c, struct zkz_err *err)
{
	json_t *uris = new_files(c, err);
	struct making m;
	unsigned int i;
	int rc = 0;

	if (!uris || making_begin(&m, c->rq, uris, err))
		return -1;
	for (i = 0; !rc && i < c->to.nr_disks; i++)
		rc = copy_disk(c, &m, &c->to.disk[i], err);
	if (!rc)
		rc = copy_nvram(c, err);
	if (!rc)
		rc = making_end(&m, err);
	else
		making_undo(&m);
	return rc;
}

static int clone_locked(struct clone *c, struct zkz_err *err)
{
	int rc = look_at_new(c, err) || copy_disks(c, err) ? -1 : 0;

	seed_end(&c->seed, c->rq->zone, !rc || c->configured);
	/* What could not be taken away is still to be found by it. */
	if (rc && c->configured && !zone_incomplete(c->rq->zone))
		zone_conf_delete(c->rq->zone, NULL);
	return rc;
}

static int lock_and_clone(struct clone *c, struct zkz_err *err)
{
	int lock = zone_lock_new(c->rq->zone, deadline_in_ms(LOCK_MS), err), rc;

	if (lock < 0)
		return -1;
	rc = clone_locked(c, err);
	io_close(&lock);
	return rc;
}

static int check_names(const struct request *rq, const char *source, struct zkz_err *err)
{
	if (!source)
		return err_usage_no_zone(err, rq->op);
	if (zone_check_name(source, err))
		return -1;
	return strcmp(source, rq->zone) ? 0 : err_clone_itself(err, source);
}

int op_clone(struct request *rq, struct zkz_err *err)
{
	struct clone c = { .rq = rq, .source = json_str(rq->args, "source"), .seed = { .fd = -1 } };
	uint64_t began = clock_mono_ns();
	struct request of = *rq;
	struct zone_status st;
	int lock, rc;
	unsigned int i;

	if (check_names(rq, c.source, err) || rights_check(rq, RIGHT_CLONEFROM, c.source, err))
		return -1;
	for (i = 0; i < ZONE_MAX_DISKS; i++)
		c.claim[i] = -1;
	of.zone = c.source;
	lock = change_begin(&of, &st, err);
	if (lock < 0)
		return -1;
	rc = look_at_source(&c, &st, err) || lock_and_clone(&c, err) ? -1 : 0;
	for (i = 0; i < ZONE_MAX_DISKS; i++)
		io_close(&c.claim[i]);
	io_close(&lock);
	if (rc)
		return -1;
	out_result(&rq->out, NULL, "Zone cloned from %s in %.1f seconds.", c.source,
		   (double)(clock_mono_ns() - began) / NSEC_PER_SEC);
	return 0;
}
