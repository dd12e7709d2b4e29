/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The source's half of a migration: one worker, sequential. Until GO every
 * failure ends in source_fail(): the guest runs on, the target is told. After
 * GO the target's word decides; see commit.c.
 */
#ifndef ZKZ_MIGRATE_SOURCE_H
#define ZKZ_MIGRATE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/session.h"
#include "lib/request.h"
#include "migrate/commit/record.h"
#include "migrate/figures/fetched.h"
#include "migrate/figures/measure.h"
#include "migrate/figures/offset.h"
#include "migrate/plan/policy.h"
#include "qemu/qmp.h"
#include "wire/channel.h"
#include "wire/ssh.h"
#include "wire/stream.h"
#include "wire/uri.h"
#include "zone/model.h"

/**
 * struct source_options - what the user asked for
 * @to:      text of the address
 * @dry_run: check only
 * @verify:  compare a digest of all memory before GO
 * @probe:   measure the downtime by probes in the kernel
 * @cipher:  of the data streams
 * @streams: how many carry memory; 0 until both hosts are known, if the user left it open
 * @patience_s: how long the guest waits in a fetch for a link that broke
 * @limits:  downtime and passes
 */
struct source_options {
	const char *to;
	bool dry_run;
	bool verify;
	bool probe;
	enum cipher cipher;
	unsigned int streams;
	unsigned int patience_s;
	struct policy_limits limits;
};

/**
 * struct state_stream - device state on its way, see state.c
 * @in:        QEMU writes to the other end; -1 if it does not
 * @out:       to the target's QEMU, -1
 * @phase:     what QEMU is sending, or if that has to wait
 * @rest:      read and not passed on yet: the first of the devices, once they are held,
 *             and the last byte of them
 * @rest_len:  its length
 * @streams:   of QEMU whose setup is over
 * @setup:     what the first of them began with, owned
 * @setup_len: its length
 * @pos:       so much of it came again
 * @sent:      bytes that went to the target
 */
struct state_stream {
	int in;
	int out;
	enum { STATE_SETUP, STATE_HELD, STATE_DEVICES, STATE_SENT } phase;
	uint8_t rest[65536];
	size_t rest_len;
	unsigned int streams;
	uint8_t *setup;
	size_t setup_len;
	size_t pos;
	uint64_t sent;
};

/**
 * struct source - everything of one outgoing migration
 * @rq:        the request "migrate"
 * @opt:       what the user asked for
 * @uri:       @opt.to, parsed
 * @model:     the zone
 * @commit:    who owns the zone: its id, records and the other host
 * @lock:      zone lock
 * @guard:     hold on the keeper, -1
 * @guest:     what its keeper knows of the guest, for the target's; owned, may be NULL
 * @ssh:       carries @ch
 * @ch:        control channel
 * @decision:  carries GO and its echo, on a connection of its own: no process but the workers sees it
 * @linked:    @ssh and @ch are open
 * @can_rate:  the target can try the link
 * @plan:      of the streams
 * @addr:      where the target listens
 * @port:      likewise
 * @fd:        memory streams, -1 once the module has them
 * @memory:    memory file, -1
 * @genl:      the module
 * @session:   its session, 0 if none
 * @qmp:       the zone's QEMU
 * @info:      last event of the session
 * @passes:    passes that have ended
 * @heard_ns:  CLOCK_MONOTONIC of the last event of the session
 * @ended:     the target has all memory
 * @fetching:  it has not, but whoever needs what is missing there waits for it
 * @figures:   of the fetch, as the target told them last
 * @to_fetch:  pages that were missing when the guest began to run there
 * @resumes:   times that the fetch got other connections
 * @fetch_ns:  how long it took
 * @reason:    why the session failed, empty if it did not
 * @qemu:      state of QEMU's migration, by its events
 * @stop_ns:   CLOCK_REALTIME when QEMU stopped the guest
 * @state:     device state
 * @digest:    what the target says of its memory, owned; NULL until then
 * @policy:    see migrate/plan/policy.h
 * @slowed:    the user knows that writers are slowed down
 * @warned:    the user knows that the downtime will exceed the budget
 * @before:    clocks compared before the freeze
 * @after:     and after the start on the target
 * @start_ns:  CLOCK_MONOTONIC of the request
 * @passes_ns: of the first pass
 * @measure:   probes that see the guest stop
 * @blackout:  what they and those of the target saw
 * @committed: the target has written down that it owns the zone
 * @answered:  the target has answered GO
 * @doubtful:  it has not, and cannot be asked
 * @failure:   why the target, which owns the zone now, could not start it
 * @settled:   the owner file says that the zone is elsewhere
 * @loaded_ns: CLOCK_REALTIME of the target when QEMU had loaded it, 0 unknown
 * @resume_ns: when the guest ran there, likewise
 * @done_ns:   CLOCK_MONOTONIC when that was known
 * @at:        CLOCK_REALTIME of the steps of the downtime
 */
