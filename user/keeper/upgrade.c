// SPDX-License-Identifier: GPL-2.0
/* An upgrade under way, as the keeper's loop sees it: the next QEMU (next.c), and the worker that holds on to it. */
#include "keeper/keeper.h"

#include <poll.h>

#include "lib/hold.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"

#define REQUEST_MS	5000
/* For its own monitor: the worker has seen that it answers. */
#define MEET_MS		10000

void keeper_upgrade_look(struct keeper *k)
{
	struct keeper_vm *vm = &k->next.vm;
	struct zkz_err err;

	while (vm->err_fd >= 0 && io_wait(vm->err_fd, POLLIN, deadline_in_ms(0)) > 0)
		keeper_vm_stderr(vm);
	keeper_vm_reap(vm);
	if (!vm->ended)
		return;
	if (k->next.unsure) {
		keeper_swap_decide(k);
		return;
	}
	err_next_ended(&err, k->z.name, vm->line);
	log_error("%s", err.text);
	if (k->next.hold_fd >= 0)
		keeper_answer(k->next.hold_fd, NULL, &err);
	keeper_next_discard(k);
}

static json_t *told(const struct keeper_swapped *how)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "stop-ns", (json_int_t)how->stop,
			 "held-ns", (json_int_t)how->held, "sent-ns", (json_int_t)how->sent,
			 "loaded-ns", (json_int_t)how->loaded, "resume-ns", (json_int_t)how->resume,
			 "devices", (json_int_t)how->devices);
}

static int meet_and_swap(struct keeper *k, struct keeper_swapped *how, struct zkz_err *err)
{
	struct keeper_vm *vm = &k->next.vm;

	if (k->pause.on || k->stopped)
		return err_zone_paused_upgrade(err, k->z.name, k->pause.why);
	if (keeper_vm_meet(k, vm, deadline_in_ms(MEET_MS), err) || keeper_incoming_setup(vm->qmp, err))
		return -1;
	return keeper_swap(k, how, err);
}

void keeper_upgrade_asked(struct keeper *k)
{
	struct keeper_swapped how = { 0 };
	struct zkz_err err = { 0 };
	json_t *req = NULL;
	struct jsonl in;
	int fd = k->next.hold_fd;

	/* Discarded meanwhile. */
	if (fd < 0)
		return;
	k->next.hold_fd = -1;
	jsonl_init(&in, fd);
	if (jsonl_read(&in, &req, deadline_in_ms(REQUEST_MS), NULL) || !req) {
		log_note("the upgrade of the zone was given up");
		keeper_next_discard(k);
	} else {
		HOLD("keeper.before-switch");
		if (meet_and_swap(k, &how, &err)) {
			log_error("%s", err.text);
			if (!k->next.unsure)
				keeper_next_discard(k);
			keeper_answer(fd, NULL, &err);
		} else {
			keeper_answer(fd, told(&how), NULL);
		}
	}
	jsonl_fini(&in);
	json_decref(req);
	io_close(&fd);
}
