// SPDX-License-Identifier: GPL-2.0
/* storage: what disks are on this host, by which URIs they can be written, and new ones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/io.h"
#include "qemu/user.h"
#include "storage/create.h"
#include "storage/forms.h"
#include "storage/places.h"
#include "storage/probe.h"
#include "storage/qcow2.h"
#include "storage/served.h"
#include "zkzd/dispatch.h"
#include "zone/store.h"

/* Disks of 64 PiB are ones that nobody means. */
#define SIZE_LEAST	512
#define SIZE_MOST	(1LL << 56)
#define MAX_URIS	64

static int lookup(struct request *rq, const char *text, const struct spawn_user *user, struct zkz_err *err)
{
	json_t *forms = storage_forms(text, user, err), *one;
	size_t i;

	if (!forms)
		return -1;
	json_array_foreach(forms, i, one)
		out_item(&rq->out, json_pack("{s:O}", "uri", one));
	json_decref(forms);
	out_result(&rq->out, NULL, "Done.");
	return 0;
}

/* struct disk - what is found out about one */
struct disk {
	uint64_t size;		/* of the file or device */
	uint64_t image;		/* of the disk in it, if it is a qcow2 image */
	char luname[LUNAME_SIZE];
};

static int look_opened(const char *text, const struct spawn_user *user, struct disk *d, struct zkz_err *err)
{
	struct look l;

	if (storage_open(text, "raw", true, user, &l, err))
		return -1;
	io_close(&l.fd);
	d->size = l.size;
	d->image = qcow2_size(l.head, l.head_len);
	return 0;
}

static int look_served(const char *text, const struct storage_uri *u, const struct spawn_user *user,
		       struct disk *d, struct zkz_err *err)
{
	unsigned char head[PLACE_LEN];
	struct look unused;
	struct served s;
	size_t len;
	int rc;

	if (storage_open(text, "raw", true, user, &unused, err))
		return -1;
	rc = served_open(&s, text, u, "raw", user, err) || served_look(&s, &d->size, head, &len, err) ? -1 : 0;
	if (!rc)
		d->image = qcow2_size(head, len);
	served_close(&s);
	return rc;
}

/* The identifier of its LUN, if it has one. */
static void find_luname(const json_t *forms, struct disk *d)
{
	struct storage_uri u;
	const json_t *one;
	size_t i;

	json_array_foreach(forms, i, one)
		if (!d->luname[0] && !uri_parse(json_string_value(one), &u, NULL))
			strcpy(d->luname, u.luname);
}

/* struct users - which zones have a disk in their configuration */
struct users {
	const json_t *forms;
	json_t *list;
	struct zone_model z;
};

/* By one URI, or by another of the same disk. */
static bool is_one_of(const struct storage_uri *u, const json_t *forms)
{
	struct storage_uri form;
	const json_t *one;
	size_t i;

	json_array_foreach(forms, i, one)
		if (!uri_parse(json_string_value(one), &form, NULL) && uri_same(u, &form))
			return true;
	return false;
}

static int add_users(const char *zone, void *arg)
{
	struct users *w = arg;
	struct storage_uri u;
	unsigned int i;

	if (zone_load(zone, &w->z, NULL))
		return 0;
	for (i = 0; i < w->z.nr_disks; i++)
		if (!uri_parse(w->z.disk[i].storage, &u, NULL) && is_one_of(&u, w->forms))
			json_array_append_new(w->list, json_pack("{s:s, s:i}", "zone", zone,
								 "device", (int)w->z.disk[i].id));
	return 0;
}

static json_t *users_of(const json_t *forms)
{
	struct users *w = calloc(1, sizeof(*w));
	json_t *list = json_array();

	if (w) {
		w->forms = forms;
		w->list = list;
		zone_for_each(add_users, w, NULL);
	}
	free(w);
	return list;
}

static int check_one(struct request *rq, const char *text, const struct spawn_user *user, struct zkz_err *err)
{
	char form[URI_TEXT_SIZE];
	struct zkz_err why = { 0 };
	struct disk d = { 0 };
	struct storage_uri u;
	json_t *obj, *forms;
	int shared;

	if (uri_parse(text, &u, err))
		return -1;
	if (uri_is_opened(&u) ? look_opened(text, user, &d, err) : look_served(text, &u, user, &d, err))
		return -1;
	shared = storage_is_shared(text, user, &why, err);
	if (shared < 0)
		return -1;
	forms = storage_forms(text, user, err);
	if (!forms)
		return -1;
	find_luname(forms, &d);
	obj = json_pack("{s:s, s:s, s:I, s:b, s:o}", "uri", uri_print(&u, form), "format", d.image ? "qcow2" : "raw",
			"size", (json_int_t)(d.image ? d.image : d.size), "shared", shared, "zones", users_of(forms));
	json_decref(forms);
	if (!shared)
		json_object_set_new(obj, "local-because", json_string(why.text));
	if (d.luname[0])
		json_object_set_new(obj, "luname", json_string(d.luname));
	out_item(&rq->out, obj);
	return 0;
}

/* All are looked at; the first failure is the answer's. */
static int check(struct request *rq, const json_t *uris, const struct spawn_user *user, struct zkz_err *err)
{
	struct zkz_err other = { 0 };
	const json_t *one;
	size_t i;
	int rc = 0;

	json_array_foreach(uris, i, one) {
		const char *text = json_string_value(one);

		if (!text || i >= MAX_URIS)
			return err_usage_storage(err);
		err_clear(&other);
		if (check_one(rq, text, user, &other) && !rc) {
			rc = -1;
			*err = other;
		}
	}
	if (!rc)
		out_result(&rq->out, NULL, "Done.");
	return rc;
}

static int create(struct request *rq, const char *text, const struct spawn_user *user, struct zkz_err *err)
{
	const char *format = json_str(rq->args, "format");
	long long size = json_int(rq->args, "size", -1);

	if (size < SIZE_LEAST || size > SIZE_MOST || size % 512 ||
	    (format && strcmp(format, "raw") && strcmp(format, "qcow2")))
		return err_usage_storage(err);
	if (storage_create(text, (uint64_t)size, 0, format ? format : "raw", user, err))
		return -1;
	out_result(&rq->out, NULL, "Storage created.");
	return 0;
}

int op_storage(struct request *rq, struct zkz_err *err)
{
	const char *verb = json_str(rq->args, "verb");
	const json_t *uris = json_object_get(rq->args, "uris");
	const char *first = json_string_value(json_array_get(uris, 0));
	struct spawn_user user;

	if (!verb || !first)
		return err_usage_storage(err);
	if (qemu_user(&user, err))
		return -1;
	if (!strcmp(verb, "lookup"))
		return lookup(rq, first, &user, err);
	if (!strcmp(verb, "check"))
		return check(rq, uris, &user, err);
	return strcmp(verb, "create") ? err_usage_storage(err) : create(rq, first, &user, err);
}
