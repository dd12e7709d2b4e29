// SPDX-License-Identifier: GPL-2.0
#include "zone/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/multi.h"

static unsigned int number(const struct conf_res *r, const char *prop)
{
	const char *v = conf_res_get(r, prop);

	return v ? (unsigned int)strtoul(v, NULL, 10) : 0;
}

/* -1 where it is not set */
static int number_or_none(const struct conf_res *r, const char *prop)
{
	return conf_res_get(r, prop) ? (int)number(r, prop) : -1;
}

static uint64_t size_of(const struct conf_res *r, const char *prop)
{
	const char *v = conf_res_get(r, prop);
	uint64_t bytes = 0;

	return v && conf_parse_size(v, &bytes) ? bytes : 0;
}

static void text(const struct conf_res *r, const char *prop, char *out, size_t size)
{
	const char *v = conf_res_get(r, prop);

	snprintf(out, size, "%s", v ? v : "");
}

static enum zone_rank rank_of(const struct conf_res *r)
{
	if (conf_res_is(r, "boot-priority", "high"))
		return ZONE_FIRST;
	return conf_res_is(r, "boot-priority", "low") ? ZONE_LAST : ZONE_LATER;
}

static void take_protection(const struct conf_res *r, struct zone_nic *n)
{
	static const char *const words[] = { "mac-nospoof", "ip-nospoof", "dhcp-nospoof", "restricted" };
	const char *list = conf_res_get(r, "link-protection"), *allowed = conf_res_get(r, "allowed-address");
	int i;

	for (i = 0; list && i < 4; i++)
		if (conf_multi_has(list, words[i]))
			n->protect |= 1U << i;
	i = allowed ? conf_addresses_parse(allowed, n->allowed) : 0;
	n->nr_allowed = i > 0 ? (unsigned int)i : 0;
}

static void take_nics(const struct conf *c, struct zone_model *z)
{
	const struct conf_res *r;

	for (r = conf_first(c, "anet"); r && z->nr_nics < ZONE_MAX_NICS; r = conf_next(r)) {
		struct zone_nic *n = &z->nic[z->nr_nics++];

		n->id = number(r, "id");
		text(r, "lower-link", n->lower_link, sizeof(n->lower_link));
		text(r, "mac-address", n->mac, sizeof(n->mac));
		n->port = number_or_none(r, "port");
		n->mtu = number(r, "mtu");
		n->vlan = number(r, "vlan-id");
		text(r, "allowed-vlan-ids", n->trunk, sizeof(n->trunk));
		take_protection(r, n);
	}
}

static void take_disks(const struct conf *c, struct zone_model *z)
{
	const struct conf_res *r;

	for (r = conf_first(c, "device"); r && z->nr_disks < ZONE_MAX_DISKS; r = conf_next(r)) {
		struct zone_disk *d = &z->disk[z->nr_disks++];

		d->id = number(r, "id");
		text(r, "storage", d->storage, sizeof(d->storage));
		text(r, "format", d->format, sizeof(d->format));
		d->cdrom = conf_res_is(r, "cdrom", "true");
		d->seed = conf_res_is(r, "seed", "true");
		d->read_only = d->cdrom || d->seed || conf_res_is(r, "read-only", "true");
		d->create_size = size_of(r, "create-size");
		d->bootpri = number_or_none(r, "bootpri");
		d->port = number_or_none(r, "port");
	}
}

int zone_model_from_conf(const char *name, const struct conf *c,
			 struct zone_model *z, struct zkz_err *err)
{
	const struct conf_res *mem = conf_first(c, "capped-memory");
	const struct conf_res *cpu = conf_first(c, "virtual-cpu");
	const struct conf_res *dedicated = conf_first(c, "dedicated-cpu");
	uint64_t memory = mem ? size_of(mem, "physical") : 0;

	memset(z, 0, sizeof(*z));
	if (!cpu || !memory)
		return err_config_invalid(err, name);
	z->memory = memory;
	z->current = conf_res_get(mem, "current") ? size_of(mem, "current") : memory;
	snprintf(z->name, sizeof(z->name), "%s", name);
	z->autoboot = conf_res_is(&c->global, "autoboot", "true");
	z->rank = rank_of(&c->global);
	z->halts = conf_res_is(&c->global, "autoshutdown", "halt");
	z->uefi = conf_res_is(&c->global, "firmware", "uefi");
	z->agent = conf_res_is(&c->global, "guest-agent", "true");
	z->hot_plug = conf_res_is(&c->global, "hot-plug", "true");
	z->hybrid = !conf_res_is(&c->global, "hybrid", "false");
	text(&c->global, "machine-type", z->machine_type, sizeof(z->machine_type));
	text(&c->global, "bootargs", z->bootargs, sizeof(z->bootargs));
	text(&c->global, "kernel", z->kernel, sizeof(z->kernel));
	text(&c->global, "initrd", z->initrd, sizeof(z->initrd));
	text(&c->global, "uuid", z->uuid, sizeof(z->uuid));
	z->ncpus = number(cpu, "ncpus");
	if (dedicated)
		text(dedicated, "cpus", z->cpus, sizeof(z->cpus));
	take_nics(c, z);
	take_disks(c, z);
	return 0;
}

/* Is @a rather the disk to boot from than @b? What can only be read is where one installs from. */
static bool rather(const struct zone_disk *a, const struct zone_disk *b)
{
	if (a->read_only != b->read_only)
		return b->read_only;
	return a->bootpri >= 0 && (b->bootpri < 0 || a->bootpri < b->bootpri);
}

unsigned int zone_model_root(const struct zone_model *z)
{
	unsigned int i, best = 0;

	for (i = 1; i < z->nr_disks; i++)
		if (rather(&z->disk[i], &z->disk[best]))
			best = i;
	return best;
}
