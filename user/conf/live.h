/* SPDX-License-Identifier: GPL-2.0 */
/* What it takes to make a zone that runs what its configuration says, and what a boot only can do. Pure. */
#ifndef ZKZ_CONF_LIVE_H
#define ZKZ_CONF_LIVE_H

#include <stdbool.h>

#include "conf/diff.h"
#include "conf/model.h"

/* Each device and interface goes and comes at most. */
#define LIVE_MAX_STEPS	48

/* What has to go does so first: others may need its port, or its disk. */
enum live_how { LIVE_REMOVE, LIVE_CHANGE, LIVE_ADD };

/**
 * struct live_step - one change
 * @how:  what is done
 * @type: of the resource
 * @id:   its key; empty if there is only one
 * @text: "Adding device id=1", "Modifying capped-memory current=1G"
 */
struct live_step {
	enum live_how how;
	const struct conf_type *type;
	char id[8];
	char text[96];
};

/**
 * struct live_plan - all that is to be changed
 * @step: in the order in which it is done
 * @nr:   how many there are
 * @boot: what takes a boot
 * @own:  what is not the machine's, and zkz reads in the configuration that is stored
 */
struct live_plan {
	struct live_step step[LIVE_MAX_STEPS];
	unsigned int nr;
	struct conf_list boot;
	struct conf_list own;
};

/**
 * live_plan() - from what a zone's QEMU is built of to what is wanted
 * @now:  of what it is built
 * @want: what is wanted; where a port is not set it does not matter
 * @p:    filled
 */
void live_plan(const struct conf *now, const struct conf *want, struct live_plan *p);

/**
 * live_step() - of what it is built after a step
 * @now:  before it
 * @want: as of live_plan()
 * @s:    step
 * @err:  where that cannot be
 *
 * What comes gets a free port if it has none. Return: a new configuration, or NULL.
 */
struct conf *live_step(const struct conf *now, const struct conf *want, const struct live_step *s,
		       struct zkz_err *err);

/**
 * live_keep_ports() - what is to be booted again finds its devices where they are
 * @c:   configuration that is stored
 * @now: of what the zone's QEMU is built
 *
 * Return: true if @c was changed.
 */
bool live_keep_ports(struct conf *c, const struct conf *now);

#endif
