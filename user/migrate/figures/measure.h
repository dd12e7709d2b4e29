/* SPDX-License-Identifier: GPL-2.0 */
/* The probes of one migration, on either host. Without them it works all the same. */
#ifndef ZKZ_MIGRATE_MEASURE_H
#define ZKZ_MIGRATE_MEASURE_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/clock.h"
#include "migrate/figures/blackout.h"
#include "probe/probe.h"

/**
 * struct measure - probes on this host
 * @probe:    NULL if there are none
 * @attached: they watch
 * @blind:    why there are none, a sentence
 */
struct measure {
	struct probe *probe;
	bool attached;
	char blind[256];
};

/** measure_open() - load them, while there is time */
void measure_open(struct measure *m);

/** measure_attach() - watch the zone's QEMU; does nothing the second time */
void measure_attach(struct measure *m, const char *zone);

/** measure_watch() - the same for one QEMU of it, where there are two */
void measure_watch(struct measure *m, const char *zone, pid_t qemu);

/** measure_out() - what was seen of the guest's stop; all zero if nothing */
struct blackout_out measure_out(const struct measure *m);

/**
 * measure_in() - what was seen of its start
 * @m:    probes
 * @nr:   wait for so many virtual CPUs; those that sleep enter when an interrupt comes
 * @dl:   but not longer
 */
struct blackout_in measure_in(const struct measure *m, unsigned int nr, deadline_t dl);

/** measure_close() - take them away */
void measure_close(struct measure *m);

#endif
