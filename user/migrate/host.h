/* SPDX-License-Identifier: GPL-2.0 */
/* What this host is to a zone that runs here, or is about to. */
#ifndef ZKZ_MIGRATE_HOST_H
#define ZKZ_MIGRATE_HOST_H

#include "compat/passport.h"
#include "compat/room.h"
#include "lib/err.h"
#include "lib/out.h"
#include "qemu/qmp.h"
#include "zone/model.h"

/**
 * host_passport() - look at this host
 * @p:   filled; free with passport_fini()
 * @q:   monitor of the QEMU that runs the zone, or waits for it
 * @z:   the zone
 * @err: filled on failure
 */
int host_passport(struct passport *p, struct qmp *q, const struct zone_model *z, struct zkz_err *err);

/**
 * host_room() - how much memory is there for a zone?
 * @r:    filled
 * @zone: its name: what it may have taken here already is not counted
 * @err:  filled on failure
 */
int host_room(struct room *r, const char *zone, struct zkz_err *err);

/**
 * host_link_mbit() - how fast is the network interface that has an address?
 * @addr: numeric, or NULL
 *
 * Return: Mbit/s, 0 if that is not known.
 */
uint32_t host_link_mbit(const char *addr);

/** host_judge() - may a running zone go from @source to @target? Tells of what is only worth a warning */
int host_judge(struct out *out, const struct passport *source, const struct passport *target, struct zkz_err *err);

#endif
