/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a QEMU can do, as far as that matters to zkz. Pure; qemu/ask.h asks the program.
 *
 * zkz does not guess that from a version: what was built in, and what a distribution has
 * brought forward or left out, only the program itself knows.
 */
#ifndef ZKZ_QEMU_ABILITY_H
#define ZKZ_QEMU_ABILITY_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/err.h"

#define ABILITY_MAX_TYPES	64
#define ABILITY_TYPE_SIZE	48

/** enum ability_bit - what not every QEMU can, and zkz can do without */
enum ability_bit {
	ABLE_MONITOR_OBJECT = 1 << 0,	/* a monitor is an object; -mon is on its way out */
	ABLE_SURVIVE_LOAD = 1 << 1,	/* a guest that cannot be loaded need not be the end of it */
	ABLE_NFS = 1 << 2,		/* its drivers for NFS and iSCSI are installed: Debian has them in */
	ABLE_ISCSI = 1 << 3,		/* a package of their own, of which its schema knows nothing */
};

/**
 * struct ability_type - a machine that it builds
 * @name:       "pc-q35-7.2"
 * @deprecated: a later QEMU will not
 */
struct ability_type {
	char name[ABILITY_TYPE_SIZE];
	bool deprecated;
};

/**
 * struct ability - what one QEMU can do
 * @version: "10.0.13"
 * @lacks:   something that zkz cannot do without; empty if there is nothing
 * @can:     of enum ability_bit
 * @type:    machines of the kind q35 that stay the same in later QEMUs, in QEMU's order
 * @types:   how many
 */
struct ability {
	char version[32];
	char lacks[64];
	unsigned int can;
	struct ability_type type[ABILITY_MAX_TYPES];
	unsigned int types;
};

/**
 * ability_learn() - from what QEMU has answered
 * @a:        filled
 * @version:  what query-version returned
 * @machines: what query-machines returned
 * @schema:   what query-qmp-schema returned
 * @err:      filled if that is not understood
 */
int ability_learn(struct ability *a, const json_t *version, const json_t *machines, const json_t *schema,
		  struct zkz_err *err);

/** ability_to_json() - to be kept; a new reference */
json_t *ability_to_json(const struct ability *a);

/** ability_from_json() - what was kept; -1 if it is anything else */
int ability_from_json(const json_t *obj, struct ability *a);

/** ability_find_type() - a machine type by name, or NULL */
const struct ability_type *ability_find_type(const struct ability *a, const char *name);

#endif
