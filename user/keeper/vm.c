// SPDX-License-Identifier: GPL-2.0
/* A QEMU of the zone as a child: its start, its last words, its end. */
#include "keeper/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/io.h"
#include "lib/log.h"
#include "qemu/cmdline.h"
#include "storage/uri.h"
#include "zone/cpus.h"
#include "zone/lock.h"

#define QUIT_ANSWER_MS	2000
/* Without a monitor it is on its way out, or stuck. */
#define GONE_MS		500
#define QUIT_MS		10000
#define KILL_MS		30000
#define LAST_WORDS_MS	2000

void keeper_vm_init(struct keeper_vm *vm)
{
	int i;

	memset(vm, 0, sizeof(*vm));
	vm->ours = vm->err_fd = vm->exit_fd = -1;
	for (i = 0; i < ZONE_MAX_NICS; i++)
		vm->tap_fd[i] = -1;
}

/* struct lent - descriptors that QEMU inherits, closed here after the start */
struct lent {
	int keeper;
	int monitor;
	int console;
	int agent;
	int err_write;
};

static int make_lent(struct keeper *k, struct keeper_vm *vm, const struct keeper_vm_how *how, struct lent *l,
		     struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	int sv[2], p[2];

	*l = (struct lent){ -1, -1, -1, -1, -1 };
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv))
		return err_system_call(err, "socketpair", errno);
	vm->ours = sv[0];
	l->keeper = sv[1];
	if (pipe2(p, O_CLOEXEC))
		return err_system_call(err, "pipe", errno);
	vm->err_fd = p[0];
	l->err_write = p[1];
	l->monitor = io_listen_unix(zone_path(how->monitor, k->z.name, path), 0600);
	if (l->monitor < 0)
		return err_daemon_listen(err, path, errno);
	l->console = io_listen_unix(zone_path(how->console, k->z.name, path), 0600);
	if (l->console < 0)
		return err_daemon_listen(err, path, errno);
	if (!k->z.agent)
		return 0;
	l->agent = io_listen_unix(zone_path(how->agent, k->z.name, path), 0600);
	return l->agent < 0 ? err_daemon_listen(err, path, errno) : 0;
}

static void close_lent(struct lent *l)
{
	io_close(&l->keeper);
	io_close(&l->monitor);
	io_close(&l->console);
	io_close(&l->agent);
	io_close(&l->err_write);
}

/* What the next child inherits is only what stays open on exec, and for that child alone. */
static void lend(struct keeper *k, const struct keeper_vm *vm, const struct lent *l, bool on)
{
	int flag = on ? 0 : FD_CLOEXEC;
	unsigned int i;

	for (i = 0; i < k->z.nr_nics; i++)
		fcntl(vm->tap_fd[i], F_SETFD, flag);
	fcntl(l->keeper, F_SETFD, flag);
	fcntl(l->monitor, F_SETFD, flag);
	fcntl(l->console, F_SETFD, flag);
	fcntl(l->agent, F_SETFD, flag);
	fcntl(k->qemu_alive_fd, F_SETFD, flag);
	keeper_lend_files(k, on);
}

static char **command_line(struct keeper *k, const struct keeper_vm *vm, const struct keeper_vm_how *how,
			   const struct lent *l, struct zkz_err *err)
{
	struct qemu_env env = {
		.binary = INSTALLED_QEMU, .able = &vm->installed.able,
		.machine = k->st.machine, .incoming = how->incoming,
		.keeper_fd = l->keeper, .monitor_fd = l->monitor,
		.console_fd = l->console, .agent_fd = l->agent,
	};
	unsigned int i;

	for (i = 0; i < k->z.nr_nics; i++)
		env.tap_fd[i] = vm->tap_fd[i];
	keeper_name_files(k, &env);
	return qemu_cmdline(&k->z, &env, err);
}

static int start(struct keeper *k, struct keeper_vm *vm, const struct keeper_vm_how *how, struct lent *l,
		 struct zkz_err *err)
{
	struct spawn spawn = {
		.fd = { -1, -1, l->err_write }, .setsid = 1, .death = SIGKILL, .user = &k->user,
	};
	char **argv = command_line(k, vm, how, l, err);
	cpu_set_t before;
	pid_t pid = -1;

	if (!argv)
		return -1;
	spawn.argv = argv;
	if (!zone_cpus_enter(&k->z, &before, err)) {
		lend(k, vm, l, true);
		pid = spawn_start(&spawn, err);
		lend(k, vm, l, false);
		zone_cpus_leave(&before);
	}
	qemu_cmdline_free(argv);
	if (pid < 0)
		return -1;
	vm->pid = pid;
	vm->exit_fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (vm->exit_fd < 0)
		return err_system_call(err, "pidfd_open", errno);
	fcntl(vm->exit_fd, F_SETFD, FD_CLOEXEC);
	return 0;
}

