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
#ifndef ZKZ_MIGRATE_TARGET_H
#define ZKZ_MIGRATE_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/diff.h"
#include "kernel/session.h"
#include "lib/id.h"
#include "lib/request.h"
#include "migrate/commit/record.h"
#include "migrate/figures/measure.h"
#include "qemu/qmp.h"
#include "wire/channel.h"
#include "wire/stream.h"
#include "zone/hostid.h"
#include "zone/model.h"

/* Longest time between two requests of a source that is alive. */
#define TARGET_IDLE_MS		120000

/**
 * struct target - everything of one incoming migration
 * @rq:       the request "serve"
 * @ch:       control channel
 * @stage:    requests carried out so far, see the table in target.c
 * @host:     id of this host
 * @zone:     name
 * @model:    configuration that is used here
 * @commit:   who owns the zone: id, epoch and records
 * @lock:     zone lock, -1 until taken
 * @before:   owner file as it was
 * @imported: the configuration came with the migration
 * @replaced: what it has changed in the one that was here
 * @booted:   a keeper was started
 * @go:       the source has left the decision to us
 * @guest:    what the source's keeper knows of the guest, owned, may be NULL
 * @go_fetch: and goes on sending memory after it
 * @owned:    the point of no return is passed
 * @guard:    hold on the keeper, -1
 * @qmp:      QEMU that waits for the guest
 * @loaded_ns: CLOCK_REALTIME when it had the device state, 0 until that is known
 * @lsock:    listening socket, -1
 * @plan:     of the streams
 * @streams:  how many carry memory
 * @fd:       their sockets, -1 once the module has them
 * @memory:   the zone's memory file, -1
 * @genl:     the module
 * @session:  session of the module, 0 if none
 * @heard_ns: CLOCK_MONOTONIC of the last event of the session
 * @ended:    the module has received everything
 * @fetching: it has not, but whoever needs what is missing waits for it
 * @patience_ms: how long the guest waits for a source that is lost
 * @reason:   why its session failed, empty if it did not
 * @state:    stream of the device state, which QEMU reads; -1 until then
 * @decision: GO comes this way
 * @measure:  probes that see the guest start
 * @verify:   compute the digest of memory
 */
struct target {
	struct request *rq;
	struct channel ch;
	unsigned int stage;
	char host[ID_TEXT_SIZE];
	char zone[64];
	struct zone_model model;
	struct commit commit;
	int lock;
	struct zone_owner before;
	bool imported;
	struct conf_list replaced;
	bool booted;
	bool go;
	json_t *guest;
	bool go_fetch;
	bool owned;
	int guard;
	struct qmp *qmp;
	uint64_t loaded_ns;
	int lsock;
	struct stream_plan plan;
	unsigned int streams;
	int fd[ZKZ_MAX_STREAMS];
	int memory;
	struct genl *genl;
	uint32_t session;
	uint64_t heard_ns;
	bool ended;
	bool fetching;
	unsigned int patience_ms;
	char reason[ZKZ_REASON_MAX + 1];
	int state;
	struct channel decision;
	struct measure measure;
	bool verify;
};

/** op_serve() - the verb of zkzd */
int op_serve(struct request *rq, struct zkz_err *err);

/* Handlers: each answers on the channel, or fails. */

/* disks.c */
int target_disk(struct target *t, const json_t *msg, struct zkz_err *err);

/* prepare.c */
int target_config(struct target *t, const json_t *msg, struct zkz_err *err);
int target_attach(struct target *t, const json_t *msg, struct zkz_err *err);
int target_boot(struct target *t, const json_t *msg, struct zkz_err *err);
int target_check(struct target *t, const json_t *msg, struct zkz_err *err);

/* receive.c */
int target_streams(struct target *t, const json_t *msg, struct zkz_err *err);
/** target_listen() - the same, answered by a frame of type @answer */
int target_listen(struct target *t, const json_t *msg, const char *answer, struct zkz_err *err);
int target_join(struct target *t, const json_t *msg, struct zkz_err *err);
/** target_state() - QEMU gets its stream; the source holds the devices back until memory is here */
int target_state(struct target *t, const json_t *msg, struct zkz_err *err);
/** target_rate() - how much does the first stream carry? */
int target_rate(struct target *t, const json_t *msg, struct zkz_err *err);
/** target_clocks() - answer pings: on the connection of GO, in a dry run on that of memory */
int target_clocks(struct target *t, const json_t *msg, struct zkz_err *err);
/** target_start() - receives until the guest is here and GO was said, then commits */
int target_start(struct target *t, const json_t *msg, struct zkz_err *err);

/* wait.c */

/** target_look_at_module() - take in what the module has said; fails if the memory will not come */
int target_look_at_module(struct target *t, struct zkz_err *err);
/** target_look_at_qemu() - take in what its QEMU has said; fails if that cannot load the guest */
int target_look_at_qemu(struct target *t, struct zkz_err *err);

/* commit.c */

/** target_go() - the source has sent everything and waits for what we decide */
int target_go(struct target *t, const json_t *msg, struct zkz_err *err);
/** target_commit() - take the zone over, or give it back if QEMU cannot load it */
int target_commit(struct target *t, struct zkz_err *err);
/** target_give_back() - after GO: say for good that this host does not take the zone. Return: -1 */
int target_give_back(struct target *t, struct zkz_err *err);
/** target_measure() - what the probes saw of it */
int target_measure(struct target *t, const json_t *msg, struct zkz_err *err);
/** target_goodbye() - the source says goodbye; @settled: it has written down the end */
void target_goodbye(struct target *t, bool settled);
/** target_undo() - before GO: leave nothing behind */
void target_undo(struct target *t, const char *why);

/* query.c */

/** target_query() - who owns the zone after a migration that broke off? */
int target_query(struct target *t, const json_t *msg, struct zkz_err *err);

/* fetch.c */

/** target_patience() - how long the source says that the guest may wait for it */
int target_patience(struct target *t, const json_t *msg, struct zkz_err *err);
/** target_fetch_agreed() - fails if the source does not know that memory is missing */
int target_fetch_agreed(struct target *t, struct zkz_err *err);
/** target_fetch() - watch until all memory is here, and tell the source */
int target_fetch(struct target *t, const json_t *msg, struct zkz_err *err);
/** target_fetch_alone() - the same if the source's worker is gone; does nothing if all is here */
void target_fetch_alone(struct target *t);

/* resume.c */

/** target_resume() - the source comes again after its connections broke */
int target_resume(struct target *t, const json_t *msg, struct zkz_err *err);

#endif
