// SPDX-License-Identifier: GPL-2.0
#include "zone/urilist.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "zone/model.h"

#define MAX_LIST	(ZONE_MAX_DISKS * 8192)

static bool is_list(const json_t *list)
{
	const json_t *uri;
	size_t i;

	json_array_foreach(list, i, uri)
		if (!json_is_string(uri))
			return false;
	return json_is_array(list);
}

json_t *urilist_read(const char *zone, enum zone_file which, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX], *text;
	json_t *list;
	size_t len;

	text = file_read(zone_path(which, zone, path), MAX_LIST, &len, err);
	if (!text)
		return NULL;
	list = json_loadb(text, len, 0, NULL);
	free(text);
	if (is_list(list))
		return list;
	json_decref(list);
	err_zone_note_damaged(err, path);
	errno = 0;
	return NULL;
}

int urilist_write(const char *zone, enum zone_file which, const json_t *uris, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX], *text = json_dumps(uris, JSON_COMPACT);
	int rc;

	if (!text)
		return err_no_memory(err);
	rc = file_write_atomic(zone_path(which, zone, path), text, strlen(text), 0600, err);
	free(text);
	return rc ? -1 : 0;
}
