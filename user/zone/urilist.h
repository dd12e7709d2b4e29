/* SPDX-License-Identifier: GPL-2.0 */
/* Files of a zone that name disks: those that are being made, say. */
#ifndef ZKZ_ZONE_URILIST_H
#define ZKZ_ZONE_URILIST_H

#include <jansson.h>

#include "lib/err.h"
#include "zone/paths.h"

/**
 * urilist_read() - what stands in such a file
 * @zone:  zone name
 * @which: file
 * @err:   filled on failure; errno is ENOENT if there is no such file
 *
 * Return: an array of texts, nothing else, a new reference; or NULL.
 */
json_t *urilist_read(const char *zone, enum zone_file which, struct zkz_err *err);

/** urilist_write() - replace it, durably */
int urilist_write(const char *zone, enum zone_file which, const json_t *uris, struct zkz_err *err);

#endif