int keeper_vm_start(struct keeper *k, struct keeper_vm *vm, const struct keeper_vm_how *how, struct zkz_err *err)
{
	struct lent l;
	int rc = make_lent(k, vm, how, &l, err);

	if (!rc)
		rc = start(k, vm, how, &l, err);
	close_lent(&l);
	return rc;
}

/* QEMU connects to the servers of its disks before it talks, and waits for their greeting without limit. */
static int explain_silence(const struct keeper *k, struct zkz_err *err)
{
	struct storage_uri u;
	unsigned int i;

	for (i = 0; i < k->z.nr_disks; i++) {
		const struct zone_disk *d = &k->z.disk[i];

		if (uri_parse(d->storage, &u, NULL) || uri_is_opened(&u))
			continue;
		return err_qemu_start_storage(err, k->z.name, d->id, d->storage);
	}
	return err_qemu_silent(err, k->z.name);
}

void keeper_vm_last_words(struct keeper_vm *vm)
{
	deadline_t dl = deadline_in_ms(LAST_WORDS_MS);

	while (vm->err_fd >= 0 && io_wait(vm->err_fd, POLLIN, dl) > 0)
		keeper_vm_stderr(vm);
}

/* The monitor was closed at once: what QEMU wrote last says why. */
static int explain_failure(const struct keeper *k, struct keeper_vm *vm, struct zkz_err *err)
{
	if (err_is(err, ERR_TIMEOUT))
		return explain_silence(k, err);
	keeper_vm_last_words(vm);
	return err_qemu_start(err, k->z.name, vm->line);
}

int keeper_vm_meet(struct keeper *k, struct keeper_vm *vm, deadline_t dl, struct zkz_err *err)
{
	int fd = vm->ours;

	vm->ours = -1;
	vm->qmp = qmp_open_fd(k->z.name, fd, dl, err);
	return vm->qmp ? 0 : explain_failure(k, vm, err);
}

static void finish_line(struct keeper_vm *vm)
{
	vm->part[vm->part_len] = '\0';
	vm->part_len = 0;
	if (!vm->part[0])
		return;
	memcpy(vm->line, vm->part, sizeof(vm->line));
	log_warn("QEMU says: %s", vm->line);
}

void keeper_vm_stderr(struct keeper_vm *vm)
{
	char buf[512];
	ssize_t n = read(vm->err_fd, buf, sizeof(buf));
	ssize_t i;

	if (n <= 0) {
		finish_line(vm);
		io_close(&vm->err_fd);
		return;
	}
	for (i = 0; i < n; i++) {
		if (buf[i] == '\n' || vm->part_len == sizeof(vm->part) - 1)
			finish_line(vm);
		if (buf[i] != '\n')
			vm->part[vm->part_len++] = buf[i];
	}
}

void keeper_vm_reap(struct keeper_vm *vm)
{
	pid_t pid;

	if (vm->ended || !vm->pid)
		return;
	pid = waitpid(vm->pid, &vm->exit_status, WNOHANG);
	if (pid == vm->pid || (pid < 0 && errno == ECHILD))
		vm->ended = true;
}

static void wait_for_end(struct keeper_vm *vm, unsigned int ms)
{
	deadline_t dl = deadline_in_ms(ms);

	/* Its last words must not block it on a full pipe. */
	while (!vm->ended && deadline_left_ms(dl) > 0) {
		struct pollfd p[2] = {
			{ .fd = vm->exit_fd, .events = POLLIN },
			{ .fd = vm->err_fd, .events = POLLIN },
		};

		poll(p, 2, deadline_left_ms(dl));
		if (p[1].revents)
			keeper_vm_stderr(vm);
		keeper_vm_reap(vm);
	}
}

static bool kill_it(struct keeper_vm *vm)
{
	log_warn("QEMU does not end by itself; killing process %d", (int)vm->pid);
	kill(vm->pid, SIGKILL);
	wait_for_end(vm, KILL_MS);
	if (!vm->ended)
		log_error("QEMU process %d cannot be killed; it waits in the kernel", (int)vm->pid);
	return vm->ended;
}

bool keeper_vm_quit(struct keeper_vm *vm)
{
	struct zkz_err err;

	if (vm->ended || !vm->pid)
		return true;
	if (vm->qmp && !qmp_exec(vm->qmp, "quit", NULL, NULL, deadline_in_ms(QUIT_ANSWER_MS), &err))
		wait_for_end(vm, QUIT_MS);
	else
		wait_for_end(vm, GONE_MS);
	return vm->ended || kill_it(vm);
}

void keeper_vm_close(struct keeper_vm *vm)
{
	int i;

	qmp_close(vm->qmp);
	vm->qmp = NULL;
	for (i = 0; i < ZONE_MAX_NICS; i++)
		io_close(&vm->tap_fd[i]);
	io_close(&vm->ours);
	io_close(&vm->err_fd);
	io_close(&vm->exit_fd);
}
