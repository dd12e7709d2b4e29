// SPDX-License-Identifier: GPL-2.0
/*
 * Disks and interfaces that come while the guest runs, and go.
 *
 * What comes is there when QEMU has it. What goes does so when the guest lets go of it, which may be never: it is
 * asked, and QEMU says when it has. Then the rest follows, when no migration is on: a worker has the monitor until
 * then. The file with what QEMU is built of (ZF_RUN_CONFIG) is written before something comes and after it has gone:
 * so it never lacks what the guest may have.
 */
#include "keeper/plug.h"

#include <stdio.h>
#include <string.h>

#include "conf/session.h"
#include "lib/io.h"
#include "lib/log.h"
#include "net/tap.h"
#include "qemu/balloon.h"
#include "qemu/cmdline.h"
#include "qemu/device.h"
#include "qemu/plug.h"
#include "zone/store.h"

#define NONE	(~0U)

static unsigned int find_disk(const struct zone_model *z, unsigned int id)
{
	unsigned int i;

	for (i = 0; i < z->nr_disks; i++)
		if (z->disk[i].id == id)
			return i;
	return NONE;
}

static unsigned int find_nic(const struct zone_model *z, unsigned int id)
{
	unsigned int i;

	for (i = 0; i < z->nr_nics; i++)
		if (z->nic[i].id == id)
			return i;
	return NONE;
}

/* Descriptors go by place in the model, and a device has another place when one before it has come or gone. */
static void take_model(struct keeper *k, const struct zone_model *z)
{
	int tap[ZONE_MAX_NICS], claim[ZONE_MAX_DISKS];
	unsigned int i, was;

	for (i = 0; i < ZONE_MAX_NICS; i++) {
		was = i < z->nr_nics ? find_nic(&k->z, z->nic[i].id) : NONE;
		tap[i] = was == NONE ? -1 : k->vm.tap_fd[was];
	}
	for (i = 0; i < ZONE_MAX_DISKS; i++) {
		was = i < z->nr_disks ? find_disk(&k->z, z->disk[i].id) : NONE;
		claim[i] = was == NONE ? -1 : k->claim_fd[was];
	}
	memcpy(k->vm.tap_fd, tap, sizeof(tap));
	memcpy(k->claim_fd, claim, sizeof(claim));
	k->z = *z;
}

static int qemu_gets_disk(struct keeper *k, unsigned int i, struct zkz_err *err)
{
	struct plug_disk p = { .initiator = k->initiator };
	int rc = qemu_has_driver(&k->z.disk[i], &k->vm.installed.able, err) || keeper_open_disk(k, i, err) ? -1 : 0;

	p.fd = k->disk_fd[i];
	p.block = k->disk_block[i];
	p.claim = k->claim_fd[i];
	p.secret = k->secret_fd[i];
	if (!rc)
		rc = plug_disk(k->vm.qmp, &k->z, &k->z.disk[i], &p, err);
	io_close(&k->disk_fd[i]);
	io_close(&k->secret_fd[i]);
	if (!rc)
		return 0;
	io_close(&k->claim_fd[i]);
	return err_device(err, k->z.disk[i].id);
}

static int qemu_gets_nic(struct keeper *k, unsigned int i, struct zkz_err *err)
{
	const struct zone_nic *n = &k->z.nic[i];
	int *tap = &k->vm.tap_fd[i];
	char name[16];

	keeper_tap_name(k->st.id, n->id, name);
	*tap = tap_open(name, n, err);
	if (*tap >= 0 && !plug_nic(k->vm.qmp, n, *tap, err))
		return 0;
	io_close(tap);
	return err_anet(err, n->id);
}

