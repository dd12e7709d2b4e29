// SPDX-License-Identifier: GPL-2.0
#include "migrate/target/mirror.h"

#include <errno.h>
#include <fcntl.h>

#include "lib/io.h"
#include "lib/jsonl.h"
#include "qemu/mirror.h"
#include "qemu/user.h"
#include "storage/look.h"
#include "storage/uri.h"
#include "wire/carry.h"
#include "wire/relay.h"
#include "zone/paths.h"

#define STREAMS_MS	30000
#define CONNECT_MS	10000

void exports_init(struct exports *e)
{
	unsigned int i;

	e->nr = 0;
	e->nbd = false;
	for (i = 0; i < ZONE_MAX_DISKS; i++)
		e->relay[i] = -1;
}

void exports_close(struct exports *e)
{
	unsigned int i;

	for (i = 0; i < ZONE_MAX_DISKS; i++)
		io_close(&e->relay[i]);
	e->nr = 0;
}

static const struct zone_disk *disk_of(const struct zone_model *z, const json_t *id)
{
	unsigned int i;

	for (i = 0; json_is_integer(id) && i < z->nr_disks; i++)
		if (z->disk[i].id == json_integer_value(id))
			return &z->disk[i];
	return NULL;
}

/* QEMU listens on a socket of ours, which nobody else can connect to. */
static int begin_nbd(struct target *t, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	int lsock = io_listen_unix(zone_path(ZF_NBD, t->zone, path), 0600), rc;

	if (lsock < 0)
		return err_daemon_listen(err, path, errno);
	rc = export_begin(t->qmp, lsock, err);
	io_close(&lsock);
	t->exports.nbd = !rc;
	return rc;
}

static int serve(struct target *t, const json_t *disks, struct zkz_err *err)
{
	const json_t *id;
	size_t i;

	json_array_foreach(disks, i, id) {
		const struct zone_disk *d = disk_of(&t->model, id);

		if (d->read_only)
			continue;
		if ((!t->exports.nbd && begin_nbd(t, err)) || export_add(t->qmp, d->id, err))
			return err_device(err, d->id);
	}
	return 0;
}

/* QEMU has it open, and cannot write to it. */
static int take_file(struct target *t, unsigned int i, const struct zone_disk *d, int far, struct zkz_err *err)
{
	struct spawn_user user;
	struct look_at at = { .flags = O_RDWR, .user = &user, .either = true };
	struct storage_uri u;
	struct look l;

	if (qemu_user(&user, err) || uri_parse(d->storage, &u, err))
		return -1;
	at.path = u.path;
	if (look_open(&at, &l, err))
		return -1;
	t->exports.relay[i] = carry_in(far, l.fd, err);
	io_close(&l.fd);
	return t->exports.relay[i] < 0 ? -1 : 0;
}

static int take_nbd(struct target *t, unsigned int i, int far, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	int near = io_connect_unix(zone_path(ZF_NBD, t->zone, path), deadline_in_ms(CONNECT_MS));

	if (near < 0)
		return err_daemon_connect(err, path, errno);
	t->exports.relay[i] = relay_start(far, near, false, 0, err);
	io_close(&near);
	return t->exports.relay[i] < 0 ? -1 : 0;
}

/* @far is consumed. */
static int take_one(struct target *t, unsigned int i, const struct zone_disk *d, int far, struct zkz_err *err)
{
	int rc = d->read_only ? take_file(t, i, d, far, err) : take_nbd(t, i, far, err);

	io_close(&far);
	return rc ? err_device(err, d->id) : 0;
}

static int check(const struct target *t, const json_t *disks, struct zkz_err *err)
{
	size_t i, nr = json_array_size(disks);
	const json_t *id;

	if (t->exports.nr || nr < 1 || nr > ZONE_MAX_DISKS)
		return err_source_request(err, "mirror");
	json_array_foreach(disks, i, id)
		if (!disk_of(&t->model, id))
			return err_source_request(err, "mirror");
	return 0;
}

int target_mirror(struct target *t, const json_t *msg, struct zkz_err *err)
{
	const json_t *disks = json_object_get(msg, "disks");
	int fd[ZONE_MAX_DISKS], rc = 0;
	unsigned int i, nr;

	if (check(t, disks, err) || serve(t, disks, err))
		return -1;
	nr = (unsigned int)json_array_size(disks);
	if (stream_accept(&t->ways.plan, t->ways.lsock, STREAM_DISKS, nr, fd, &t->ch, deadline_in_ms(STREAMS_MS), err))
		return -1;
	for (i = 0; i < nr; i++) {
		if (rc)
			io_close(&fd[i]);
		else
			rc = take_one(t, i, disk_of(&t->model, json_array_get(disks, i)), fd[i], err);
	}
	t->exports.nr = nr;
	return rc ? -1 : channel_send(&t->ch, "mirror-ok", NULL, err);
}

int target_mirror_end(struct target *t, struct zkz_err *err)
{
	if (!t->exports.nr)
		return 0;
	exports_close(&t->exports);
	return t->exports.nbd ? export_end(t->qmp, err) : 0;
}
