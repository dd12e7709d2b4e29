// SPDX-License-Identifier: GPL-2.0
#include "zone/incomplete.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "zone/model.h"
#include "zone/paths.h"

#define MAX_NOTE	(ZONE_MAX_DISKS * 8192)

bool zone_incomplete(const char *zone)
{
	char path[ZONE_PATH_MAX];

	return !access(zone_path(ZF_INCOMPLETE, zone, path), F_OK) || errno != ENOENT;
}

int zone_incomplete_begin(const char *zone, const json_t *uris, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	char *text = json_dumps(uris, JSON_COMPACT);
	int rc;

	if (!text)
		return err_no_memory(err);
	rc = file_write_atomic(zone_path(ZF_INCOMPLETE, zone, path), text, strlen(text), 0600, err);
	free(text);
	return rc;
}

json_t *zone_incomplete_uris(const char *zone, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	char *text;
	json_t *uris;
	size_t len;

	text = file_read(zone_path(ZF_INCOMPLETE, zone, path), MAX_NOTE, &len, err);
	if (!text)
		return NULL;
	uris = json_loadb(text, len, 0, NULL);
	free(text);
	if (json_is_array(uris))
		return uris;
	json_decref(uris);
	err_zone_note_damaged(err, path);
	return NULL;
}

int zone_incomplete_end(const char *zone, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];

	return file_remove(zone_path(ZF_INCOMPLETE, zone, path), err);
}
