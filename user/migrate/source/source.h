/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The source's half of a migration: one worker, sequential. Until GO every
 * failure ends with the guest running on here, and the target is told. After
 * GO the target's word decides; see commit.c.
 *
 * What a step works on is in parts, each of which says who fills it and how long
 * that is valid; whoever needs no more than one of them gets only that.
 */
#ifndef ZKZ_MIGRATE_SOURCE_SOURCE_H
#define ZKZ_MIGRATE_SOURCE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/model.h"
#include "lib/request.h"
#include "migrate/commit/record.h"
#include "migrate/figures/fetched.h"
#include "migrate/mover.h"
#include "migrate/plan/policy.h"
#include "migrate/source/link.h"
#include "migrate/source/mirror.h"
#include "migrate/source/options.h"
#include "migrate/source/state.h"
#include "migrate/source/times.h"
#include "zone/model.h"

/**
 * struct verdict - what the target decides; empty before GO
 * @go_ns:     CLOCK_REALTIME when GO was sent, or is just about to be; 0 before
 * @committed: the target has written down that it owns the zone
 * @answered:  the target has answered GO
 * @doubtful:  it has not, and cannot be asked
 * @failure:   why the target, which owns the zone now, could not start it; with @answered
 * @loaded_ns: CLOCK_REALTIME of the target when QEMU had loaded it, 0 unknown; with @answered
 * @resume_ns: when the guest ran there, likewise
 * @settled:   the owner file says that the zone is elsewhere
 */
struct verdict {
	uint64_t go_ns;
	bool committed;
	bool answered;
	bool doubtful;
	struct zkz_err failure;
	uint64_t loaded_ns;
	uint64_t resume_ns;
	bool settled;
};

/**
 * struct fetch - memory that follows; empty unless @fetching of the mover
 * @pages:   that were missing when the guest began to run there; from the last pass
 * @figures: as the target told them last; after GO
 * @told_all: they are of all of it: that was the last it says
 * @resumes: times that it got other connections
 * @ns:      how long it took; when it is over
 */
struct fetch {
	uint64_t pages;
	struct figures figures;
	bool told_all;
	unsigned int resumes;
	uint64_t ns;
};

/**
 * struct source - everything of one outgoing migration
 * @rq:       the request "migrate"
 * @opt:      what the user asked for
 * @lock:     zone lock; held all the time
 * @model:    the zone, as its QEMU is built; from source_local()
 * @running:  that, if another machine is configured; likewise; owned, else NULL
 * @commit:   who owns the zone: its id, records and the other host; likewise
 * @guard:    hold on the keeper, likewise; -1 when the zone is where it belongs
 * @guest:    what its keeper knows of the guest, for the target's; likewise; owned, may be NULL
 * @link:     the ways to the target; from source_connect()
 * @machine:  machine type that the zone was booted with; from source_local()
 * @can_rate: the target can try the link; from source_check()
 * @mover:    who moves the memory; from source_start()
 * @vm:       the zone's QEMU; its migration from source_stop() on
 * @mirror:  disks that go along
 * @policy:   what the passes were like, and what follows; from source_start()
 * @slowed:   the user knows that writers are slowed down
 * @warned:   the user knows that the downtime will exceed the budget
 * @digest:   what the target says of its memory, owned; from the last pass, if it is to verify
 * @verdict:  what the target decides; from source_commit()
 * @fetch:    memory that follows
 * @times:    when all that was
 */
struct source {
	struct request *rq;
	struct source_options opt;
	int lock;
	struct zone_model model;
	struct conf *running;
	struct commit commit;
	int guard;
	json_t *guest;
	struct link link;
	char machine[48];
	bool can_rate;
	struct mover mover;
	struct leaving vm;
	struct mirror mirror;
	struct policy policy;
	bool slowed;
	bool warned;
	json_t *digest;
	struct verdict verdict;
	struct fetch fetch;
	struct times times;
};

/** source_init() - nothing is open yet */
void source_init(struct source *s, struct request *rq);

#endif
