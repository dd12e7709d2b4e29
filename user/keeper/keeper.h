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
#include "qemu/cmdline.h"
#include "qemu/installed.h"
#include "qemu/qmp.h"
#include "storage/uri.h"
#include "zone/keeper.h"
#include "zone/model.h"
#include "zone/owner.h"
#include "zone/paths.h"
#include "zone/state.h"

#define KEEPER_MAX_WAITERS	8
#define KEEPER_QMP_MS		10000
/* A request that fails again does so within this, unless the storage is slow; then it is paused anew. */
#define KEEPER_PROVED_MS	1000

/**
 * struct waiter - client that is answered when QEMU has ended
 * @fd:    connection, -1 for a free place
 * @guest: it waits for the end of the guest, and not only of what is here of it
 * @until: when to answer that it has not
 */
struct waiter {
	int fd;
	bool guest;
	deadline_t until;
};

/**
 * struct pause - a guest that stands still, but not for a migration
 * @on:      it does
 * @error:   for an I/O error: it is tried again whether it can go on
 * @trying:  it was told to, and has not been stopped again
 * @why:     "no space on device 0"
 * @wait_ms: how long to wait before the next try
 * @again:   when that is; while @trying, when it is taken to have worked
 * @since:   CLOCK_MONOTONIC when it began
 */
struct pause {
	bool on;
	bool error;
	bool trying;
	char why[96];
	unsigned int wait_ms;
	deadline_t again;
	uint64_t since;
};

/**
 * struct keeper_vm - a QEMU of the zone, and what its parent holds of it
 * @pid:       its process, 0 before the start
 * @installed: the program that was started, and what that can do
 * @ours:      our end of its monitor, from keeper_vm_start() to keeper_vm_meet()
 * @qmp:       monitor, NULL before the latter and after the end
 * @err_fd:    read end of its standard error
 * @exit_fd:   pidfd
 * @tap_fd:    taps by index of the zone's nics, -1 where closed
 * @line:      last line that it wrote to its standard error
 * @part:      beginning of the next
 * @part_len:  its length
 * @ended:     it has been reaped
 * @exit_status: as from waitpid(2)
 */
struct keeper_vm {
	pid_t pid;
	struct installed installed;
	int ours;
	struct qmp *qmp;
	int err_fd;
	int exit_fd;
	int tap_fd[ZONE_MAX_NICS];
	char line[512];
	char part[512];
	size_t part_len;
	bool ended;
	int exit_status;
};

/**
 * struct keeper_next - the QEMU that is to take the guest over from the one that runs it
 * @vm:      it; without a process there is none
 * @tap:     its taps are zkzN.ID with this N, since the zone's own are in use
 * @hold_fd: connection of the worker that upgrades the zone; when it ends, so does this, -1 without
 * @unsure:  it has got all of the guest, could not be killed, and may have run it
 */
struct keeper_next {
	struct keeper_vm vm;
	unsigned int tap;
	int hold_fd;
	bool unsure;
};

/**
 * struct keeper_plugs - devices that go while the guest runs, by the bit of their id
 * @asked_disks: the guest is asked to let go of these
 * @asked_nics:  likewise
 * @gone_disks:  it has, and what else there is of them is still here
 * @gone_nics:   likewise
 */
struct keeper_plugs {
	unsigned int asked_disks;
	unsigned int asked_nics;
	unsigned int gone_disks;
	unsigned int gone_nics;
};

