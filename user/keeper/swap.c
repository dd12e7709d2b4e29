// SPDX-License-Identifier: GPL-2.0
/*
 * The guest goes from the QEMU that runs it to the next one, as in a migration between two hosts, but for its
 * memory, which both have mapped, and for the other host: this process decides alone, see keeper_swap().
 */
#include "keeper/keeper.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/hold.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "net/tap.h"
#include "qemu/devstate.h"
#include "qemu/vm.h"
#include "zone/paths.h"

/* Storage may be slow to be drained, and a guest with many devices to be loaded. */
#define STOP_MS		30000
#define SEND_MS		20000
#define LOAD_MS		30000
#define LOADED_MS	1000
#define LOOK_MS		100

/**
 * struct swap - a guest on its way
 * @k:         the keeper
 * @st:        state of its devices
 * @how:       when all that was
 * @completed: the old QEMU has sent everything, and says so
 * @failed:    it could not
 * @loaded:    the new one has loaded it
 * @refused:   it could not
 */
struct swap {
	struct keeper *k;
	struct devstate st;
	struct keeper_swapped *how;
	bool completed;
	bool failed;
	bool loaded;
	bool refused;
};

static bool says(const struct qmp_event *ev, const char *status)
{
	const char *is = json_str(ev->data, "status");

	return !strcmp(ev->name, "MIGRATION") && is && !strcmp(is, status);
}

static void hear_old(struct swap *s)
{
	struct keeper_vm *vm = &s->k->vm;
	struct qmp_event ev;

	qmp_pump(vm->qmp, NULL);
	while (qmp_take(vm->qmp, &ev)) {
		if (!strcmp(ev.name, "STOP"))
			s->how->stop = ev.real_ns;
		s->completed |= says(&ev, "completed");
		s->failed |= says(&ev, "failed") || says(&ev, "cancelled");
		keeper_event(s->k, &ev);
		qmp_event_clear(&ev);
	}
}

/* RESUME comes before "completed". Return: false if its monitor is closed. */
static bool hear_next(struct keeper_vm *vm, struct keeper_swapped *how, bool *loaded, bool *refused)
{
	struct qmp_event ev;
	int rc = qmp_pump(vm->qmp, NULL);

	while (qmp_take(vm->qmp, &ev)) {
		if (!strcmp(ev.name, "RESUME"))
			how->resume = ev.real_ns ? ev.real_ns : 1;
		if (says(&ev, "completed")) {
			how->loaded = ev.real_ns;
			*loaded = true;
		}
		*refused |= says(&ev, "failed");
		qmp_event_clear(&ev);
	}
	return !rc;
}

static int next_failed(struct swap *s, struct zkz_err *err)
{
	struct keeper_vm *next = &s->k->next.vm;
	char why[ERR_ARG_MAX];

	if (s->refused)
		return err_next_ended(err, s->k->z.name, vm_why_failed(next->qmp, why, sizeof(why)));
	keeper_vm_last_words(next);
	return err_next_ended(err, s->k->z.name, next->line);
}

/* Until something happens, and not for long. Fails where either QEMU does. */
static int wait(struct swap *s, deadline_t dl, struct zkz_err *err)
{
	struct keeper_vm *old = &s->k->vm, *next = &s->k->next.vm;
	struct pollfd p[] = {
		{ .fd = s->st.phase == DEVSTATE_HELD ? -1 : s->st.in, .events = POLLIN },
		{ .fd = s->completed ? -1 : qmp_fd(old->qmp), .events = POLLIN },
		{ .fd = qmp_fd(next->qmp), .events = POLLIN },
		{ .fd = old->err_fd, .events = POLLIN },
		{ .fd = next->err_fd, .events = POLLIN },
	};

	if (!deadline_left_ms(dl))
		return err_timeout(err);
	poll(p, sizeof(p) / sizeof(p[0]), LOOK_MS);
	if (p[3].revents)
		keeper_vm_stderr(old);
	if (p[4].revents)
		keeper_vm_stderr(next);
	hear_old(s);
	if (devstate_pump(&s->st, err))
		return -1;
	keeper_vm_reap(old);
	if (!hear_next(next, s->how, &s->loaded, &s->refused) || s->refused)
		return next_failed(s, err);
	if (s->completed && s->st.in < 0)
		return 0;
	if (s->failed || old->ended)
		return err_qemu_gave_up(err, old->ended ? "ended" : "failed", s->k->z.name);
	return 0;
}

static int connect_both(struct swap *s, struct zkz_err *err)
{
	struct keeper_vm *next = &s->k->next.vm;
	int sv[2], rc;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv))
		return err_system_call(err, "socketpair", errno);
	s->st.out = sv[0];
	rc = vm_incoming(next->qmp, sv[1], next->installed.able.can & ABLE_SURVIVE_LOAD, err);
	io_close(&sv[1]);
	return rc;
}

static int stop_guest(struct swap *s, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(STOP_MS);

	qmp_forget(s->k->vm.qmp);
	if (vm_prepare_out(s->k->vm.qmp, false, err) || connect_both(s, err) ||
	    devstate_begin(&s->st, s->k->vm.qmp, err))
		return -1;
	while (s->st.phase != DEVSTATE_HELD || !s->how->stop)
		if (wait(s, dl, err))
			return err_is(err, ERR_TIMEOUT) ? err_qemu_slow_stop(err, s->k->z.name, STOP_MS / 1000) : -1;
	s->how->held = s->st.held_ns;
	HOLD("keeper.switch-stopped");
	return 0;
}

