/* SPDX-License-Identifier: GPL-2.0 */
/* Disks of a zone that are made: all of them, or none is left. */
#ifndef ZKZ_ZKZD_MAKING_H
#define ZKZ_ZKZD_MAKING_H

#include "lib/request.h"
#include "lib/spawn.h"
#include "zone/model.h"
#include "zone/owner.h"

/**
 * struct making - what is under way
 * @rq:     who wants it, whose zone it is
 * @user:   whom QEMU runs as
 * @made:   URIs of files that are there by now
 * @device: of what is copied just now
 * @began:  when that began
 */
struct making {
	struct request *rq;
	struct spawn_user user;
	json_t *made;
	unsigned int device;
	uint64_t began;
};

/**
 * making_begin() - the zone is incomplete from now on
 * @m:    filled
 * @rq:   request; the zone is locked
 * @uris: files that will be made, consumed
 * @err:  filled on failure
 */
int making_begin(struct making *m, struct request *rq, json_t *uris, struct zkz_err *err);

/** making_blank() - make a disk that reads as zeroes */
int making_blank(struct making *m, const struct zone_disk *d, uint64_t size, struct zkz_err *err);

/**
 * making_seed() - make the disk with the first settings of the guest
 * @m:   from making_begin()
 * @d:   which
 * @fd:  what is on it, see zkzd/seed.h; -1 for nothing, which is a failure
 * @err: filled on failure
 */
int making_seed(struct making *m, const struct zone_disk *d, int fd, struct zkz_err *err);

/** struct making_source - what a disk is copied from: a URI, and its format */
struct making_source {
	const char *text;
	const char *format;
};

/**
 * making_copy() - make a disk of what is on another
 * @m:    from making_begin()
 * @d:    what is made
 * @from: of what; nobody writes to it
 * @over: what is on a device may be lost
 * @err:  filled on failure, ERR_CANCELLED if the client has hung up
 */
int making_copy(struct making *m, const struct zone_disk *d, const struct making_source *from, bool over,
		struct zkz_err *err);

/** making_end() - all is made: the zone is this host's, and installed */
int making_end(struct making *m, struct zkz_err *err);

/** making_undo() - take away what was made; what cannot be leaves the zone incomplete */
void making_undo(struct making *m);

/**
 * making_owner() - may this host make the disks of a zone, or take them away?
 * @zone: zone name; the caller holds its lock
 * @o:    filled: the zone is this host's, or nobody's
 * @err:  filled if another host has it, or may have it: its disks are that host's affair
 */
int making_owner(const char *zone, struct zone_owner *o, struct zkz_err *err);

/**
 * making_claim() - take a disk that is there, so that no zone of this host runs with it meanwhile
 * @d:    disk
 * @zone: for whom, as others are told
 * @user: whom QEMU runs as
 * @err:  ERR_DISK_IN_USE if a zone runs with it
 *
 * Return: descriptor that holds it, or -1.
 */
int making_claim(const struct zone_disk *d, const char *zone, const struct spawn_user *user, struct zkz_err *err);

/** making_is_missing() - is a disk a file that is not there? Return: 1 or 0, -1 if it cannot be told */
int making_is_missing(const struct zone_disk *d, const struct spawn_user *user, struct zkz_err *err);

#endif
