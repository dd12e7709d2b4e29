// SPDX-License-Identifier: GPL-2.0
#include "migrate/commit/made.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "storage/create.h"
#include "zone/model.h"
#include "zone/paths.h"

#define MAX_LIST	(ZONE_MAX_DISKS * 8192)

/* Return: a new array, an empty one if there is no list; or NULL. */
static json_t *read_list(const char *zone, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX], *text;
	json_t *list;
	size_t len;

	text = file_read(zone_path(ZF_MADE, zone, path), MAX_LIST, &len, err);
	if (!text) {
		if (errno != ENOENT)
			return NULL;
		err_clear(err);
		return json_array();
	}
	list = json_loadb(text, len, 0, NULL);
	free(text);
	if (json_is_array(list))
		return list;
	json_decref(list);
	err_zone_note_damaged(err, path);
	return NULL;
}

static int write_list(const char *zone, const json_t *list, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX], *text = json_dumps(list, JSON_COMPACT);
	int rc;

	if (!text)
		return err_no_memory(err);
	rc = file_write_atomic(zone_path(ZF_MADE, zone, path), text, strlen(text), 0600, err);
	free(text);
	return rc ? -1 : 0;
}

int made_note(const char *zone, const char *uri, struct zkz_err *err)
{
	json_t *list = read_list(zone, err);
	int rc;

	if (!list)
		return -1;
	json_array_append_new(list, json_string(uri));
	rc = write_list(zone, list, err);
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
		write_list(zone, list, NULL);
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
		if (!rc && json_is_string(uri))
			rc = storage_remove(json_string_value(uri), NULL, err);
	json_decref(list);
	return rc ? -1 : made_forget(zone, err);
}

int made_forget(const char *zone, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];

	return file_remove(zone_path(ZF_MADE, zone, path), err);
}
