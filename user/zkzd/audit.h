/* SPDX-License-Identifier: GPL-2.0 */
/* The audit trail of the host, where the kernel keeps one: who has done what to zones, and who may not. */
#ifndef ZKZ_ZKZD_AUDIT_H
#define ZKZ_ZKZD_AUDIT_H

#include <stdbool.h>

#include "lib/request.h"

/**
 * audit_tell() - put a request into it
 * @rq:   request
 * @zone: zone that it is about, or NULL
 * @done: it was carried out; else it was denied
 */
void audit_tell(const struct request *rq, const char *zone, bool done);

#endif