/**
 * struct keeper - one run of a zone
 * @z:         the zone
 * @mode:      how the run began; KEEPER_BOOT after adoption
 * @st:        what the state file says
 * @moving:    what a migration makes of the zone, AUX_NONE if nothing
 * @panicked:  the guest's kernel has
 * @asked_until: the guest was asked to shut down; when that is forgotten, 0 if it was not
 * @stopped:   by QEMU's events the guest stands still
 * @resets:    how often the machine was reset
 * @pause:     whether it is to be seen that the guest stands still
 * @vm:        the QEMU that runs it
 * @next:      the one that is to
 * @plugs:     devices on their way out
 * @user:      whom QEMU runs as
 * @alive_fd:  mark of life
 * @qemu_alive_fd: that of its QEMUs, which inherit it
 * @log_fd:    messages log
 * @disk_block: which of them are block devices
 * @disk_fd:   open disks by index, for QEMU; closed when it has been started
 * @claim_fd:  marks that they are taken, which QEMU inherits
 * @secret_fd: secrets of disks that their servers ask for, for QEMU, likewise closed; -1 for none
 * @initiator: what this host is called by iSCSI targets, if a disk is of one
 * @firmware_fd: open firmware and its variables, likewise
 * @kernel_fd: open kernel and initrd, likewise
 * @initrd_fd: likewise
 * @console_log_fd: what the console has printed, likewise
 * @control_fd: listening control socket
 * @guard_fd:  hold of a migration worker
 * @ran:       the guest ran when a migration took hold
 * @loaded_ns: CLOCK_REALTIME when QEMU had loaded a guest that arrives, 0 until then
 * @resume_ns: when QEMU started it, likewise
 * @load_failed: QEMU could not load it, and has not ended
 * @arrived:   the guest came by a migration, and may run here since
 * @told:      the journal knows that there is a guest here, and is to hear of its end
 * @unsettled: the zone is not yet where the owner file says it belongs
 * @trouble:   why not, as it was logged last
 * @look_at:   when keeper_look_after() is due, DEADLINE_NONE if never
 * @signal_fd: SIGTERM and SIGINT
 * @waiter:    clients to answer at the end
 * @stopping:  the end was asked for
 * @why:       by whom or what
 * @handed:    the host that has the zone now, empty unless it was handed over
 * @lost:      why the guest's memory is lost, empty if it is not
 * @powered_off: the guest itself has ended
 */
struct keeper {
	struct zone_model z;
	enum keeper_mode mode;
	struct zone_status st;
	enum zone_aux moving;
	bool panicked;
	deadline_t asked_until;
	bool stopped;
	unsigned int resets;
	struct pause pause;
	struct keeper_vm vm;
	struct keeper_next next;
	struct keeper_plugs plugs;
	struct spawn_user user;
	int alive_fd;
	int qemu_alive_fd;
	int log_fd;
	int disk_fd[ZONE_MAX_DISKS];
	bool disk_block[ZONE_MAX_DISKS];
	int claim_fd[ZONE_MAX_DISKS];
	int secret_fd[ZONE_MAX_DISKS];
	char initiator[INITIATOR_SIZE];
	int firmware_fd[2];
	int kernel_fd;
	int initrd_fd;
	int console_log_fd;
	int control_fd;
	int guard_fd;
	bool ran;
	uint64_t loaded_ns;
	uint64_t resume_ns;
	bool load_failed;
	bool arrived;
	bool told;
	bool unsettled;
	char trouble[256];
	deadline_t look_at;
	int signal_fd;
	struct waiter waiter[KEEPER_MAX_WAITERS];
	bool stopping;
	const char *why;
	char handed[sizeof(((struct zone_owner *)0)->peer)];
	char lost[512];
	bool powered_off;
};

/* vm.c */

/**
 * struct keeper_vm_how - how a QEMU is to be started
 * @incoming: it waits for the guest to arrive
 * @monitor:  where it listens for migration workers
 * @console:  where it serves the console
 * @agent:    and the guest's agent
 */
struct keeper_vm_how {
	bool incoming;
	enum zone_file monitor;
	enum zone_file console;
	enum zone_file agent;
};

/** keeper_vm_init() - there is none */
void keeper_vm_init(struct keeper_vm *vm);

/**
 * keeper_vm_start() - start QEMU with the zone's open files and taps
 * @k:   the keeper; files as of keeper_open_files(), machine type in the state
 * @vm:  has @installed and @tap_fd
 * @how: see there
 * @err: filled on failure; keeper_vm_end() then all the same
 */
