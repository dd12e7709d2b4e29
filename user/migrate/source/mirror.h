/* SPDX-License-Identifier: GPL-2.0 */
/* Source: disks that only this host has, and that go along. */
#ifndef ZKZ_MIGRATE_SOURCE_MIRROR_H
#define ZKZ_MIGRATE_SOURCE_MIRROR_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"
#include "qemu/qmp.h"
#include "zone/model.h"

struct source;

/**
 * struct mirror - what goes along
 * @local: disks that only this host has, by their place in the model; from source_local()
 * @disk:  those of them that the target has made; from source_disks()
 * @nr:    how many
 * @bytes: of all of them, as the guest sees them
 * @begun: jobs of QEMU copy them; from source_copy()
 * @over:  and have ended, as the guest stands still
 * @relay: by the place in the model: see relay_start(), or carry_out() of what the guest only reads; -1
 * @why:   what is wrong with a job; with @failed
 * @failed: something is
 */
struct mirror {
	bool local[ZONE_MAX_DISKS];
	bool disk[ZONE_MAX_DISKS];
	unsigned int nr;
	uint64_t bytes;
	bool begun;
	bool over;
	int relay[ZONE_MAX_DISKS];
	char why[200];
	bool failed;
};

/** mirror_init() - nothing goes along */
void mirror_init(struct mirror *m);

/** source_mirror_by_job() - is it a job of QEMU that takes that disk along? It can be written to, then */
bool source_mirror_by_job(const struct source *s, unsigned int i);

/** source_mirror_job() - name of the job for a disk, by its place in the model. Return: @name, MIRROR_NAME bytes */
const char *source_mirror_job(const struct source *s, unsigned int i, char *name);

/** source_mirror_check() - has none of the jobs failed? */
int source_mirror_check(const struct source *s, struct zkz_err *err);

/** source_mirror_end() - the guest stands still: what goes along is complete on the target's disks */
int source_mirror_end(struct source *s, struct zkz_err *err);

/** source_mirror_drop() - the zone stays; @why as of other steps */
void source_mirror_drop(struct source *s, const struct zkz_err *why);

/** source_mirror_hear() - an event of QEMU that may be of a job */
void source_mirror_hear(struct source *s, const struct qmp_event *ev);

/** source_mirror_remove() - the target runs the zone: what went along is here no more */
void source_mirror_remove(struct source *s);

#endif
