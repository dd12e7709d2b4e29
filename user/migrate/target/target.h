/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The target's half of a migration: one worker, one connection from "zkz
 * serve", requests in a fixed order. Until GO everything it did is undone on
 * any failure; see target_undo().
 *
 *   config attach boot check streams join state start (freeze) go (measure) bye
 *   query                                                (instead, alone)
 *   resume, fetch                                        (instead, after GO)
 *
 * In a hybrid migration "fetch" follows "go"; see fetch.c.
 */
#ifndef ZKZ_MIGRATE_TARGET_TARGET_H
#define ZKZ_MIGRATE_TARGET_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/diff.h"
#include "lib/id.h"
#include "lib/request.h"
#include "migrate/commit/record.h"
#include "migrate/figures/measure.h"
#include "migrate/mover.h"
#include "migrate/target/exports.h"
#include "migrate/target/ways.h"
#include "qemu/qmp.h"
#include "wire/channel.h"
#include "zone/hostid.h"
#include "zone/model.h"

/**
 * struct go - what the source has said with GO; empty before
 * @said:  it has left the decision to us
 * @guest: what its keeper knows of the guest, owned, may be NULL
 * @fetch: memory goes on coming after it
 */
struct go {
	bool said;
	json_t *guest;
	bool fetch;
};

/**
 * struct target - everything of one incoming migration
 * @rq:       the request "serve"
 * @ch:       control channel
 * @stage:    requests carried out so far, see the table in target.c
 * @host:     id of this host
 * @zone:     name; from "config", "query" or "resume"
 * @commit:   who owns the zone: id, epoch and records; likewise
 * @lock:     zone lock, -1 until "config", and in a fetch after GO
 * @before:   owner file as it was before "config"
 * @model:    of what its QEMU is built here; from "config"
 * @imported: it came with the migration
 * @replaced: what it has changed in the one that was here
 * @booted:   a keeper was started; from "boot"
 * @guard:    hold on the keeper, likewise; -1 once the zone is where it belongs
 * @qmp:      QEMU that waits for the guest; likewise
 * @loaded_ns: CLOCK_REALTIME when it had the device state, 0 until that is known
 * @measure:  probes that see the guest start; from "boot" to "measure"
 * @ways:     connections of data; from "streams"
 * @exports:  disks that are copied to; from "mirror"
 * @mover:    who moves the memory; from "start", or "resume"
 * @verify:   compute the digest of memory; from "start"
 * @patience_ms: how long the guest waits for a source that is lost; from "start", or "resume"
 * @go:       what the source has said with GO
 * @owned:    the point of no return is passed
 */
struct target {
	struct request *rq;
	struct channel ch;
	unsigned int stage;
	char host[ID_TEXT_SIZE];
	char zone[64];
	struct commit commit;
	int lock;
	struct zone_owner before;
	struct zone_model model;
	bool imported;
	struct conf_list replaced;
	bool booted;
	int guard;
	struct qmp *qmp;
	uint64_t loaded_ns;
	struct measure measure;
	struct ways ways;
	struct exports exports;
	struct mover mover;
	bool verify;
	unsigned int patience_ms;
	struct go go;
	bool owned;
};

#endif
