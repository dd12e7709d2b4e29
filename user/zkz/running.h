/* SPDX-License-Identifier: GPL-2.0 */
/* For verbs that mean all zones. */
#ifndef ZKZ_ZKZ_RUNNING_H
#define ZKZ_ZKZ_RUNNING_H

#include <jansson.h>

#include "lib/err.h"

/** running_zones() - an array of the names of those that run; NULL with @err filled */
json_t *running_zones(struct zkz_err *err);

#endif