int keeper_vm_start(struct keeper *k, struct keeper_vm *vm, const struct keeper_vm_how *how, struct zkz_err *err);

/** keeper_vm_meet() - wait until it has opened its disks and built its machine, and answers */
int keeper_vm_meet(struct keeper *k, struct keeper_vm *vm, deadline_t dl, struct zkz_err *err);

/** keeper_vm_stderr() - log what it writes to its standard error */
void keeper_vm_stderr(struct keeper_vm *vm);

/** keeper_vm_last_words() - its monitor is closed: log what it wrote last, which @line is then */
void keeper_vm_last_words(struct keeper_vm *vm);

/** keeper_vm_reap() - take the exit status if it has ended */
void keeper_vm_reap(struct keeper_vm *vm);

/** keeper_vm_quit() - end it: politely, then by force; reaps it. Return: false if it cannot be killed */
bool keeper_vm_quit(struct keeper_vm *vm);

/** keeper_vm_close() - let go of one that has ended */
void keeper_vm_close(struct keeper_vm *vm);

/* start.c */

/** keeper_open_log() - the messages log of the zone */
int keeper_open_log(struct keeper *k, const char *zone, struct zkz_err *err);

/**
 * keeper_prepare() - folders, log, mark of life, memory, links
 * @k:      the keeper
 * @zone:   its zone
 * @mode:   how the run begins
 * @coming: machine type of the guest that is to come, else NULL
 * @err:    filled on failure
 */
int keeper_prepare(struct keeper *k, const char *zone, enum keeper_mode mode, const char *coming,
		   struct zkz_err *err);

/** keeper_launch() - QEMU up to a working monitor, and the guest in it */
int keeper_launch(struct keeper *k, struct zkz_err *err);

/* machine.c */

/** keeper_choose_machine() - the QEMU of this host, and the machine type; @coming as of keeper_prepare() */
int keeper_choose_machine(struct keeper *k, const char *coming, struct zkz_err *err);

/* files.c */

/** keeper_no_files() - before anything else: none is open */
void keeper_no_files(struct keeper *k);

/**
 * keeper_open_files() - disks, kernel, initrd and console log, as descriptors for QEMU
 *
 * Nothing that they are named by is followed or changed: owners and modes stay as they are.
 */
int keeper_open_files(struct keeper *k, struct zkz_err *err);

/** keeper_open_disk() - the same for one disk, by its place, and take it for the zone */
int keeper_open_disk(struct keeper *k, unsigned int i, struct zkz_err *err);

/** keeper_name_files() - for QEMU's command line */
void keeper_name_files(const struct keeper *k, struct qemu_env *env);

/** keeper_lend_files() - does the next child get them, and the claims of disks? */
void keeper_lend_files(const struct keeper *k, bool on);

/** keeper_close_files() - QEMU has them, or never will; claims are kept */
void keeper_close_files(struct keeper *k);

/** keeper_drop_claims() - the disks are free, unless a QEMU hangs that has inherited the claims */
void keeper_drop_claims(struct keeper *k);

/* stop.c */

/** keeper_halt() - end QEMU now: politely, then by force; reaps it */
void keeper_halt(struct keeper *k, const char *why);

/** keeper_cleanup() - log and answer how it ended; leave nothing behind */
void keeper_cleanup(struct keeper *k);

/* next.c */

/** keeper_is_free() - refuse what cannot be while its guest moves, or while it is not known where that belongs */
int keeper_is_free(const struct keeper *k, struct zkz_err *err);

/** keeper_next_init() - there is none */
void keeper_next_init(struct keeper_next *n);

/**
 * keeper_next_begin() - start the installed QEMU beside the one that runs the guest
 * @k:   the keeper
 * @fd:  connection of the worker; taken over on success
 * @err: filled on failure; nothing is left then
 *
 * It opens the zone's disks and maps its memory, and does nothing with either: it waits for the guest.
 */
int keeper_next_begin(struct keeper *k, int fd, struct zkz_err *err);

/** keeper_next_discard() - end it and let go of the worker; the guest is where it is */
void keeper_next_discard(struct keeper *k);