struct source {
	struct request *rq;
	struct source_options opt;
	struct host_uri uri;
	struct zone_model model;
	struct commit commit;
	int lock;
	int guard;
	json_t *guest;
	struct ssh ssh;
	struct channel ch;
	struct channel decision;
	bool linked;
	bool can_rate;
	struct stream_plan plan;
	char addr[256];
	char port[8];
	int fd[ZKZ_MAX_STREAMS];
	int memory;
	struct genl *genl;
	uint32_t session;
	struct qmp *qmp;
	struct session_info info;
	uint32_t passes;
	uint64_t heard_ns;
	bool ended;
	bool fetching;
	struct figures figures;
	uint64_t to_fetch;
	unsigned int resumes;
	uint64_t fetch_ns;
	char reason[ZKZ_REASON_MAX + 1];
	char qemu[32];
	uint64_t stop_ns;
	struct state_stream state;
	json_t *digest;
	struct policy policy;
	bool slowed;
	bool warned;
	struct offset before;
	struct offset after;
	uint64_t start_ns;
	uint64_t passes_ns;
	struct measure measure;
	struct blackout blackout;
	bool committed;
	bool answered;
	bool doubtful;
	char failure[512];
	bool settled;
	uint64_t loaded_ns;
	uint64_t resume_ns;
	uint64_t done_ns;
	struct {
		uint64_t frozen;	/* guest and disks are still */
		uint64_t memory;	/* the module has sent everything */
		uint64_t device;	/* QEMU has */
		uint64_t go;		/* GO was sent */
	} at;
};

/** source_init() - nothing is open yet */
void source_init(struct source *s, struct request *rq);

/** op_migrate() - the verb of zkzd */
int op_migrate(struct request *rq, struct zkz_err *err);

/* prepare.c */

/** source_local() - everything that can be refused without the target */
int source_local(struct source *s, struct zkz_err *err);
/** source_prepare() - from the connection to open streams */
int source_prepare(struct source *s, struct zkz_err *err);

/* streams.c */

/** source_take_streams() - where the target listens, from its answer */
int source_take_streams(struct source *s, const json_t *ans, struct zkz_err *err);
/** source_join_streams() - open them all */
int source_join_streams(struct source *s, struct zkz_err *err);

/* abort.c */

/** source_heed_abort() - let others than the client end the migration as Ctrl-C does; to be called once */
int source_heed_abort(struct source *s, struct zkz_err *err);

/* wait.c */

/* How long QEMU may take to stop the guest, and from GO to the end of its device state. */
#define SOURCE_SWITCH_MS	60000

/**
 * source_wait() - let something happen, then note it in @s
 *
 * Returns after at most half a second. Fails when the target, the module, QEMU
 * or the user ends the migration.
 */
int source_wait(struct source *s, struct zkz_err *err);
/** source_take_answer() - what the target said of GO */
void source_take_answer(struct source *s, const json_t *ans);
/** source_slow_qemu() - it did not do @what within SOURCE_SWITCH_MS. Return: -1 */
int source_slow_qemu(struct source *s, const char *what, struct zkz_err *err);

/* passes.c */

/** source_passes() - copy memory while the guest runs, until a cut-over pays */
int source_passes(struct source *s, struct zkz_err *err);
/** source_pass() - one more pass */
int source_pass(struct source *s, enum policy_verdict *verdict, struct zkz_err *err);

/** source_time_qemu() - shortest round trip of its monitor */
int source_time_qemu(struct source *s, uint64_t *ns, struct zkz_err *err);

/* state.c */

