/* SPDX-License-Identifier: GPL-2.0 */
/* What a storage URI turns out to be on this host. */
#ifndef ZKZ_STORAGE_PROBE_H
#define ZKZ_STORAGE_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"
#include "lib/spawn.h"
#include "storage/uri.h"

/**
 * storage_is_shared() - can another host reach the same bytes by this URI?
 * @text: URI
 * @why:  sentence that says why not (or why), may be NULL
 * @size: size of @why
 * @err:  filled when it cannot be told
 *
 * A network protocol is; a file is if its file system is a network or cluster
 * one. Return: 1 shared, 0 local, -1 failure.
 */
int storage_is_shared(const char *text, char *why, size_t size,
		      struct zkz_err *err);

/** storage_check() - is it there, and of a usable kind? */
int storage_check(const char *text, struct zkz_err *err);

/**
 * storage_allow() - make sure that QEMU's user may open it
 * @text: URI
 * @user: whom QEMU runs as
 * @give: what that user may not open yet is given to it. Only where no guest
 *        uses it: a file server takes it away from the QEMU of another host,
 *        if the user has another number there
 * @err:  filled on failure
 */
int storage_allow(const char *text, const struct spawn_user *user, bool give,
		  struct zkz_err *err);

#endif
