// SPDX-License-Identifier: GPL-2.0
/* From nothing to a running QEMU. */
#include "keeper/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/log.h"
#include "net/tap.h"
#include "qemu/balloon.h"
#include "qemu/user.h"
#include "zone/lock.h"
#include "zone/memfs.h"
#include "zone/owner.h"
#include "zone/paths.h"
#include "zone/store.h"

/* Opening slow storage and building the machine under emulation. */
#define QEMU_START_MS	60000

int keeper_open_log(struct keeper *k, const char *zone, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX], tag[96];

	if (file_mkdirs(ZKZ_LOG_DIR, 0755, err))
		return -1;
	zone_path(ZF_MESSAGES, zone, path);
	k->log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	if (k->log_fd < 0)
		return err_file_open(err, path, errno);
	snprintf(tag, sizeof(tag), "zone %s", zone);
	log_init(tag, k->log_fd, LOG_NOTE);
	log_zone(zone);
	return 0;
}

/*
 * QEMU's user opens /dev/kvm by its group. Where no udev has given the device
 * to that group, do what its rule does.
 */
static int allow_kvm(struct zkz_err *err)
{
	const struct group *gr;
	struct stat st;

	if (stat("/dev/kvm", &st))
		return err_kvm_not_available(err, errno);
	if ((st.st_mode & 006) == 006 || st.st_gid != 0)
		return 0;
	gr = getgrnam("kvm");
	if (!gr || chown("/dev/kvm", 0, gr->gr_gid) || chmod("/dev/kvm", 0660))
		return err_kvm_denied(err, QEMU_USER);
	log_note("gave /dev/kvm to the group kvm");
	return 0;
}

static int check_host_memory(const struct zone_model *z, struct zkz_err *err)
{
	uint64_t total = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t avail = (uint64_t)sysconf(_SC_AVPHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);

	if (z->memory > total)
		return err_memory_small(err, z->name, z->memory >> 20, total >> 20);
	if (z->memory > avail)
		log_warn("only %llu MiB of memory are free on the host",
			 (unsigned long long)(avail >> 20));
	return 0;
}

static int open_links(struct keeper *k, struct zkz_err *err)
{
	char name[16];
	unsigned int i;

	for (i = 0; i < k->z.nr_nics; i++) {
		keeper_tap_name(k->st.id, k->z.nic[i].id, name);
		k->vm.tap_fd[i] = tap_open(name, &k->z.nic[i], err);
		if (k->vm.tap_fd[i] < 0)
			return err_anet(err, k->z.nic[i].id);
	}
	return 0;
}

int keeper_prepare(struct keeper *k, const char *zone, enum keeper_mode mode, const char *coming,
		   struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	struct zone_owner owner;

	k->mode = mode;
	if (keeper_open_log(k, zone, err) || zone_load(zone, &k->z, err) ||
	    zone_owner_read(zone, &owner, err) ||
	    (mode == KEEPER_BOOT && zone_owner_may_run(zone, err)) ||
	    memfs_check(err) ||
	    file_mkdirs(zone_path(ZF_RUN, zone, path), 0700, err))
		return -1;
	k->alive_fd = zone_alive_take(zone, err);
	if (k->alive_fd < 0)
		return -1;
	k->qemu_alive_fd = zone_alive_lend(zone, err);
	if (k->qemu_alive_fd < 0 || zone_next_id(&k->st.id, err) ||
	    zone_begin_run(zone, mode == KEEPER_INCOMING, &k->z, err))
		return -1;

	k->st.state = ZONE_RUNNING;
	k->moving = mode == KEEPER_INCOMING ? AUX_MIGRATING_IN : AUX_NONE;
	k->st.aux = k->moving;
	k->st.keeper = getpid();
	k->st.epoch = owner.epoch;
	k->st.since = clock_real_ns() / NSEC_PER_SEC;
	if (mode == KEEPER_INCOMING)
		log_peer(owner.peer);
	if (qemu_user(&k->user, err) || allow_kvm(err) || check_host_memory(&k->z, err) ||
	    keeper_choose_machine(k, coming, err) || keeper_open_files(k, err) || open_links(k, err))
		return -1;
	return memfs_create(zone, k->z.memory, k->user.uid, k->user.gid, err);
}

/* A guest that arrives has its balloon as it had it. */
static int boot(struct keeper *k, struct zkz_err *err)
{
	if (k->z.current < k->z.memory && balloon_set(k->vm.qmp, k->z.current, err))
		return -1;
	return qmp_exec(k->vm.qmp, "cont", NULL, NULL, deadline_in_ms(KEEPER_QMP_MS), err);
}

int keeper_launch(struct keeper *k, struct zkz_err *err)
{
	const struct keeper_vm_how how = {
		.incoming = k->mode == KEEPER_INCOMING, .monitor = ZF_QMP, .console = ZF_CONSOLE, .agent = ZF_AGENT,
	};
	int rc = keeper_vm_start(k, &k->vm, &how, err);

	keeper_close_files(k);
	k->st.qemu = k->vm.pid;
	if (rc)
		return -1;
	log_note("started QEMU, process %d, %s", (int)k->vm.pid,
		 how.incoming ? "waiting for the guest to arrive" : "booting");
	if (keeper_vm_meet(k, &k->vm, deadline_in_ms(QEMU_START_MS), err))
		return -1;
	if (how.incoming)
		rc = keeper_incoming_setup(k->vm.qmp, err);
	else
		rc = boot(k, err);
	if (rc || zone_status_write(k->z.name, &k->st, err))
		return -1;
	if (k->mode == KEEPER_BOOT) {
		log_event(LOG_NOTE, EVENT_BOOTED, "the guest boots");
		k->told = true;
	}
	return 0;
}
