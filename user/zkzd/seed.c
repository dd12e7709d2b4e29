// SPDX-License-Identifier: GPL-2.0
#include "zkzd/seed.h"

#include <stdio.h>
#include <string.h>

#include "lib/id.h"
#include "lib/io.h"
#include "lib/log.h"
#include "storage/seed.h"
#include "storage/uri.h"
#include "zone/profile.h"
#include "zone/store.h"

static bool has_seed(const struct zone_model *z)
{
	unsigned int i;

	for (i = 0; i < z->nr_disks; i++)
		if (z->disk[i].seed)
			return true;
	return false;
}

/* Return: the lowest id that no disk has, or -1. */
static int free_id(const struct zone_model *z)
{
	unsigned int i, id;

	for (id = 0; id < ZONE_MAX_DISKS; id++) {
		for (i = 0; i < z->nr_disks && z->disk[i].id != id; i++)
			;
		if (i == z->nr_disks)
			return (int)id;
	}
	return -1;
}

/* "web1-seed.iso" in the folder of the disk that the zone boots from. Return: 0, or -1 if that is in no folder. */
static int place_beside(const struct zone_model *z, struct storage_uri *u)
{
	unsigned int root = zone_model_root(z);
	char *base;
	size_t room;

	if (root >= z->nr_disks || uri_parse(z->disk[root].storage, u, NULL) || u->kind != URI_FILE)
		return -1;
	base = strrchr(u->path, '/') + 1;
	room = sizeof(u->path) - (size_t)(base - u->path);
	return (size_t)snprintf(base, room, "%s-seed.iso", z->name) < room ? 0 : -1;
}

static struct conf_res *new_device(const struct zone_model *z)
{
	char text[URI_TEXT_SIZE], id[16];
	struct storage_uri u;
	struct conf_res *d;
	int nr = free_id(z);

	if (nr < 0 || place_beside(z, &u))
		return NULL;
	snprintf(id, sizeof(id), "%d", nr);
	d = conf_res_new(conf_type_find("device"));
	conf_res_set(d, conf_prop_find(d->type, "id"), id);
	conf_res_set(d, conf_prop_find(d->type, "storage"), uri_print(&u, text));
	conf_res_set(d, conf_prop_find(d->type, "seed"), "true");
	return d;
}

static int add_device(struct seed *s, struct zone_model *z, struct zkz_err *err)
{
	char zone[sizeof(z->name)];
	struct conf_res *d = new_device(z);
	struct conf *c;
	int rc;

	snprintf(zone, sizeof(zone), "%s", z->name);
	if (!d)
		return err_seed_place(err, zone);
	c = zone_conf_load(zone, err);
	if (!c) {
		conf_res_free(d);
		return -1;
	}
	s->before = conf_copy(c);
	conf_insert(c, d);
	rc = conf_check(c, err) || zone_conf_save(zone, c, err) ? -1 : zone_load(zone, z, err);
	conf_free(c);
	return rc;
}

static int draw(struct seed *s, const json_t *profile, const struct zone_model *z, struct zkz_err *err)
{
	char instance[ID_TEXT_SIZE];
	json_t *texts;

	if (id_new(instance, err))
		return -1;
	texts = profile_complete(profile, z, instance, err);
	if (texts)
		s->fd = seed_image(texts, err);
	json_decref(texts);
	return s->fd < 0 ? -1 : 0;
}

int seed_begin(struct seed *s, const struct request *rq, struct zone_model *z, struct zkz_err *err)
{
	const json_t *profile = json_object_get(rq->args, "profile");

	*s = (struct seed){ .fd = -1 };
	if (!profile)
		return 0;
	if (draw(s, profile, z, err))
		return -1;
	return has_seed(z) ? 0 : add_device(s, z, err);
}

void seed_end(struct seed *s, const char *zone, bool made)
{
	struct zkz_err why = { 0 };

	io_close(&s->fd);
	if (s->before && !made && zone_conf_save(zone, s->before, &why))
		log_warn("zone %s: %s", zone, why.text);
	conf_free(s->before);
}
