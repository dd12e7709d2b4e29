/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The keeper of one zone: parent of its QEMU. One thread, one loop; everything
 * a run needs hangs off struct keeper and goes away in keeper_cleanup().
 */
#ifndef ZKZ_KEEPER_KEEPER_H
#define ZKZ_KEEPER_KEEPER_H

#include <stdbool.h>

#include "lib/clock.h"
#include "lib/err.h"
#include "lib/spawn.h"
#include "qemu/qmp.h"
#include "zone/keeper.h"
#include "zone/model.h"
#include "zone/state.h"

#define KEEPER_MAX_WAITERS	8
#define KEEPER_QMP_MS		10000

/**
 * struct waiter - client that is answered when QEMU has ended
 * @fd:    connection, -1 for a free place
 * @until: when to answer that it has not
 */
struct waiter {
	int fd;
	deadline_t until;
};

/**
 * struct keeper - one run of a zone
 * @z:         the zone
 * @mode:      how the run began; KEEPER_BOOT after adoption
 * @st:        what the state file says
 * @user:      whom QEMU runs as
 * @alive_fd:  mark of life
 * @log_fd:    messages log
 * @tap_fd:    taps by index of the zone's nics, -1 where closed
 * @qmp:       monitor, NULL before the start and after the end
 * @err_fd:    read end of QEMU's standard error
 * @exit_fd:   pidfd of QEMU
 * @control_fd: listening control socket
 * @guard_fd:  hold of a migration worker
 * @ran:       the guest ran when a migration took hold
 * @loaded_ns: CLOCK_REALTIME when QEMU had loaded a guest that arrives, 0 until then
 * @resume_ns: when QEMU started it, likewise
 * @unsettled: the zone is not yet where the owner file says it belongs
 * @trouble:   why not, as it was logged last
 * @look_at:   when keeper_look_after() is due, DEADLINE_NONE if never
 * @signal_fd: SIGTERM and SIGINT
 * @line:      last line that QEMU wrote to its standard error
 * @part:      beginning of a line of its standard error
 * @part_len:  its length
 * @waiter:    clients to answer at the end
 * @stopping:  the end was asked for
 * @why:       by whom or what
 * @lost:      why the guest's memory is lost, empty if it is not
 * @powered_off: the guest itself has ended
 * @ended:     QEMU has been reaped
 * @exit_status: as from waitpid(2)
 */
struct keeper {
	struct zone_model z;
	enum keeper_mode mode;
	struct zone_status st;
	struct spawn_user user;
	int alive_fd;
	int log_fd;
	int tap_fd[ZONE_MAX_NICS];
	struct qmp *qmp;
	int err_fd;
	int exit_fd;
	int control_fd;
	int guard_fd;
	bool ran;
	uint64_t loaded_ns;
	uint64_t resume_ns;
	bool unsettled;
	char trouble[256];
	deadline_t look_at;
	int signal_fd;
	char line[512];
	char part[512];
	size_t part_len;
	struct waiter waiter[KEEPER_MAX_WAITERS];
	bool stopping;
	const char *why;
	char lost[512];
	bool powered_off;
	bool ended;
	int exit_status;
};

/* start.c */

/** keeper_prepare() - folders, log, mark of life, memory, links */
int keeper_prepare(struct keeper *k, const char *zone, enum keeper_mode mode,
		   struct zkz_err *err);

/** keeper_launch() - QEMU up to a working monitor, and the guest in it */
int keeper_launch(struct keeper *k, struct zkz_err *err);

/* stop.c */

/** keeper_halt() - end QEMU now: politely, then by force; reaps it */
void keeper_halt(struct keeper *k, const char *why);

/** keeper_reap() - take the exit status if QEMU has ended */
void keeper_reap(struct keeper *k);

/** keeper_cleanup() - log and answer how it ended; leave nothing behind */
void keeper_cleanup(struct keeper *k);

/* events.c */

/** keeper_events() - handle what QEMU says by itself */
void keeper_events(struct keeper *k);

/** keeper_stderr() - log what QEMU writes to its standard error */
void keeper_stderr(struct keeper *k);

/** keeper_set_aux() - change the auxiliary state and the state file */
void keeper_set_aux(struct keeper *k, enum zone_aux aux);

/* control.c */

/** keeper_control() - serve one connection of the control socket */
void keeper_control(struct keeper *k);

/** keeper_check_waiters() - answer those whose time is over */
void keeper_check_waiters(struct keeper *k);

/** keeper_next_timeout() - for poll(2): when something is due by the clock */
int keeper_next_timeout(const struct keeper *k);

/** keeper_answer() - write @result (consumed), or @err if it is not NULL */
void keeper_answer(int fd, json_t *result, const struct zkz_err *err);

/** keeper_wait_end() - answer @fd, which is taken over, when QEMU has ended */
void keeper_wait_end(struct keeper *k, int *fd);

/** keeper_answer_waiters() - QEMU has ended: tell them; @err NULL if well */
void keeper_answer_waiters(struct keeper *k, const struct zkz_err *err);

/* guard.c */

/**
 * keeper_expect_guard() - a zone on its way in needs a worker
 *
 * The worker that had it started may be gone before it could take hold. Nobody
 * else would ever end this QEMU then.
 */
void keeper_expect_guard(struct keeper *k);

/** keeper_look_after() - do what is due by the clock: see @look_at */
void keeper_look_after(struct keeper *k);

/** keeper_guard() - a migration worker takes hold; @fd is taken over */
int keeper_guard(struct keeper *k, bool target, int fd, struct zkz_err *err);

/** keeper_guard_end() - its hold has ended: bring the zone to its place */
void keeper_guard_end(struct keeper *k);

/**
 * keeper_settle() - the owner file may have changed: bring the zone to its place
 * @k:   the keeper
 * @did: there was something to do
 * @err: filled on failure; it is tried again each second then
 */
int keeper_settle(struct keeper *k, bool *did, struct zkz_err *err);

/* incoming.c */

/** keeper_incoming_setup() - capabilities and parameters of a receiver */
int keeper_incoming_setup(struct keeper *k, struct zkz_err *err);

/** keeper_announce() - tell the network that the guest is here, after a target may have said the contrary */
void keeper_announce(struct keeper *k);

/**
 * keeper_adopt() - the guest is ours: wait until QEMU has loaded and started it
 * @k:         the keeper
 * @epoch:     of the owner file, which says "here"
 * @resume_ns: CLOCK_REALTIME of QEMU's RESUME
 * @err:       filled on failure
 *
 * ERR_NOT_STARTED is the promise that it has not run and will not. After any
 * other failure it may run.
 */
int keeper_adopt(struct keeper *k, uint64_t epoch, uint64_t *resume_ns, struct zkz_err *err);

#endif
