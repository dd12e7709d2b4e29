/* SPDX-License-Identifier: GPL-2.0 */
/* What a storage URI turns out to be on this host. */
#ifndef ZKZ_STORAGE_PROBE_H
#define ZKZ_STORAGE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/err.h"
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
 * storage_allow() - let QEMU's user open it
 * @text: URI
 * @uid:  QEMU's user
 * @gid:  QEMU's group
 * @err:  filled on failure
 *
 * What that user may not open yet is given to it. On shared storage the user
 * should have the same number on all hosts.
 */
int storage_allow(const char *text, uid_t uid, gid_t gid, struct zkz_err *err);

#endif