/* Is it the zone's model with one thing more? */
static bool adds(const struct zone_model *now, const struct zone_model *then, const struct keeper_device *d)
{
	if (d->disk)
		return find_disk(now, d->id) == NONE && find_disk(then, d->id) != NONE &&
		       then->nr_disks == now->nr_disks + 1 && then->nr_nics == now->nr_nics;
	return find_nic(now, d->id) == NONE && find_nic(then, d->id) != NONE &&
	       then->nr_nics == now->nr_nics + 1 && then->nr_disks == now->nr_disks;
}

static int plug(struct keeper *k, const struct keeper_device *d, const struct conf *c, const struct zone_model *z,
		struct zkz_err *err)
{
	const struct zone_model before = k->z;
	struct conf *was;
	int rc;

	if (!adds(&k->z, z, d))
		return err_keeper_request(err, "plug", "text");
	was = zone_conf_running(k->z.name, err);
	if (!was || zone_note_running(k->z.name, c, err)) {
		conf_free(was);
		return -1;
	}
	take_model(k, z);
	rc = d->disk ? qemu_gets_disk(k, find_disk(z, d->id), err) : qemu_gets_nic(k, find_nic(z, d->id), err);
	if (rc) {
		take_model(k, &before);
		zone_note_running(k->z.name, was, NULL);
	} else {
		log_note("%s %u has come", d->disk ? "device" : "anet", d->id);
	}
	conf_free(was);
	return rc;
}

/* The tap has the same name, and so it is the same device for the guest. */
static int relink(struct keeper *k, const struct keeper_device *d, const struct conf *c, const struct zone_model *z,
		  struct zkz_err *err)
{
	unsigned int now = find_nic(&k->z, d->id), then = find_nic(z, d->id);
	char name[16];

	if (d->disk || now == NONE || then == NONE || z->nr_nics != k->z.nr_nics || z->nr_disks != k->z.nr_disks)
		return err_keeper_request(err, "relink", "text");
	tap_name(k->vm.tap_fd[now], name);
	if (tap_replug(name, &z->nic[then], err) || zone_note_running(k->z.name, c, err)) {
		struct zkz_err worse = { 0 };

		if (tap_replug(name, &k->z.nic[now], &worse))
			log_error("anet %u is cut off: %s", d->id, worse.text);
		return err_anet(err, d->id);
	}
	take_model(k, z);
	log_note("anet %u has another link", d->id);
	return 0;
}

/* QEMU tells the guest, which does it by and by. */
static int resize(struct keeper *k, const struct conf *c, const struct zone_model *z, struct zkz_err *err)
{
	if (z->memory != k->z.memory || z->nr_nics != k->z.nr_nics || z->nr_disks != k->z.nr_disks)
		return err_keeper_request(err, "resize", "text");
	if (balloon_set(k->vm.qmp, z->current, err))
		return -1;
	if (zone_note_running(k->z.name, c, err)) {
		balloon_set(k->vm.qmp, k->z.current, NULL);
		return -1;
	}
	take_model(k, z);
	log_note("the guest may use %llu MiB of its memory", (unsigned long long)z->current >> 20);
	return 0;
}

static int change(struct keeper *k, const char *how, const struct keeper_device *d, const struct conf *c,
		  const struct zone_model *z, struct zkz_err *err)
{
	if (!strcmp(how, "resize"))
		return resize(k, c, z, err);
	return strcmp(how, "plug") ? relink(k, d, c, z, err) : plug(k, d, c, z, err);
}

int keeper_change(struct keeper *k, const char *how, const struct keeper_device *d, const char *text,
		  struct zkz_err *err)
{
	struct conf *c = conf_parse(k->z.name, text, strlen(text), err);
	struct zone_model z;
	int rc = -1;

	if (c && !keeper_is_free(k, err) && !zone_model_from_conf(k->z.name, c, &z, err))
		rc = change(k, how, d, c, &z, err);
	conf_free(c);
	return rc;
}

bool keeper_has(const struct keeper *k, const struct keeper_device *d)
{
	return (d->disk ? find_disk(&k->z, d->id) : find_nic(&k->z, d->id)) != NONE;
}

