/* SPDX-License-Identifier: GPL-2.0 */
/* Source: somebody else than the client wants the migration to end. */
#ifndef ZKZ_MIGRATE_SOURCE_ABORT_H
#define ZKZ_MIGRATE_SOURCE_ABORT_H

#include "lib/request.h"

/** source_heed_abort() - let others than the client end the migration as Ctrl-C does; to be called once */
int source_heed_abort(const struct request *rq, struct zkz_err *err);

#endif
