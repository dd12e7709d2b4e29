// SPDX-License-Identifier: GPL-2.0
/*
 * What a keeper hands to another version of itself, see renew.c. Members may be added; what is there keeps its
 * meaning.
 */
#include "keeper/keeper.h"

#include <stdio.h>
#include <unistd.h>

#include "lib/jsonl.h"

/* Grows when a member gets another meaning: an older program must not go on with that. */
#define CARRY_VERSION	1
#define MAX_FD		(1 << 20)

static json_t *fd_list(const int *fd, unsigned int nr)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < nr; i++)
		json_array_append_new(list, json_integer(fd[i]));
	return list;
}

static json_t *carry_waiters(const struct keeper *k)
{
	json_t *list = json_array();
	int i;

	for (i = 0; i < KEEPER_MAX_WAITERS; i++)
		if (k->waiter[i].fd >= 0)
			json_array_append_new(list, json_pack("{s:i, s:b, s:I}", "fd", k->waiter[i].fd, "guest",
							      k->waiter[i].guest, "until",
							      (json_int_t)k->waiter[i].until));
	return list;
}

static json_t *carry_vm(const struct keeper_vm *vm)
{
	return json_pack("{s:i, s:s, s:I, s:i, s:i, s:i, s:o}", "pid", (int)vm->pid, "version",
			 vm->installed.able.version, "can", (json_int_t)vm->installed.able.can, "qmp",
			 qmp_fd(vm->qmp), "stderr", vm->err_fd, "exit", vm->exit_fd, "taps",
			 fd_list(vm->tap_fd, ZONE_MAX_NICS));
}

static json_t *carry_pause(const struct pause *p)
{
	return json_pack("{s:b, s:b, s:b, s:o, s:I, s:I, s:I}", "on", p->on, "error", p->error, "trying", p->trying,
			 "why", json_text(p->why), "wait-ms", (json_int_t)p->wait_ms, "again", (json_int_t)p->again,
			 "since", (json_int_t)p->since);
}

static json_t *carry_run(const struct keeper *k)
{
	return json_pack("{s:i, s:I, s:I, s:s}", "id", (int)k->st.id, "epoch", (json_int_t)k->st.epoch, "since",
			 (json_int_t)k->st.since, "machine", k->st.machine);
}

json_t *keeper_carry(const struct keeper *k, int answer_fd)
{
	json_t *obj = json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:i, s:i, s:i, s:i}", "version", CARRY_VERSION,
				"run", carry_run(k), "vm", carry_vm(&k->vm), "pause", carry_pause(&k->pause),
				"waiters", carry_waiters(k), "claims", fd_list(k->claim_fd, ZONE_MAX_DISKS),
				"alive", k->alive_fd, "qemu-alive", k->qemu_alive_fd, "control", k->control_fd,
				"answer", answer_fd);

	json_object_update_new(obj, json_pack("{s:b, s:b, s:b, s:b, s:i, s:I, s:b}", "panicked", k->panicked,
					      "stopped", k->stopped, "arrived", k->arrived, "told", k->told,
					      "resets", (int)k->resets, "asked-until", (json_int_t)k->asked_until,
					      "powered-off", k->powered_off));
	return obj;
}

static bool fd_ok(long long fd, bool needed)
{
	return fd < MAX_FD && (needed ? fd > 2 : fd == -1 || fd > 2);
}

static int take_fd(const json_t *obj, const char *name, bool needed, int *fd, struct zkz_err *err)
{
	long long v = json_int(obj, name, -2);

	if (!fd_ok(v, needed))
		return err_keeper_carried(err, name);
	*fd = (int)v;
	return 0;
}

static int take_list(const json_t *obj, const char *name, int *fd, unsigned int nr, struct zkz_err *err)
{
	const json_t *list = json_object_get(obj, name);
	unsigned int i;

	/* A version that knows fewer has fewer; what is beyond ours must not be in use. */
	for (i = 0; i < json_array_size(list); i++) {
		const json_t *at = json_array_get(list, i);
		long long v = json_is_integer(at) ? json_integer_value(at) : -2;

		if (!fd_ok(v, false) || (i >= nr && v >= 0))
			return err_keeper_carried(err, name);
		if (i < nr)
			fd[i] = (int)v;
	}
	return json_is_array(list) ? 0 : err_keeper_carried(err, name);
}