static int port_of(const struct keeper *k, const struct keeper_device *d)
{
	return d->disk ? k->z.disk[find_disk(&k->z, d->id)].port : k->z.nic[find_nic(&k->z, d->id)].port;
}

/* A guest that has been asked may take its time, and QEMU does not ask it twice. */
int keeper_unplug(struct keeper *k, const struct keeper_device *d, struct zkz_err *err)
{
	unsigned int *asked = d->disk ? &k->plugs.asked_disks : &k->plugs.asked_nics;
	char name[DEVICE_NAME];

	if (keeper_is_free(k, err))
		return -1;
	/* Gone by itself, just now. */
	if (!keeper_has(k, d))
		return 0;
	if (port_of(k, d) < 0)
		return err_keeper_request(err, "unplug", "id");
	if (d->disk)
		device_disk_name(d->id, name);
	else
		device_nic_name(d->id, name);
	if (unplug_ask(k->vm.qmp, name, err)) {
		if (!err_is(err, ERR_QMP) || !(*asked & 1U << d->id))
			return -1;
		err_clear(err);
	}
	*asked |= 1U << d->id;
	return 0;
}

void keeper_device_deleted(struct keeper *k, const char *name)
{
	struct keeper_device d = { .disk = true };

	if (sscanf(name, "blk%u", &d.id) != 1) {
		d.disk = false;
		if (sscanf(name, "net%u", &d.id) != 1)
			return;
	}
	if (!keeper_has(k, &d))
		return;
	if (d.disk)
		k->plugs.gone_disks |= 1U << d.id;
	else
		k->plugs.gone_nics |= 1U << d.id;
}

/* What it was built of, but for that. Return: NULL on failure. */
static struct conf *without(const struct keeper *k, const struct keeper_device *d, struct zkz_err *err)
{
	const struct conf_type *t = conf_type_find(d->disk ? "device" : "anet");
	struct conf *c = zone_conf_running(k->z.name, err);
	struct conf_res *r;
	char id[12];

	snprintf(id, sizeof(id), "%u", d->id);
	r = c ? conf_find(c, t, t->key, id) : NULL;
	if (r) {
		conf_detach(c, r);
		conf_res_free(r);
	}
	return c;
}

static void settle(struct keeper *k, const struct keeper_device *d)
{
	struct zkz_err err = { 0 };
	struct conf *c = without(k, d, &err);
	struct zone_model z;

	if (d->disk ? unplug_disk(k->vm.qmp, d->id, &err) : unplug_nic(k->vm.qmp, d->id, &err))
		log_error("%s", err.text);
	if (c && !zone_model_from_conf(k->z.name, c, &z, &err)) {
		if (d->disk)
			io_close(&k->claim_fd[find_disk(&k->z, d->id)]);
		else
			io_close(&k->vm.tap_fd[find_nic(&k->z, d->id)]);
		take_model(k, &z);
		if (!zone_note_running(k->z.name, c, &err))
			log_note("%s %u has gone", d->disk ? "device" : "anet", d->id);
	}
	if (err.id)
		log_error("%s", err.text);
	conf_free(c);
}

static void settle_all(struct keeper *k, bool disk, unsigned int *gone, unsigned int *asked)
{
	struct keeper_device d = { .disk = disk };

	for (d.id = 0; *gone; d.id++) {
		if (!(*gone & 1U << d.id))
			continue;
		*gone &= ~(1U << d.id);
		*asked &= ~(1U << d.id);
		settle(k, &d);
	}
}

void keeper_unplugged(struct keeper *k)
{
	struct keeper_plugs *p = &k->plugs;

	if (!k->vm.qmp || k->guard_fd >= 0 || k->next.vm.pid)
		return;
	settle_all(k, true, &p->gone_disks, &p->asked_disks);
	settle_all(k, false, &p->gone_nics, &p->asked_nics);
}
