/* SPDX-License-Identifier: GPL-2.0 */
/* Disks that QEMU reaches by a network, read as QEMU does: by its own programs, which have its block drivers. */
#ifndef ZKZ_STORAGE_SERVED_H
#define ZKZ_STORAGE_SERVED_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/clock.h"
#include "lib/err.h"
#include "lib/spawn.h"
#include "storage/uri.h"

/**
 * struct served - a disk, ready to be asked for
 * @text:   its URI
 * @user:   whom the programs run as
 * @name:   how QEMU's programs are told of it
 * @object: what they need for that, or NULL
 * @secret: as of secret_open()
 * @dl:     for all answers
 */
struct served {
	const char *text;
	const struct spawn_user *user;
	char *name;
	char *object;
	int secret;
	deadline_t dl;
};

/**
 * served_open() - get ready; nothing is connected
 * @s:      filled, for served_close() also after a failure
 * @text:   URI
 * @u:      the same, parsed; uri_is_opened() is false
 * @format: "raw", or another one to look into the image
 * @user:   whom QEMU runs as
 * @err:    filled on failure
 */
int served_open(struct served *s, const char *text, const struct storage_uri *u, const char *format,
		const struct spawn_user *user, struct zkz_err *err);

/** served_open_as() - the same, with a name for what QEMU's programs are told of it: for those that have two disks */
int served_open_as(struct served *s, const char *node, const char *text, const struct storage_uri *u,
		   const char *format, const struct spawn_user *user, struct zkz_err *err);

/** served_lend() - let programs that are started have the secret, or no more; it is for those alone that need it */
void served_lend(const struct served *s, bool on);

/** served_size() - size of the disk in bytes */
int served_size(const struct served *s, uint64_t *size, struct zkz_err *err);

/** served_read() - @nr pieces at @at, each PLACE_LEN long, into @buf; none reaches beyond the end */
int served_read(const struct served *s, const uint64_t *at, size_t nr, unsigned char *buf, struct zkz_err *err);

/**
 * served_look() - size of the disk, and what it begins with
 * @s:    from served_open()
 * @size: in bytes
 * @head: PLACE_LEN bytes
 * @len:  how many of them there are: none of a disk that is shorter
 * @err:  filled on failure
 */
int served_look(const struct served *s, uint64_t *size, unsigned char *head, size_t *len, struct zkz_err *err);

/** served_close() - let go of all */
void served_close(struct served *s);

#endif
