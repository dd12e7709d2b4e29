/* SPDX-License-Identifier: GPL-2.0 */
/* Source: from the zone's state to open data streams. Each is a step, see steps.c. */
#ifndef ZKZ_MIGRATE_SOURCE_PREPARE_H
#define ZKZ_MIGRATE_SOURCE_PREPARE_H

#include "migrate/source/source.h"

/** source_local() - everything that can be refused without the target */
int source_local(struct source *s, struct zkz_err *err);

/** source_connect() - the control channel, to another host with the same zkz */
int source_connect(struct source *s, struct zkz_err *err);

/** source_config() - the target takes the zone's configuration */
int source_config(struct source *s, struct zkz_err *err);

/** source_attach() - the target writes down that the zone is on its way */
int source_attach(struct source *s, struct zkz_err *err);

/** source_boot() - it makes the memory file and starts a QEMU that waits */
int source_boot(struct source *s, struct zkz_err *err);

/** source_check() - both hosts decide by the other's passport whether the guest can run there */
int source_check(struct source *s, struct zkz_err *err);

/** source_streams() - connections for memory */
int source_streams(struct source *s, struct zkz_err *err);

#endif
