/* SPDX-License-Identifier: GPL-2.0 */
/* The disk of a zone that has the first settings of its guest: found, or given to the zone, and drawn. */
#ifndef ZKZ_ZKZD_SEED_H
#define ZKZ_ZKZD_SEED_H

#include "conf/model.h"
#include "lib/request.h"
#include "zone/model.h"

/**
 * struct seed - what is to be on it
 * @fd:     the disk, drawn in memory; -1 for none
 * @before: configuration of the zone if it was given a device for it, else NULL
 */
struct seed {
	int fd;
	struct conf *before;
};

/**
 * seed_begin() - draw what the request has a profile for
 * @s:   filled, for seed_end() also after a failure
 * @rq:  request, whose zone is locked and does not run
 * @z:   the zone; loaded anew if it gets a device, for a file beside the one that it boots from
 * @err: filled on failure
 */
int seed_begin(struct seed *s, const struct request *rq, struct zone_model *z, struct zkz_err *err);

/** seed_end() - let go of it; if it was not @made the zone has the configuration that it had */
void seed_end(struct seed *s, const char *zone, bool made);

#endif
