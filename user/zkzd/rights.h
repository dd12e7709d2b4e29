/* SPDX-License-Identifier: GPL-2.0 */
/* What somebody who asks zkzd may do: rules of zone/rights.h, users and groups of the host. */
#ifndef ZKZ_ZKZD_RIGHTS_H
#define ZKZ_ZKZD_RIGHTS_H

#include "lib/request.h"
#include "zone/rights.h"

/**
 * rights_check() - refuse who may not
 * @rq:   request: who asks, and for what
 * @r:    what that needs
 * @zone: with which zone, or NULL
 * @err:  filled on failure, with the right that is missing
 */
int rights_check(const struct request *rq, enum right r, const char *zone, struct zkz_err *err);

/** rights_deny_admin() - the failure that resources admin are root's alone to change; always -1 */
int rights_deny_admin(const struct request *rq, struct zkz_err *err);

#endif
