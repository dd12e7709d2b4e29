/* SPDX-License-Identifier: GPL-2.0 */
/* What a storage URI turns out to be on this host. */
#ifndef ZKZ_STORAGE_PROBE_H
#define ZKZ_STORAGE_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"
#include "lib/spawn.h"
#include "storage/look.h"
#include "storage/uri.h"

/* Text of storage_key(). */
#define STORAGE_KEY_SIZE	65

/**
 * storage_is_shared() - can another host reach the same bytes by this URI?
 * @text: URI
 * @user: whom QEMU runs as
 * @why:  says why not, may be NULL
 * @err:  filled when it cannot be told
 *
 * A network protocol is, if its server is not this host; a file is if its file system is a network or cluster
 * one; a LUN by its identifier is. Return: 1 shared, 0 local, -1 failure.
 */
int storage_is_shared(const char *text, const struct spawn_user *user, struct zkz_err *why, struct zkz_err *err);

/**
 * storage_open() - open a disk for a guest
 * @text:   URI
 * @format: "raw" or "qcow2"
 * @write:  may the guest write to it?
 * @user:   whom QEMU runs as; what that user may not open is opened as root
 * @l:      filled; @fd is -1 for storage that QEMU reaches itself
 * @err:    filled on failure
 *
 * Owner and mode of a file stay as they are.
 */
int storage_open(const char *text, const char *format, bool write, const struct spawn_user *user, struct look *l,
		 struct zkz_err *err);

/**
 * storage_is_missing() - is there no such disk?
 *
 * Arguments are those of storage_open(). Return: 1 or 0, -1 if it cannot be told.
 */
int storage_is_missing(const char *text, const char *format, bool write, const struct spawn_user *user,
		       struct zkz_err *err);

/**
 * storage_key() - what tells a disk from all others that this host can reach, however it is named
 * @text: URI
 * @l:    from storage_open()
 * @key:  STORAGE_KEY_SIZE bytes: text that can be the name of a file
 * @err:  filled on failure
 *
 * A LUN that only QEMU reaches has an identifier that nobody knows here: its target and number tell it apart then.
 */
int storage_key(const char *text, const struct look *l, char *key, struct zkz_err *err);

#endif