static int take_vm(const json_t *obj, struct keeper_vm *vm, int *qmp, struct zkz_err *err)
{
	const char *version = json_str(obj, "version");

	vm->pid = (pid_t)json_int(obj, "pid", 0);
	if (vm->pid < 2 || !version)
		return err_keeper_carried(err, "vm");
	snprintf(vm->installed.able.version, sizeof(vm->installed.able.version), "%s", version);
	vm->installed.able.can = (unsigned int)json_int(obj, "can", 0);
	return take_fd(obj, "qmp", true, qmp, err) || take_fd(obj, "stderr", false, &vm->err_fd, err) ||
	       take_fd(obj, "exit", true, &vm->exit_fd, err) ||
	       take_list(obj, "taps", vm->tap_fd, ZONE_MAX_NICS, err) ? -1 : 0;
}

static void take_pause(const json_t *obj, struct pause *p)
{
	const char *why = json_str(obj, "why");

	p->on = json_bool(obj, "on", false);
	p->error = json_bool(obj, "error", false);
	p->trying = json_bool(obj, "trying", false);
	snprintf(p->why, sizeof(p->why), "%s", why ? why : "");
	p->wait_ms = (unsigned int)json_int(obj, "wait-ms", 1000);
	p->again = (deadline_t)json_int(obj, "again", 0);
	p->since = (uint64_t)json_int(obj, "since", 0);
}

static int take_waiters(const json_t *list, struct keeper *k, struct zkz_err *err)
{
	size_t i;

	if (json_array_size(list) > KEEPER_MAX_WAITERS)
		return err_keeper_carried(err, "waiters");
	for (i = 0; i < json_array_size(list); i++) {
		const json_t *at = json_array_get(list, i);
		struct waiter *w = &k->waiter[i];

		if (take_fd(at, "fd", true, &w->fd, err))
			return -1;
		w->guest = json_bool(at, "guest", true);
		w->until = (deadline_t)json_int(at, "until", 0);
	}
	return 0;
}

static int take_run(const json_t *obj, struct keeper *k, struct zkz_err *err)
{
	const char *machine = json_str(obj, "machine");

	if (!machine || json_int(obj, "id", 0) < 1)
		return err_keeper_carried(err, "run");
	k->mode = KEEPER_BOOT;
	k->st.state = ZONE_RUNNING;
	k->st.id = (unsigned int)json_int(obj, "id", 0);
	k->st.epoch = (uint64_t)json_int(obj, "epoch", 0);
	k->st.since = (uint64_t)json_int(obj, "since", 0);
	snprintf(k->st.machine, sizeof(k->st.machine), "%s", machine);
	return 0;
}

static void take_guest(const json_t *obj, struct keeper *k)
{
	k->panicked = json_bool(obj, "panicked", false);
	k->stopped = json_bool(obj, "stopped", false);
	k->arrived = json_bool(obj, "arrived", false);
	k->told = json_bool(obj, "told", false);
	k->resets = (unsigned int)json_int(obj, "resets", 0);
	k->asked_until = (deadline_t)json_int(obj, "asked-until", 0);
	k->powered_off = json_bool(obj, "powered-off", false);
}

int keeper_carried(const json_t *obj, struct keeper *k, int *qmp_fd, int *answer_fd, struct zkz_err *err)
{
	if (json_int(obj, "version", 0) != CARRY_VERSION)
		return err_keeper_carried(err, "version");
	if (take_run(json_object_get(obj, "run"), k, err) || take_vm(json_object_get(obj, "vm"), &k->vm, qmp_fd, err) ||
	    take_waiters(json_object_get(obj, "waiters"), k, err) ||
	    take_list(obj, "claims", k->claim_fd, ZONE_MAX_DISKS, err) ||
	    take_fd(obj, "alive", true, &k->alive_fd, err) ||
	    take_fd(obj, "qemu-alive", true, &k->qemu_alive_fd, err) ||
	    take_fd(obj, "control", true, &k->control_fd, err) || take_fd(obj, "answer", true, answer_fd, err))
		return -1;
	take_pause(json_object_get(obj, "pause"), &k->pause);
	take_guest(obj, k);
	k->st.qemu = k->vm.pid;
	k->st.keeper = getpid();
	return 0;
}

void keeper_each_fd(const struct keeper *k, void (*fn)(int fd, int arg), int arg)
{
	const int fixed[] = {
		k->alive_fd, k->qemu_alive_fd, k->control_fd, k->vm.err_fd, k->vm.exit_fd,
		k->vm.qmp ? qmp_fd(k->vm.qmp) : -1,
	};
	size_t i;

	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		fn(fixed[i], arg);
	for (i = 0; i < ZONE_MAX_NICS; i++)
		fn(k->vm.tap_fd[i], arg);
	for (i = 0; i < ZONE_MAX_DISKS; i++)
		fn(k->claim_fd[i], arg);
	for (i = 0; i < KEEPER_MAX_WAITERS; i++)
		fn(k->waiter[i].fd, arg);
}