/** keeper_tap_name() - of the tap of nic @i; 16 bytes */
void keeper_tap_name(unsigned int run, unsigned int nic, char *name);

/* renew.c */

/**
 * keeper_renew() - become the program that is installed now
 * @k:   the keeper
 * @fd:  connection that is answered by it
 * @err: why that cannot be; nothing has changed then
 *
 * The process stays, and with it QEMU, which is its child, and all descriptors. The installed program is asked
 * first whether it understands what it would be handed.
 */
int keeper_renew(struct keeper *k, int fd, struct zkz_err *err);

/**
 * keeper_renewed() - the other end of it
 * @k:    the keeper, initialized
 * @zone: its zone
 * @fd:   what it was handed
 * @only_check: take nothing over
 * @err:  filled on failure
 *
 * Return: connection to answer, or 0 if only checked, or -1.
 */
int keeper_renewed(struct keeper *k, const char *zone, int fd, bool only_check, struct zkz_err *err);

/* carry.c */

/** keeper_carry() - all of a keeper, with its descriptors as numbers; a new reference */
json_t *keeper_carry(const struct keeper *k, int answer_fd);

/**
 * keeper_carried() - the reverse
 * @obj:       what keeper_carry() gave, perhaps of another version
 * @k:         filled, but for its log, its signals, its zone's configuration and its monitor
 * @qmp_fd:    descriptor of that
 * @answer_fd: connection to answer
 * @err:       filled if it is not understood
 */
int keeper_carried(const json_t *obj, struct keeper *k, int *qmp_fd, int *answer_fd, struct zkz_err *err);

/** keeper_each_fd() - call @fn for all descriptors that are carried */
void keeper_each_fd(const struct keeper *k, void (*fn)(int fd, int arg), int arg);

/* swap.c */

/**
 * struct keeper_swapped - how the guest got to its next QEMU; CLOCK_REALTIME
 * @stop:    the old one stopped it
 * @held:    guest and disks were still
 * @sent:    all of the guest had been sent
 * @loaded:  the new one had loaded it
 * @resume:  and started it
 * @devices: bytes of device state
 */
struct keeper_swapped {
	uint64_t stop;
	uint64_t held;
	uint64_t sent;
	uint64_t loaded;
	uint64_t resume;
	uint64_t devices;
};

/**
 * keeper_swap() - the guest goes from the QEMU that runs it to the next
 * @k:   the keeper; the next QEMU answers
 * @how: filled
 * @err: filled on failure: the guest runs on as it did, if nothing else is said, and there is no next one any more
 *
 * Both are children of this process, so there is nobody else who could be of another opinion. Until the last
 * byte of its devices is written the guest can only run in the old one, and goes on there. After it, it has
 * changed over if the new one says RESUME; one that has ended without having said so, by itself or killed, never
 * ran it, and it goes on in the old one.
 */
int keeper_swap(struct keeper *k, struct keeper_swapped *how, struct zkz_err *err);

/** keeper_swap_decide() - the next QEMU has ended, and may have run the guest: where is that now? */
void keeper_swap_decide(struct keeper *k);

/* upgrade.c */

/** keeper_upgrade_look() - the next QEMU has ended, or has said something on its standard error */
void keeper_upgrade_look(struct keeper *k);

/** keeper_upgrade_asked() - the worker says "switch", or is gone */
void keeper_upgrade_asked(struct keeper *k);

/* events.c */

/** keeper_event() - what follows from something that the QEMU which runs the guest has said */
void keeper_event(struct keeper *k, const struct qmp_event *ev);

/** keeper_events() - handle what QEMU says by itself */
void keeper_events(struct keeper *k);

/* guest.c */

/** keeper_show() - bring the state file up to date with what is known of the guest */
void keeper_show(struct keeper *k);

/** keeper_about_guest() - what the next host is to know of it; a new reference */
json_t *keeper_about_guest(const struct keeper *k);

