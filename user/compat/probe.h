/* SPDX-License-Identifier: GPL-2.0 */
/* What this host is: fills a passport, and carries it as JSON. */
#ifndef ZKZ_COMPAT_PROBE_H
#define ZKZ_COMPAT_PROBE_H

#include <jansson.h>

#include "compat/passport.h"
#include "lib/err.h"

/**
 * passport_probe() - look at this host
 * @p:    filled; free with passport_fini()
 * @qemu: version of the QEMU that runs the zone
 * @err:  filled on failure
 */
int passport_probe(struct passport *p, const char *qemu, struct zkz_err *err);

/** passport_to_json() - new reference */
json_t *passport_to_json(const struct passport *p);

/** passport_from_json() - from another host; refuses what is incomplete */
int passport_from_json(const json_t *obj, struct passport *p, struct zkz_err *err);

#endif
