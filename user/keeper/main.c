// SPDX-License-Identifier: GPL-2.0
/*
 * zkz-keeper ZONE boot
 * zkz-keeper ZONE incoming [MACHINE-TYPE]
 * zkz-keeper ZONE renewed FD [check]
 * zkz-keeper --version
 *
 * Started by zkzd. One answer line on standard output says how the start went;
 * after that the keeper lives as long as its QEMU and speaks only through its
 * log and its control socket. "renewed" is how an older version of it becomes this one (renew.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keeper/keeper.h"
#include "keeper/plug.h"
#include "lib/errjson.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "qemu/mtype.h"
#include "zone/paths.h"
#include "zone/store.h"

static void init(struct keeper *k)
{
	int i;

	memset(k, 0, sizeof(*k));
	k->alive_fd = k->qemu_alive_fd = k->log_fd = -1;
	k->control_fd = k->guard_fd = k->signal_fd = -1;
	k->look_at = DEADLINE_NONE;
	keeper_vm_init(&k->vm);
	keeper_next_init(&k->next);
	keeper_no_files(k);
	for (i = 0; i < KEEPER_MAX_WAITERS; i++)
		k->waiter[i].fd = -1;
}

static int block_signals(struct keeper *k, struct zkz_err *err)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	k->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (k->signal_fd < 0)
		return err_system_call(err, "signalfd", errno);
	return 0;
}

static int open_control(struct keeper *k, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];

	k->control_fd = io_listen_unix(zone_path(ZF_KEEPER, k->z.name, path), 0600);
	if (k->control_fd < 0)
		return err_daemon_listen(err, path, errno);
	return 0;
}

/*
 * zkzd waits for this line; then standard output has done its work. Return: -1
 * if nobody reads it any more.
 */
static int report(const struct zkz_err *err)
{
	json_t *obj = err ? err_to_json(err) : json_pack("{s:s}", "type", "result");
	int rc = jsonl_write(1, obj, deadline_in_ms(5000), NULL);
	int null;

	json_decref(obj);

	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0) {
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		io_close(&null);
	}
	return rc;
}

static void on_signal(struct keeper *k)
{
	struct signalfd_siginfo si;

	if (read(k->signal_fd, &si, sizeof(si)) != sizeof(si))
		return;
	keeper_halt(k, si.ssi_signo == SIGINT ? "by SIGINT" : "by SIGTERM");
}

/*
 * During a migration what QEMU says is for the worker, and to listen would take time
 * while the guest is stopped. We hear it when the worker's hold has ended, or QEMU.
 */
static bool hands_off(const struct keeper *k)
{
	return k->guard_fd >= 0;
}

static deadline_t earlier(deadline_t a, deadline_t b)
{
	return a < b ? a : b;
}

/* For poll(2): when something is due by the clock */
static int next_timeout(const struct keeper *k)
{
	deadline_t next = earlier(k->look_at, keeper_waiters_next(k));

	next = earlier(next, keeper_asked_next(k));
	next = earlier(next, keeper_pause_next(k));
	return deadline_left_ms(next);
}

/* Wait for something to do and do it. */
static int turn(struct keeper *k)
{
	struct pollfd p[] = {
		{ .fd = k->vm.exit_fd, .events = POLLIN },
		{ .fd = k->vm.err_fd, .events = POLLIN },
		{ .fd = k->vm.qmp && !hands_off(k) ? qmp_fd(k->vm.qmp) : -1, .events = POLLIN },
		{ .fd = k->signal_fd, .events = POLLIN },
		{ .fd = k->control_fd, .events = POLLIN },
		{ .fd = k->guard_fd, .events = POLLIN },
		{ .fd = k->next.hold_fd, .events = POLLIN },
		{ .fd = k->next.vm.exit_fd, .events = POLLIN },
		{ .fd = k->next.vm.err_fd, .events = POLLIN },
	};

	if (poll(p, sizeof(p) / sizeof(p[0]), next_timeout(k)) < 0)
		return errno == EINTR ? 0 : -1;
	if (p[1].revents)
		keeper_vm_stderr(&k->vm);
	if (k->vm.qmp && (p[2].revents || p[0].revents))
		keeper_events(k);
	if (p[0].revents)
		keeper_vm_reap(&k->vm);
	if (p[3].revents)
		on_signal(k);
	if (p[4].revents && !k->vm.ended)
		keeper_control(k);
	/* A worker that asks must hear, also of a QEMU that has just died. */
	if (p[5].revents)
		keeper_guard_end(k);
	if (p[7].revents || p[8].revents)
		keeper_upgrade_look(k);
	if (p[6].revents)
		keeper_upgrade_asked(k);
	keeper_check_waiters(k);
	keeper_look_after(k);
	keeper_asked_due(k);
	keeper_pause_due(k);
	return 0;
}

