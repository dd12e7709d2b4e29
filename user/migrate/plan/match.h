/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which configuration does a zone that moves have on the target? Pure.
 *
 * The host that runs the zone has the true one: what was changed there after the
 * zone had left another host would else be lost when it comes back, and with it
 * perhaps what forbids a hybrid migration. Only what is a host's own affair is as
 * that host has it.
 */
#ifndef ZKZ_MIGRATE_MATCH_H
#define ZKZ_MIGRATE_MATCH_H

#include <stdbool.h>

#include "conf/diff.h"
#include "conf/model.h"
#include "lib/err.h"

/**
 * match_machine() - from what does the target build the machine that runs?
 * @running: of what the zone's QEMU was built
 * @now:     as it is configured
 *
 * What is read only when the guest boots, or by zkz, may differ: it is that of @now, and takes effect there.
 * Return: the machine that runs with all else as it is configured; NULL if the configuration says that machine.
 */
struct conf *match_machine(const struct conf *running, const struct conf *now);

/**
 * match_running() - can a target that builds only what is configured build the machine that runs?
 * @running: of what the zone's QEMU was built
 * @now:     as it is configured
 * @err:     names every difference of the machine
 */
int match_running(const struct conf *running, const struct conf *now, struct zkz_err *err);

/**
 * match_target() - settle the configuration on the target
 * @theirs:   of the source; gets what is a host's own affair from @own
 * @own:      of the target, NULL if it has none
 * @its_zone: the target has a zone of its own by that name, which never came from another host
 * @changed:  filled with what is to be changed in @own
 * @err:      names every difference, if a zone of its own there would become another machine
 *
 * Return: 0 with @theirs as it is to be used, or -1.
 */
int match_target(struct conf *theirs, const struct conf *own, bool its_zone,
		 struct conf_list *changed, struct zkz_err *err);

#endif
