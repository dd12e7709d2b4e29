/* SPDX-License-Identifier: GPL-2.0 */
/* Has this host what a zone needs to be booted? */
#ifndef ZKZ_ZKZD_VERIFY_H
#define ZKZ_ZKZD_VERIFY_H

#include "lib/request.h"

/**
 * verify_zone() - look at the files, disks and links that a zone names
 * @rq:  request with a zone; all that is wrong is told as warnings
 * @err: filled on failure
 *
 * Return: 0, or -1 if the zone cannot be booted here.
 */
int verify_zone(struct request *rq, struct zkz_err *err);

#endif