/** state_connect() - to the target's QEMU, once, and the way of the decision */
int state_connect(struct source *s, struct zkz_err *err);
/** state_begin() - QEMU sends its setup, and will stop the guest */
int state_begin(struct source *s, struct zkz_err *err);
/**
 * state_pump() - take what QEMU has sent; closes @in at the end
 *
 * When the setup is over the phase is STATE_HELD: the guest is stopped, its disks
 * are drained, and what comes now are devices.
 */
int state_pump(struct source *s, struct zkz_err *err);
/** state_release() - the target has all memory: all but the last byte may pass */
int state_release(struct source *s, struct zkz_err *err);
/** state_finish() - the last byte, with which the target's QEMU starts the guest */
int state_finish(struct source *s, struct zkz_err *err);
/** state_close() - give up what is left */
void state_close(struct source *s);

/* forecast.c */

/** source_forecast() - say what the migration would be like; a new object, or NULL */
json_t *source_forecast(struct source *s);

/* freeze.c */

/** source_freeze() - stop the guest and send the rest of its memory */
int source_freeze(struct source *s, struct zkz_err *err);

/* commit.c */

/** source_doubt() - GO may follow: the owner file says so */
int source_doubt(struct source *s, struct zkz_err *err);
/** source_no_doubt() - there was no GO, and none will follow soon: the zone is ours as before */
int source_no_doubt(struct source *s, struct zkz_err *err);
/**
 * source_commit() - GO, and what follows
 *
 * Return: 0 if the target runs the zone now. -1 otherwise: then the zone is
 * this host's again, or @err is ERR_IN_DOUBT.
 */
int source_commit(struct source *s, struct zkz_err *err);

/* fetch.c */

/**
 * source_fetch_over() - before a migration: is an earlier fetch over?
 *
 * Fails while this host still waits for memory of the zone. What is left of a fetch
 * that the zone should have left by, and did not, is removed.
 */
int source_fetch_over(struct source *s, struct zkz_err *err);
/** source_fetch_begin() - name what is left: the target may run before it has come */
int source_fetch_begin(struct source *s, struct zkz_err *err);
/** source_fetch_broke() - after GO: have the connections of a fetch broken? With @err, if so */
bool source_fetch_broke(struct source *s, struct zkz_err *err);
/**
 * source_fetch_reconnect() - if they have, try others, once
 *
 * Before the answer to GO: the target's QEMU may need a page to load the guest, and the
 * zone would be given back only when nobody waits for that any more.
 */
void source_fetch_reconnect(struct source *s);
/** source_fetch_rest() - after GO: until all has come, over new connections if need be */
int source_fetch_rest(struct source *s, struct zkz_err *err);

/**
 * source_fetch_left() - go on with a fetch whose worker is gone
 *
 * @s has the session, the id and address of the migration, and no connection yet.
 */
int source_fetch_left(struct source *s, struct zkz_err *err);

/* recover.c */

/** op_recover() - the verb of zkzd: resolve a zone that is in doubt */
int op_recover(struct request *rq, struct zkz_err *err);
/**
 * source_recover() - ask who owns a zone that is in doubt, and do what follows
 *
 * Without waiting for anybody: a zone that is locked, or whose host does not answer at
 * once, stays as it is.
 */
void source_recover(const char *zone);

/* clocks.c */

/** source_compare_clocks() - OFFSET_PINGS pings; @o is empty if it fails */
int source_compare_clocks(struct source *s, struct offset *o, struct zkz_err *err);
/** source_compare_after() - the same after GO, if the target is there, for @after */
void source_compare_after(struct source *s);

/* report.c */

/** source_progress() - a progress line */
void source_progress(struct source *s);
/** source_fetch_progress() - the same while the guest runs on the target */
void source_fetch_progress(struct source *s);
/** source_warn_forecast() - say so, once, if the downtime will exceed the budget */
void source_warn_forecast(struct source *s);
/** source_measure() - collect what is known of the downtime, while both hosts still know */
void source_measure(struct source *s);
/** source_report() - the last line */
void source_report(struct source *s);

/* disks.c */

/** source_check_storage() - refuse disks that no other host can reach */
int source_check_storage(struct source *s, struct zkz_err *err);

/** source_check_disks() - refuse disks that are others at the target; it has the configuration */
int source_check_disks(struct source *s, struct zkz_err *err);

#endif
