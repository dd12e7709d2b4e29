/* SPDX-License-Identifier: GPL-2.0 */
/* All URIs by which a disk can be written on this host. */
#ifndef ZKZ_STORAGE_FORMS_H
#define ZKZ_STORAGE_FORMS_H

#include <jansson.h>

#include "lib/err.h"
#include "lib/spawn.h"
#include "storage/uri.h"

/**
 * storage_forms() - the forms of a disk
 * @text: URI, or path of a file or device
 * @user: whom QEMU runs as
 * @err:  filled on failure
 *
 * The first is the canonical form of what was given; those of LUNs, which other hosts understand, come before those of
 * devices. Return: new reference to an array of texts, or NULL.
 */
json_t *storage_forms(const char *text, const struct spawn_user *user, struct zkz_err *err);

#endif
