/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which installation of zkz this is: a random id on the volume that holds the owner
 * records. Names and addresses of hosts move from one machine to another; a question
 * of who owns a zone must reach the host that has the records, and no other.
 */
#ifndef ZKZ_ZONE_HOSTID_H
#define ZKZ_ZONE_HOSTID_H

#include "lib/err.h"
#include "lib/id.h"

/**
 * hostid_read() - the id of this host
 * @id:  ID_TEXT_SIZE bytes
 * @err: ERR_HOST_ID if there is none: the volume is not mounted, or zkz was never installed
 */
int hostid_read(char *id, struct zkz_err *err);

/**
 * hostid_make() - give this host an id, durably, unless it has one
 *
 * Part of an installation. zkzd never does it by itself while it runs: an empty
 * folder may be a volume that is not mounted, and the records may be on it.
 */
int hostid_make(struct zkz_err *err);

#endif