static int plug_taps(struct keeper *k, struct zkz_err *err)
{
	char name[16];
	unsigned int i;

	for (i = 0; i < k->z.nr_nics; i++) {
		keeper_tap_name(k->next.tap, k->z.nic[i].id, name);
		if (tap_plug(name, &k->z.nic[i], err))
			return err_anet(err, k->z.nic[i].id);
	}
	return 0;
}

/* Everything but the last byte. */
static int send_guest(struct swap *s, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(SEND_MS);

	if (devstate_release(&s->st, err))
		return -1;
	while (!s->completed || s->st.in >= 0)
		if (wait(s, dl, err))
			return err_is(err, ERR_TIMEOUT) ? err_upgrade_slow(err, s->k->z.name, SEND_MS / 1000) : -1;
	s->how->sent = clock_real_ns();
	s->how->devices = s->st.sent;
	HOLD("keeper.switch-sent");
	return 0;
}

/* From here on the next QEMU may start the guest. When it had loaded it is for the figures only. */
static int start_guest(struct swap *s, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(LOAD_MS);

	if (devstate_finish(&s->st, err))
		return -1;
	HOLD("keeper.switch-last");
	while (!s->how->resume)
		if (wait(s, dl, err))
			return -1;
	dl = deadline_in_ms(LOADED_MS);
	while (!s->loaded && !wait(s, dl, NULL))
		;
	return 0;
}

/* Connections to the old ones end with the old QEMU. */
static void take_sockets(const struct keeper *k)
{
	static const enum zone_file sockets[][2] = {
		{ ZF_QMP_NEXT, ZF_QMP }, { ZF_CONSOLE_NEXT, ZF_CONSOLE }, { ZF_AGENT_NEXT, ZF_AGENT },
	};
	char from[ZONE_PATH_MAX], to[ZONE_PATH_MAX];
	size_t i;

	for (i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++)
		if (rename(zone_path(sockets[i][0], k->z.name, from), zone_path(sockets[i][1], k->z.name, to)) &&
		    errno != ENOENT)
			log_error("cannot rename %s: %m", from);
}

/* The next QEMU is the one that runs the guest now; what is left of the old one is nothing. */
static void change_over(struct keeper *k)
{
	struct keeper_vm old = k->vm;
	struct zkz_err err;

	k->vm = k->next.vm;
	keeper_next_init(&k->next);
	k->st.qemu = k->vm.pid;
	k->stopped = false;
	take_sockets(k);
	k->moving = AUX_NONE;
	k->st.aux = AUX_NONE;
	if (zone_status_write(k->z.name, &k->st, &err))
		log_error("%s", err.text);
	log_event(LOG_NOTE, EVENT_UPGRADED, "QEMU %s, process %d, runs the guest now, and %s, process %d, no more",
		  k->vm.installed.able.version, (int)k->vm.pid, old.installed.able.version, (int)old.pid);
	if (!keeper_vm_quit(&old))
		log_error("the QEMU that had the guest before cannot be killed; it has let its disks go");
	keeper_vm_close(&old);
}

/* Events again: it may have been stopped before it lost the guest, and let it run on by itself. */
static void go_on(struct keeper *k)
{
	struct zkz_err err = { 0 };

	k->ran = true;
	if (k->vm.ended || !k->vm.qmp)
		return;
	if (!vm_resume(k->vm.qmp, &err)) {
		k->stopped = false;
		log_note("the upgrade did not take place; the guest runs on");
		return;
	}
	log_error("%s", err.text);
	k->unsettled = true;
	k->look_at = deadline_in_ms(0);
}

/* Return: true if the next QEMU has run the guest; as long as it lives it may yet do so. */
static bool had_run(struct keeper *k, struct keeper_swapped *how)
{
	bool loaded, refused;

	hear_next(&k->next.vm, how, &loaded, &refused);
	return how->resume != 0;
}

/* It may have got all of the guest. Return: 0 if it runs it, or did; -1 with the reason in @err. */
static int find_out(struct keeper *k, struct keeper_swapped *how, struct zkz_err *err)
{
	const struct zkz_err why = *err;

	if (had_run(k, how)) {
		change_over(k);
		return 0;
	}
	if (!keeper_vm_quit(&k->next.vm)) {
		k->next.unsure = true;
		err_next_not_swapped(err, k->z.name);
		return err_cause(err, &why);
	}
	/* If it did, it has ended since, and with it the guest: the end is seen as any other. */
	if (had_run(k, how)) {
		change_over(k);
		return 0;
	}
	go_on(k);
	return -1;
}

void keeper_swap_decide(struct keeper *k)
{
	struct keeper_swapped how = { 0 };

	if (had_run(k, &how)) {
		change_over(k);
		return;
	}
	go_on(k);
	keeper_next_discard(k);
}

int keeper_swap(struct keeper *k, struct keeper_swapped *how, struct zkz_err *err)
{
	struct swap s = { .k = k, .how = how };
	bool sent;
	int rc;

	devstate_init(&s.st);
	rc = stop_guest(&s, err) || plug_taps(k, err) || send_guest(&s, err) || start_guest(&s, err) ? -1 : 0;
	sent = s.st.phase == DEVSTATE_SENT;
	devstate_close(&s.st);
	if (!rc)
		change_over(k);
	else if (sent)
		rc = find_out(k, how, err);
	else
		go_on(k);
	return rc;
}
