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
	return a.kind == b.kind && a.port == b.port && !strcmp(a.path, b.path) && !strcasecmp(a.host, b.host);
}

static void compare_disks(const struct look *l)
{
	const struct zone_model *z = l->z, *o = l->other;
	unsigned int i, j;
	char text[160];

	for (i = 0; i < z->nr_disks; i++)
		for (j = 0; j < o->nr_disks; j++) {
			if (!same_storage(z->disk[i].storage, o->disk[j].storage))
				continue;
			snprintf(text, sizeof(text), "device %u is the disk of zone %.63s's device %u",
				 z->disk[i].id, o->name, o->disk[j].id);
			l->fn(text, l->arg);
		}
}

static void compare_nics(const struct look *l)
{
	const struct zone_model *z = l->z, *o = l->other;
	unsigned int i, j;
	char text[160];

	for (i = 0; i < z->nr_nics; i++)
		for (j = 0; j < o->nr_nics; j++) {
			if (!strcmp(z->nic[i].mac, "auto") || strcmp(z->nic[i].mac, o->nic[j].mac))
				continue;
			snprintf(text, sizeof(text), "anet %u has the MAC address of zone %.63s's anet %u",
				 z->nic[i].id, o->name, o->nic[j].id);
			l->fn(text, l->arg);
		}
}

static int look(const char *zone, void *arg)
{
	struct look *l = arg;

	if (!strcmp(zone, l->z->name) || zone_load(zone, l->other, NULL))
		return 0;
	compare_disks(l);
	compare_nics(l);
	return 0;
}

void zone_twins(const struct zone_model *z, twin_fn fn, void *arg)
{
	struct look l = { .z = z, .other = malloc(sizeof(*l.other)), .fn = fn, .arg = arg };

	if (l.other)
		zone_for_each(look, &l, NULL);
	free(l.other);
}
