// SPDX-License-Identifier: GPL-2.0
#include "zone/incomplete.h"

#include <errno.h>
#include <unistd.h>

#include "lib/file.h"
#include "zone/paths.h"
#include "zone/urilist.h"

bool zone_incomplete(const char *zone)
{
	char path[ZONE_PATH_MAX];

	return !access(zone_path(ZF_INCOMPLETE, zone, path), F_OK) || errno != ENOENT;
}

int zone_incomplete_begin(const char *zone, const json_t *uris, struct zkz_err *err)
{
	return urilist_write(zone, ZF_INCOMPLETE, uris, err);
}

json_t *zone_incomplete_uris(const char *zone, struct zkz_err *err)
{
	return urilist_read(zone, ZF_INCOMPLETE, err);
}

int zone_incomplete_end(const char *zone, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];

	return file_remove(zone_path(ZF_INCOMPLETE, zone, path), err);
}
