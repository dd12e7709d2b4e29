/* SPDX-License-Identifier: GPL-2.0 */
/* How a verb that changes a zone begins. */
#ifndef ZKZ_ZKZD_CHANGE_H
#define ZKZ_ZKZD_CHANGE_H

#include "lib/request.h"
#include "zone/state.h"

/**
 * change_begin() - take a zone, rid of what a run that broke off has left
 * @rq:  request with a zone
 * @st:  filled: what is known of it now
 * @err: filled on failure
 *
 * Return: the zone's lock, to be closed when the change is made, or -1.
 */
int change_begin(struct request *rq, struct zone_status *st, struct zkz_err *err);

#endif