static void loop(struct keeper *k)
{
	while (!k->vm.ended) {
		/* A command may have read events that poll(2) cannot show. */
		if (k->vm.qmp && !hands_off(k))
			keeper_events(k);
		keeper_unplugged(k);
		if (turn(k))
			keeper_halt(k, "the keeper cannot wait any more");
	}
	if (k->vm.qmp)
		keeper_events(k);
	/* The last words of a QEMU that has died. */
	while (k->vm.err_fd >= 0 && io_wait(k->vm.err_fd, POLLIN, deadline_in_ms(0)) > 0)
		keeper_vm_stderr(&k->vm);
}

/* This program was another version of itself until now, or is asked whether it could be. */
static int renewed(const char *zone, int fd, bool only_check)
{
	struct zkz_err err = { 0 };
	struct keeper k;
	int answer;

	umask(0022);
	init(&k);
	answer = only_check || !block_signals(&k, &err) ? keeper_renewed(&k, zone, fd, only_check, &err) : -1;
	if (only_check && answer < 0)
		fprintf(stderr, "%s\n", err.text);
	if (only_check)
		return answer < 0;
	if (answer < 0) {
		/* It was asked before: nobody can help now. QEMU goes with its parent. */
		log_error("%s", err.text);
		return 1;
	}
	keeper_answer(answer, json_object(), NULL);
	io_close(&answer);
	loop(&k);
	keeper_cleanup(&k);
	return 0;
}

int main(int argc, char **argv)
{
	struct zkz_err err = { 0 };
	enum keeper_mode mode;
	const char *coming;
	struct keeper k;
	bool ok;

	if (argc == 2 && !strcmp(argv[1], "--version")) {
		puts("zkz-keeper " ZKZ_VERSION);
		return 0;
	}
	if (argc >= 4 && !strcmp(argv[2], "renewed") && !zone_check_name(argv[1], &err))
		return renewed(argv[1], atoi(argv[3]), argc > 4);
	if (argc < 3 || argc > 4 || (strcmp(argv[2], "boot") && strcmp(argv[2], "incoming")) ||
	    zone_check_name(argv[1], &err)) {
		fprintf(stderr, "usage: zkz-keeper ZONE boot|incoming [MACHINE-TYPE] (started by zkzd) | --version\n");
		return 2;
	}
	mode = strcmp(argv[2], "boot") ? KEEPER_INCOMING : KEEPER_BOOT;
	coming = argc > 3 ? argv[3] : MTYPE_USUAL;

	/* Folders that QEMU must pass are public; private files say so. */
	umask(0022);
	init(&k);
	ok = !block_signals(&k, &err) && !keeper_prepare(&k, argv[1], mode, coming, &err) &&
	     !open_control(&k, &err) && !keeper_launch(&k, &err);
	if (!ok) {
		log_error("%s", err.text);
		keeper_halt(&k, "the start failed");
		keeper_cleanup(&k);
		report(&err);
		return 1;
	}
	/* A guest that was booted runs on; one on its way in comes from nowhere now. */
	if (report(NULL) && mode == KEEPER_INCOMING)
		keeper_halt(&k, "the migration that it was started for is gone");
	keeper_expect_guard(&k);
	loop(&k);
	keeper_cleanup(&k);
	return 0;
}
