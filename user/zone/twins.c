// SPDX-License-Identifier: GPL-2.0
#include "zone/twins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/uri.h"
#include "zone/store.h"

struct look {
	const struct zone_model *z;
	struct zone_model *other;
	twin_fn fn;
	void *arg;
};

/* Different texts can name one thing. */
static bool same_storage(const char *x, const char *y)
{
	struct storage_uri a, b;

	if (uri_parse(x, &a, NULL) || uri_parse(y, &b, NULL))
		return false;
	return uri_same(&a, &b);
}

static void compare_disks(const struct look *l)
{
	const struct zone_model *z = l->z, *o = l->other;
	struct zkz_err warning;
	unsigned int i, j;

	for (i = 0; i < z->nr_disks; i++)
		for (j = 0; j < o->nr_disks; j++) {
			if ((z->disk[i].read_only && o->disk[j].read_only) ||
			    !same_storage(z->disk[i].storage, o->disk[j].storage))
				continue;
			err_clear(&warning);
			err_config_twin_disk(&warning, z->name, z->disk[i].id, o->name, o->disk[j].id);
			l->fn(&warning, l->arg);
		}
}

static void compare_nics(const struct look *l)
{
	const struct zone_model *z = l->z, *o = l->other;
	struct zkz_err warning;
	unsigned int i, j;

	for (i = 0; i < z->nr_nics; i++)
		for (j = 0; j < o->nr_nics; j++) {
			if (!strcmp(z->nic[i].mac, "auto") || strcmp(z->nic[i].mac, o->nic[j].mac))
				continue;
			err_clear(&warning);
			err_config_twin_mac(&warning, z->name, z->nic[i].id, o->name, o->nic[j].id);
			l->fn(&warning, l->arg);
		}
}

/* The first one says enough. */
static void compare_cpus(const struct look *l)
{
	struct conf_set ours, theirs;
	struct zkz_err warning = { 0 };
	unsigned int i;

	if (!conf_set_parse(l->z->cpus, CONF_SET_MAX - 1, &ours) ||
	    !conf_set_parse(l->other->cpus, CONF_SET_MAX - 1, &theirs))
		return;
	for (i = 0; i < CONF_SET_MAX; i++) {
		if (!conf_set_has(&ours, i) || !conf_set_has(&theirs, i))
			continue;
		err_config_twin_cpu(&warning, l->z->name, i, l->other->name);
		l->fn(&warning, l->arg);
		return;
	}
}

static int look(const char *zone, void *arg)
{
	struct look *l = arg;

	if (!strcmp(zone, l->z->name) || zone_load(zone, l->other, NULL))
		return 0;
	compare_disks(l);
	compare_nics(l);
	compare_cpus(l);
	return 0;
}

void zone_twins(const struct zone_model *z, twin_fn fn, void *arg)
{
	struct look l = { .z = z, .other = malloc(sizeof(*l.other)), .fn = fn, .arg = arg };

	if (l.other)
		zone_for_each(look, &l, NULL);
	free(l.other);
}

/* struct owner_look - a disk, and who else has it */
struct owner_look {
	const char *zone;
	const char *storage;
	char *other;
	struct zone_model *z;
};

static int find_other(const char *zone, void *arg)
{
	const struct owner_look *l = arg;
	unsigned int i;

	if (!strcmp(zone, l->zone) || zone_load(zone, l->z, NULL))
		return 0;
	for (i = 0; i < l->z->nr_disks; i++)
		if (same_storage(l->z->disk[i].storage, l->storage))
			snprintf(l->other, 64, "%s", zone);
	return l->other[0] != '\0';
}

int zone_other_user(const char *zone, const char *storage, char other[64], struct zkz_err *err)
{
	struct owner_look l = { .zone = zone, .storage = storage, .other = other, .z = malloc(sizeof(*l.z)) };
	int rc;

	other[0] = '\0';
	if (!l.z)
		return err_no_memory(err);
	rc = zone_for_each(find_other, &l, err);
	free(l.z);
	return rc ? -1 : 0;
}
