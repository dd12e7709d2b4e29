// SPDX-License-Identifier: GPL-2.0
#include "migrate/commit/made.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "lib/file.h"
#include "storage/create.h"
#include "zone/urilist.h"

/* Return: a new array, an empty one if there is no list; or NULL. */
static json_t *read_list(const char *zone, struct zkz_err *err)
{
	json_t *list = urilist_read(zone, ZF_MADE, err);

	if (list || errno != ENOENT)
		return list;
	err_clear(err);
	return json_array();
}

int made_note(const char *zone, const char *uri, struct zkz_err *err)
{
	json_t *list = read_list(zone, err);
	int rc;

	if (!list)
		return -1;
	json_array_append_new(list, json_string(uri));
	rc = urilist_write(zone, ZF_MADE, list, err);
	json_decref(list);
	return rc;
}

void made_not(const char *zone, const char *uri)
{
	json_t *list = read_list(zone, NULL);
	size_t last = json_array_size(list);
	const char *text = last ? json_string_value(json_array_get(list, last - 1)) : NULL;

	if (text && !strcmp(text, uri)) {
		json_array_remove(list, last - 1);
		urilist_write(zone, ZF_MADE, list, NULL);
	}
	json_decref(list);
}

/* They were made as QEMU's user's, or as root's: root may remove either. */
int made_undo(const char *zone, struct zkz_err *err)
{
	json_t *list = read_list(zone, err), *uri;
	int rc = list ? 0 : -1;
	size_t i;

	json_array_foreach(list, i, uri)
		if (!rc)
			rc = storage_remove(json_string_value(uri), NULL, err);
	json_decref(list);
	return rc ? -1 : made_forget(zone, err);
}

int made_forget(const char *zone, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];

	return file_remove(zone_path(ZF_MADE, zone, path), err);
}
