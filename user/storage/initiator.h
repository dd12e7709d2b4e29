/* SPDX-License-Identifier: GPL-2.0 */
/* What this host is called among iSCSI initiators: targets allow LUNs, and reserve them, by that name. */
#ifndef ZKZ_STORAGE_INITIATOR_H
#define ZKZ_STORAGE_INITIATOR_H

#include <stdbool.h>

#include "lib/err.h"
#include "storage/uri.h"

/* The name of the host's own initiator, if it has one. */
#define INITIATOR_FILE		"/etc/iscsi/initiatorname.iscsi"
/* As zone/paths.h has it, which is in a room above this one. */
#define INITIATOR_HOST_ID	"/var/lib/zkz/host-id"

/** initiator_parse() - from the text of INITIATOR_FILE, @name of INITIATOR_SIZE bytes. Return: is there one? */
bool initiator_parse(const char *text, char *name);

/** initiator_from_id() - for a host that has none: from the text of INITIATOR_HOST_ID, likewise */
bool initiator_from_id(const char *text, char *name);

/**
 * initiator_name() - the name of this host
 * @u:   URI; its @initiator is filled if QEMU is to use one
 * @err: filled on failure: the host has no name at all
 */
int initiator_name(struct storage_uri *u, struct zkz_err *err);

#endif
