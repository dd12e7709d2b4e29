/* SPDX-License-Identifier: GPL-2.0 */
/* Profiles: the first settings of a guest, as files of cloud-init's datasource NoCloud. Pure. */
#ifndef ZKZ_ZONE_PROFILE_H
#define ZKZ_ZONE_PROFILE_H

#include <jansson.h>

#include "lib/err.h"
#include "zone/model.h"

/* Of all texts together. */
#define PROFILE_MAX	(256 * 1024)

/* The files of a profile, ended by NULL; the first one must be there. */
extern const char *const profile_files[];

/**
 * profile_complete() - make what somebody has sent the profile of one zone
 * @profile:  object of texts by the names of their files; may be anything
 * @z:        the zone
 * @instance: which nobody else has: cloud-init sets a guest up once for each
 * @err:      filled on failure
 *
 * In the texts %{zonename} stands for the zone's name, and %{mac-address} for the address of its first interface. A
 * profile without "meta-data" gets one, with the zone's name as that of the guest.
 * Return: a new object, with "meta-data" in it, or NULL.
 */
json_t *profile_complete(const json_t *profile, const struct zone_model *z, const char *instance, struct zkz_err *err);

#endif
