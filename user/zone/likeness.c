// SPDX-License-Identifier: GPL-2.0
#include "zone/likeness.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/uri.h"

/* "web1" stands in "disk-web1.img", but neither in "web10" nor in "myweb1". */
static const char *find_name(const char *text, const char *name)
{
	size_t len = strlen(name);
	const char *at;

	for (at = strstr(text, name); at; at = strstr(at + 1, name))
		if ((at == text || !isalnum((unsigned char)at[-1])) && !isalnum((unsigned char)at[len]))
			return at;
	return NULL;
}

/* @path becomes that of a file in the same folder. Return: 0, or -1 if that is too long. */
static int like_path(char *path, size_t size, const char *of, const char *zone)
{
	char *base = strrchr(path, '/') + 1;
	const char *at = find_name(base, of);
	char old[sizeof(((struct storage_uri *)0)->path)];
	size_t room = size - (size_t)(base - path);
	int n;

	snprintf(old, sizeof(old), "%s", base);
	if (at)
		n = snprintf(base, room, "%.*s%s%s", (int)(at - base), old, zone, old + (at - base) + strlen(of));
	else
		n = snprintf(base, room, "%s-%s", zone, old);
	return n < 0 || (size_t)n >= room ? -1 : 0;
}

static int give_disk(struct conf_res *d, const char *of, const char *zone, struct zkz_err *err)
{
	const char *now = conf_res_get(d, "storage"), *id = conf_res_get(d, "id");
	char text[URI_TEXT_SIZE];
	struct storage_uri u;

	if (uri_parse(now, &u, err))
		return -1;
	if (u.kind != URI_FILE)
		return err_clone_storage(err, now, zone, (unsigned int)strtoul(id, NULL, 10));
	if (like_path(u.path, sizeof(u.path), of, zone))
		return err_path_long(err, u.path);
	conf_res_set(d, conf_prop_find(d->type, "storage"), uri_print(&u, text));
	return 0;
}

/* Both zones can have what is only read, but for the settings of a guest. */
static bool is_shared(const struct conf_res *d)
{
	if (conf_res_is(d, "seed", "true"))
		return false;
	return conf_res_is(d, "read-only", "true") || conf_res_is(d, "cdrom", "true");
}

int zone_likeness(struct conf *c, const char *of, const char *zone, struct zkz_err *err)
{
	struct conf_res *r;

	if (conf_res_get(&c->global, "uuid"))
		conf_res_set(&c->global, conf_prop_find(&conf_global, "uuid"), "auto");
	for (r = conf_first(c, "anet"); r; r = conf_next(r))
		conf_res_set(r, conf_prop_find(r->type, "mac-address"), "auto");
	for (r = conf_first(c, "device"); r; r = conf_next(r))
		if (!is_shared(r) && give_disk(r, of, zone, err))
			return -1;
	return 0;
}