/** keeper_take_guest() - what the last host knew of it */
void keeper_take_guest(struct keeper *k, const json_t *about);

/** keeper_asked_due() - forget in time that the guest was asked to shut down */
void keeper_asked_due(struct keeper *k);

/** keeper_asked_next() - when keeper_asked_due() has something to do */
deadline_t keeper_asked_next(const struct keeper *k);

/* pause.c */

/** keeper_set_aux() - what a migration makes of the zone, or AUX_NONE: what its guest is shows then */
void keeper_set_aux(struct keeper *k, enum zone_aux aux);

/** keeper_guest_moves() - events have come: does the guest stand still, or go on? */
void keeper_guest_moves(struct keeper *k);

/** keeper_pause_due() - try again whether a guest can go on */
void keeper_pause_due(struct keeper *k);

/** keeper_pause_next() - when keeper_pause_due() has something to do */
deadline_t keeper_pause_next(const struct keeper *k);

/** keeper_paused_error() - a guest that stands still cannot @migrate, or else shut down */
int keeper_paused_error(const struct keeper *k, bool migrate, struct zkz_err *err);

/** keeper_pause_try() - tell a guest that stands still to go on; whether it does is seen by events */
int keeper_pause_try(struct keeper *k, struct zkz_err *err);

/** keeper_pause_end() - it has gone on */
void keeper_pause_end(struct keeper *k);

/* resume.c */

/** keeper_resume() - let a guest that stands still go on, as asked */
int keeper_resume(struct keeper *k, struct zkz_err *err);

/** keeper_reset() - reset the machine; a guest that stood still goes on */
int keeper_reset(struct keeper *k, struct zkz_err *err);

/* control.c */

/** keeper_control() - serve one connection of the control socket */
void keeper_control(struct keeper *k);

/* waiters.c */

/** keeper_answer() - write @result (consumed), or @err if it is not NULL */
void keeper_answer(int fd, json_t *result, const struct zkz_err *err);

/**
 * keeper_add_waiter() - answer a client when QEMU has ended
 * @k:     the keeper
 * @fd:    its connection, taken over and set to -1
 * @guest: it waits for the end of the guest, and not only of what is here of it
 * @until: when to answer that it has not
 * @err:   filled if too many wait already
 */
int keeper_add_waiter(struct keeper *k, int *fd, bool guest, deadline_t until, struct zkz_err *err);

/** keeper_wait_end() - the same without a deadline; if too many wait, answer @fd now */
void keeper_wait_end(struct keeper *k, int *fd);

/** keeper_check_waiters() - answer those whose time is over */
void keeper_check_waiters(struct keeper *k);

/** keeper_waiters_next() - when keeper_check_waiters() has something to do */
deadline_t keeper_waiters_next(const struct keeper *k);

/** keeper_answer_waiters() - QEMU has ended: tell them; @err NULL if well */
void keeper_answer_waiters(struct keeper *k, const struct zkz_err *err);

/**
 * keeper_last_word() - QEMU has ended, as @why says: tell the worker that a guest on its way in has never run
 *
 * Nobody else could tell it, if it has not asked yet.
 */
void keeper_last_word(struct keeper *k, const struct zkz_err *why);

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

/* receiver.c */

/** keeper_incoming_setup() - capabilities and parameters of a receiver */
int keeper_incoming_setup(struct qmp *q, struct zkz_err *err);

/** keeper_announce() - tell the network that the guest is here, after a target may have said the contrary */
void keeper_announce(struct keeper *k);

/* incoming.c */

/**
 * keeper_adopt() - the guest is ours: wait until QEMU has loaded and started it
 * @k:         the keeper
 * @epoch:     of the owner file, which says "here"
 * @resume_ns: CLOCK_REALTIME of QEMU's RESUME
 * @err:       filled on failure
 *
 * ERR_GUEST_NOT_STARTED is the promise that it has not run and will not. After any
 * other failure it may run.
 */
int keeper_adopt(struct keeper *k, uint64_t epoch, uint64_t *resume_ns, struct zkz_err *err);

#endif
