/* SPDX-License-Identifier: GPL-2.0 */
/* What a zone that runs has not got yet. */
#ifndef ZKZ_ZKZD_PENDING_H
#define ZKZ_ZKZD_PENDING_H

#include "conf/model.h"
#include "lib/request.h"

/** pending_tell() - warn of what of the configuration @now takes effect later, and when */
void pending_tell(struct request *rq, const struct conf *now);

#endif
