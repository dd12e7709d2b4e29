// SPDX-License-Identifier: GPL-2.0
/*
 * The QEMU that is to take the guest over, as long as it waits. The guest's memory is a file, so it
 * is there already; what has to move is the state of the devices (swap.c).
 *
 * Nothing reaches the guest's network through its taps before the guest does: they are of its own, because a QEMU
 * that starts sets up the tap that it is given, and plugged into their bridges when the other one has stopped.
 */
#include "keeper/keeper.h"

#include <stdio.h>
#include <unistd.h>

#include "lib/io.h"
#include "lib/log.h"
#include "net/tap.h"
#include "qemu/cmdline.h"
#include "qemu/mtype.h"
#include "zone/paths.h"

void keeper_tap_name(unsigned int run, unsigned int nic, char *name)
{
	snprintf(name, 16, "zkz%u.%u", run % 1000000, nic);
}

void keeper_next_init(struct keeper_next *n)
{
	keeper_vm_init(&n->vm);
	n->hold_fd = -1;
	n->unsure = false;
}

static int make_taps(struct keeper *k, struct zkz_err *err)
{
	char name[16];
	unsigned int i;

	if (zone_next_id(&k->next.tap, err))
		return -1;
	for (i = 0; i < k->z.nr_nics; i++) {
		keeper_tap_name(k->next.tap, k->z.nic[i].id, name);
		k->next.vm.tap_fd[i] = tap_make(name, &k->z.nic[i], err);
		if (k->next.vm.tap_fd[i] < 0)
			return err_anet(err, k->z.nic[i].id);
	}
	return 0;
}

int keeper_is_free(const struct keeper *k, struct zkz_err *err)
{
	const char *zone = k->z.name;

	if (k->next.vm.pid)
		return err_zone_upgrading(err, zone);
	if (k->guard_fd >= 0)
		return err_zone_migrating_already(err, zone);
	if (k->unsettled)
		return err_zone_not_recovered(err, zone, k->trouble[0] ? k->trouble : "QEMU does not answer");
	return 0;
}

static int may_begin(const struct keeper *k, struct zkz_err *err)
{
	if (keeper_is_free(k, err))
		return -1;
	return k->pause.on ? err_zone_paused_upgrade(err, k->z.name, k->pause.why) : 0;
}

static int start(struct keeper *k, struct zkz_err *err)
{
	static const struct keeper_vm_how how = {
		.incoming = true, .monitor = ZF_QMP_NEXT, .console = ZF_CONSOLE_NEXT,
		.agent = ZF_AGENT_NEXT,
	};
	struct keeper_vm *vm = &k->next.vm;
	int rc;

	if (installed_qemu(&vm->installed, qemu_needs(&k->z), k->z.name, err) ||
	    !mtype_check(&vm->installed.able, k->z.name, k->st.machine, err) || make_taps(k, err))
		return -1;
	rc = keeper_open_files(k, err) || keeper_vm_start(k, vm, &how, err) ? -1 : 0;
	keeper_close_files(k);
	return rc;
}

int keeper_next_begin(struct keeper *k, int fd, struct zkz_err *err)
{
	if (may_begin(k, err))
		return -1;
	if (start(k, err)) {
		keeper_next_discard(k);
		return -1;
	}
	k->next.hold_fd = fd;
	log_note("started QEMU %s, process %d, which is to take the guest over", k->next.vm.installed.able.version,
		 (int)k->next.vm.pid);
	keeper_set_aux(k, AUX_UPGRADING);
	return 0;
}

void keeper_next_discard(struct keeper *k)
{
	struct keeper_next *n = &k->next;
	char path[ZONE_PATH_MAX];

	io_close(&n->hold_fd);
	/* One that cannot be killed is looked for again when it ends. */
	if (!keeper_vm_quit(&n->vm))
		return;
	keeper_vm_close(&n->vm);
	keeper_next_init(n);
	unlink(zone_path(ZF_QMP_NEXT, k->z.name, path));
	unlink(zone_path(ZF_CONSOLE_NEXT, k->z.name, path));
	unlink(zone_path(ZF_AGENT_NEXT, k->z.name, path));
	if (k->moving == AUX_UPGRADING)
		keeper_set_aux(k, AUX_NONE);
}
