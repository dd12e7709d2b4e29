// SPDX-License-Identifier: GPL-2.0
/* From nothing to a running QEMU. */
#include "keeper/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/io.h"
#include "lib/log.h"
#include "net/tap.h"
#include "qemu/cmdline.h"
#include "qemu/user.h"
#include "zone/lock.h"
#include "zone/memfs.h"
#include "zone/owner.h"
#include "zone/paths.h"
#include "zone/store.h"

/* Opening slow storage and building the machine under emulation. */
#define QEMU_START_MS	60000

static int open_log(struct keeper *k, const char *zone, struct zkz_err *err)
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
		snprintf(name, sizeof(name), "zkz%u.%u", k->st.id % 1000000, k->z.nic[i].id);
		k->tap_fd[i] = tap_open(name, k->z.nic[i].lower_link, err);
		if (k->tap_fd[i] < 0)
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
	if (open_log(k, zone, err) || zone_load(zone, &k->z, err) ||
	    zone_owner_read(zone, &owner, err) ||
	    (mode == KEEPER_BOOT && zone_owner_may_run(zone, err)) ||
	    memfs_check(err) ||
	    file_mkdirs(zone_path(ZF_RUN, zone, path), 0700, err))
		return -1;
	k->alive_fd = zone_alive_take(zone, err);
	if (k->alive_fd < 0 || zone_next_id(&k->st.id, err) ||
	    zone_note_running(zone, err))
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

/* struct lent - descriptors that QEMU inherits, closed here after the start */
struct lent {
	int ours;	/* keeper's end of its monitor */
	int keeper;
	int monitor;
	int console;
	int err_write;
	int alive;	/* QEMU's mark of life */
};

static int make_lent(struct keeper *k, struct lent *l, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	int sv[2], p[2];

	*l = (struct lent){ -1, -1, -1, -1, -1, -1 };
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv))
		return err_system_call(err, "socketpair", errno);
	l->ours = sv[0];
	l->keeper = sv[1];
	if (pipe2(p, O_CLOEXEC))
		return err_system_call(err, "pipe", errno);
	k->err_fd = p[0];
	l->err_write = p[1];
	l->monitor = io_listen_unix(zone_path(ZF_QMP, k->z.name, path), 0600);
	if (l->monitor < 0)
		return err_daemon_listen(err, path, errno);
	l->console = io_listen_unix(zone_path(ZF_CONSOLE, k->z.name, path), 0600);
	if (l->console < 0)
		return err_daemon_listen(err, path, errno);
	l->alive = zone_alive_lend(k->z.name, err);
	return l->alive < 0 ? -1 : 0;
}

static void close_lent(struct lent *l)
{
	io_close(&l->keeper);
	io_close(&l->monitor);
	io_close(&l->console);
	io_close(&l->err_write);
	io_close(&l->alive);
}

/* QEMU is the only child, so what must reach it simply stays open on exec. */
static void keep_open(int fd)
{
	fcntl(fd, F_SETFD, 0);
}

static int start_qemu(struct keeper *k, struct lent *l, struct zkz_err *err)
{
	struct qemu_env env = {
		.binary = INSTALLED_QEMU, .able = &k->installed.able,
		.machine = k->st.machine, .incoming = k->mode == KEEPER_INCOMING,
		.keeper_fd = l->keeper, .monitor_fd = l->monitor,
		.console_fd = l->console,
	};
	struct spawn how = {
		.fd = { -1, -1, l->err_write }, .setsid = 1, .death = SIGKILL,
		.user = &k->user,
	};
	char **argv;
	unsigned int i;

	for (i = 0; i < k->z.nr_nics; i++) {
		env.tap_fd[i] = k->tap_fd[i];
		keep_open(k->tap_fd[i]);
	}
	keep_open(l->keeper);
	keep_open(l->monitor);
	keep_open(l->console);
	keep_open(l->alive);
	keeper_lend_files(k, &env);
	argv = qemu_cmdline(&k->z, &env, err);
	if (!argv)
		return -1;
	how.argv = argv;
	k->st.qemu = spawn_start(&how, err);
	qemu_cmdline_free(argv);
	if (k->st.qemu < 0) {
		k->st.qemu = 0;
		return -1;
	}
	k->exit_fd = (int)syscall(SYS_pidfd_open, k->st.qemu, 0);
	if (k->exit_fd < 0)
		return err_system_call(err, "pidfd_open", errno);
	fcntl(k->exit_fd, F_SETFD, FD_CLOEXEC);
	return 0;
}

/* QEMU connects to the servers of its disks before it talks, and waits for their greeting without limit. */
static int explain_silence(const struct keeper *k, struct zkz_err *err)
{
	unsigned int i;

	for (i = 0; i < k->z.nr_disks; i++) {
		const struct zone_disk *d = &k->z.disk[i];

		if (strncmp(d->storage, "nbd:", 4))
			continue;
		return err_qemu_start_storage(err, k->z.name, d->id, d->storage);
	}
	return err_qemu_silent(err, k->z.name);
}

/* The monitor was closed at once: what QEMU wrote last says why. */
static int explain_failure(struct keeper *k, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(2000);

	if (err_is(err, ERR_TIMEOUT))
		return explain_silence(k, err);
	while (k->err_fd >= 0 && io_wait(k->err_fd, POLLIN, dl) > 0)
		keeper_stderr(k);
	return err_qemu_start(err, k->z.name, k->line);
}

int keeper_launch(struct keeper *k, struct zkz_err *err)
{
	struct lent l;
	int rc = make_lent(k, &l, err);

	if (!rc)
		rc = start_qemu(k, &l, err);
	close_lent(&l);
	keeper_close_files(k);
	if (rc) {
		io_close(&l.ours);
		return -1;
	}
	log_note("started QEMU, process %d, %s", (int)k->st.qemu,
		 k->mode == KEEPER_INCOMING ? "waiting for the guest to arrive" : "booting");

	k->qmp = qmp_open_fd(k->z.name, l.ours, deadline_in_ms(QEMU_START_MS), err);
	if (!k->qmp)
		return explain_failure(k, err);
	if (k->mode == KEEPER_INCOMING)
		rc = keeper_incoming_setup(k, err);
	else
		rc = qmp_exec(k->qmp, "cont", NULL, NULL, deadline_in_ms(KEEPER_QMP_MS), err);
	if (rc || zone_status_write(k->z.name, &k->st, err))
		return -1;
	if (k->mode == KEEPER_BOOT) {
		log_event(LOG_NOTE, EVENT_BOOTED, "the guest boots");
		k->told = true;
	}
	return 0;
}
