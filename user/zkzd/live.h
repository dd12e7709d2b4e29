/* SPDX-License-Identifier: GPL-2.0 */
/* One change of a zone that runs, which its keeper does. */
#ifndef ZKZ_ZKZD_LIVE_H
#define ZKZ_ZKZD_LIVE_H

#include "conf/live.h"
#include "lib/request.h"

/**
 * live_do() - make it
 * @rq:   the request, whose client is told, and can end it by hanging up
 * @s:    step
 * @from: of what QEMU is built
 * @to:   and will be
 * @err:  filled on failure: it is as before then, but that a guest may yet let go of what it was asked for
 */
int live_do(struct request *rq, const struct live_step *s, const struct conf *from, const struct conf *to,
	    struct zkz_err *err);

/** live_undo() - back from @to to @from, whether somebody waits for it or not */
int live_undo(struct request *rq, const struct live_step *s, const struct conf *from, struct zkz_err *err);

#endif
