// SPDX-License-Identifier: GPL-2.0
/*
 * zkzd: accepts clients on a unix socket and serves each in a process of its
 * own. It keeps nothing in memory that matters: zones belong to their keepers,
 * and state is in files, so it can be restarted at any time.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/genl.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/io.h"
#include "lib/log.h"
#include "lib/out.h"
#include "zkzd/clients.h"
#include "zkzd/listen.h"
#include "zkzd/service.h"
#include "zkzd/sweep.h"
#include "zkzd/worker.h"
#include "zone/hostid.h"
#include "zone/memfs.h"
#include "zone/paths.h"

/* How soon the memory of a zone whose keeper was killed is given back. */
#define SWEEP_MS	10000
/* Who owns a zone that is in doubt is asked so often: at first, and when its host has been silent for long. */
#define ASK_FIRST_MS	2000
#define ASK_LAST_MS	60000
/* A day. */
#define FILES_MS	(24ULL * 3600 * 1000)
/* Exists from the first start after the host has booted. */
#define BOOTED_MARK	ZKZ_RUN_DIR "/booted"

static const char usage[] =
	"usage: zkzd [--foreground] [--debug] | --new-host-id\n"
	"\n"
	"Serves zkz(8) on " ZKZ_SOCKET ".\n"
	"  --foreground  stay in the foreground, log to standard error or the journal\n"
	"  --debug       log more\n"
	"  --new-host-id give this host an identity, if it has none, and end: part of\n"
	"                an installation\n"
	"  --help        show this text\n"
	"  --version     show the version\n"
	"Without --foreground zkzd goes to the background and logs to\n"
	ZKZ_LOG_DIR "/zkzd.log. With systemd use --foreground.\n";

/**
 * struct daemon - all that zkzd knows
 * @listen_fd: where clients connect
 * @signal_fd: SIGTERM, SIGINT and SIGCHLD
 * @clients:   processes that serve a request
 * @sweeper:   process that sweeps, 0 if none does
 * @sweep_at:  when the next one is due
 * @files_at:  when one is due that looks at old files as well
 * @asker:     process that asks about zones in doubt, 0 if none does
 * @ask_at:    when the next one is due
 * @ask_ms:    how long it waits while the same zones stay in doubt, 0 if none is
 * @killed:    it has to wait for keepers that a killed worker left
 * @stop:      end the loop
 */
struct daemon {
	int listen_fd;
	int signal_fd;
	struct clients clients;
	pid_t sweeper;
	deadline_t sweep_at;
	deadline_t files_at;
	pid_t asker;
	deadline_t ask_at;
	unsigned int ask_ms;
	bool killed;
	bool stop;
};

static int go_background(struct zkz_err *err)
{
	int fd;

	if (file_mkdirs(ZKZ_LOG_DIR, 0755, err))
		return -1;
	fd = open(ZKZ_LOG_DIR "/zkzd.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	if (fd < 0)
		return err_file_open(err, ZKZ_LOG_DIR "/zkzd.log", errno);
	if (daemon(0, 1))
		return err_daemon_background(err, errno);
	dup2(fd, 2);
	io_close(&fd);
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd >= 0) {
		dup2(fd, 0);
		dup2(fd, 1);
		io_close(&fd);
	}
	return 0;
}

static int watch_signals(struct zkz_err *err)
{
	sigset_t set;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return err_system_call(err, "signalfd", errno);
	return fd;
}

/* Soon again after something was in doubt, and less and less soon while it stays so. */
static void asked(struct daemon *d, int status)
{
	bool doubt = WIFEXITED(status) && WEXITSTATUS(status) == WORKER_IN_DOUBT;

	d->asker = 0;
	if (doubt)
		d->ask_ms = !d->ask_ms ? ASK_FIRST_MS : d->ask_ms < ASK_LAST_MS / 2 ? 2 * d->ask_ms : ASK_LAST_MS;
	else
		d->ask_ms = 0;
	d->ask_at = deadline_in_ms(doubt ? d->ask_ms : SWEEP_MS);
}

static void ask_if_due(struct daemon *d)
{
	if (d->asker || deadline_left_ms(d->ask_at))
		return;
	d->asker = worker_ask(d->listen_fd);
	if (d->asker > 0)
		return;
	log_error("cannot fork: %s", strerror(errno));
	d->asker = 0;
	d->ask_at = deadline_in_ms(ASK_LAST_MS);
}

/* When poll(2) is to come back for what the clock wants; the end of a process wakes it by itself. */
static int next_ms(const struct daemon *d)
{
	deadline_t next = d->sweeper ? DEADLINE_NONE : d->sweep_at;

	if (!d->asker && d->ask_at < next)
		next = d->ask_at;
	return deadline_left_ms(next);
}

static void reap(struct daemon *d)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == d->sweeper) {
			d->sweeper = 0;
			continue;
		}
		if (pid == d->asker) {
			asked(d, status);
			continue;
		}
		clients_gone(&d->clients, pid);
		if (WIFSIGNALED(status)) {
			log_error("worker %d was killed by signal %d", (int)pid,
				  WTERMSIG(status));
			d->killed = true;
			d->ask_at = deadline_in_ms(0);
		}
	}
}

/* By the clock, however busy clients keep us, and at once after a worker was killed. */
static void sweep_if_due(struct daemon *d)
{
	bool files = !deadline_left_ms(d->files_at);

	if (d->sweeper || (!d->killed && deadline_left_ms(d->sweep_at)))
		return;
	d->sweeper = worker_sweep(d->listen_fd, d->killed, files);
	if (d->sweeper < 0) {
		log_error("cannot fork: %s", strerror(errno));
		d->sweeper = 0;
	}
	d->killed = false;
	d->sweep_at = deadline_in_ms(SWEEP_MS);
	if (files)
		d->files_at = deadline_in_ms(FILES_MS);
}

static void on_signal(struct daemon *d)
{
	struct signalfd_siginfo si;

	while (read(d->signal_fd, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo != SIGCHLD)
			d->stop = true;
	}
	reap(d);
}

static int start_worker(struct daemon *d, int conn, struct zkz_err *err)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	pid_t pid;

	if (getsockopt(conn, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return err_denied_unknown(err, errno);
	if (clients_admit(&d->clients, cred.uid, err))
		return -1;
	pid = worker_fork(conn, d->listen_fd);
	if (pid < 0)
		return err_system_call(err, "fork", errno);
	clients_add(&d->clients, pid, cred.uid);
	return 0;
}

static void on_client(struct daemon *d)
{
	int conn = io_accept(d->listen_fd, deadline_in_ms(0));
	struct out out = { .fd = conn };
	struct zkz_err err;

	if (conn < 0)
		return;
	if (start_worker(d, conn, &err)) {
		log_warn("a client is turned away: %s", err.text);
		/* Nothing was written to it yet, so this does not wait. */
		out_error(&out, &err);
	}
	io_close(&conn);
}

static void first_start(struct daemon *d)
{
	int fd = open(BOOTED_MARK, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return;
	io_close(&fd);
	worker_autoboot(d->listen_fd);
}

static void loop(struct daemon *d)
{
	while (!d->stop) {
		struct pollfd p[] = {
			{ .fd = d->signal_fd, .events = POLLIN },
			{ .fd = d->listen_fd, .events = POLLIN },
		};

		service_serves(d->clients.nr);
		if (poll(p, 2, next_ms(d)) < 0 && errno != EINTR) {
			log_error("poll: %s", strerror(errno));
			return;
		}
		if (p[0].revents)
			on_signal(d);
		if (p[1].revents && !d->stop)
			on_client(d);
		sweep_if_due(d);
		ask_if_due(d);
	}
}

/* A zone runs on the module that it was booted on, whatever zkzd is; if that is too old for a move, better said now. */
static void check_module(void)
{
	struct zkz_err err = { 0 };
	struct genl *g = genl_open(&err);

	if (!g)
		log_warn("%s. %s Zones cannot be moved until then.", err.text, err.remedy);
	genl_close(g);
}

static int serve(bool foreground, enum log_level level, struct zkz_err *err)
{
	struct daemon d = { .listen_fd = -1, .signal_fd = -1 };
	bool made;

	d.listen_fd = listen_open(&made, err);
	if (d.listen_fd < 0)
		return -1;
	if (!foreground && go_background(err))
		return -1;
	log_init("zkzd", 2, level);
	d.signal_fd = watch_signals(err);
	if (d.signal_fd < 0)
		return -1;

	if (memfs_mount(err))
		log_warn("%s. %s Zones cannot be booted until then.", err->text, err->remedy);
	else
		check_module();
	sweep_modes();
	sweep_all(false);
	d.sweep_at = deadline_in_ms(SWEEP_MS);
	d.files_at = d.sweep_at;
	d.ask_at = deadline_in_ms(0);
	first_start(&d);
	log_note("ready");
	service_ready();
	loop(&d);

	service_stopping();
	/* Requests under way are processes of their own and go on. */
	log_note("stopping, %u requests still under way", d.clients.nr);
	if (made)
		unlink(ZKZ_SOCKET);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "foreground", no_argument, NULL, 'f' },
		{ "debug", no_argument, NULL, 'd' },
		{ "new-host-id", no_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	enum log_level level = LOG_NOTE;
	struct zkz_err err = { 0 };
	bool foreground = false, identify = false;
	int c;

	while ((c = getopt_long(argc, argv, "fh", options, NULL)) != -1) {
		switch (c) {
		case 'f':
			foreground = true;
			break;
		case 'd':
			level = LOG_DEBUG;
			break;
		case 'n':
			identify = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		case 'V':
			puts("zkzd " ZKZ_VERSION);
			return 0;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (optind != argc) {
		fputs(usage, stderr);
		return 2;
	}

	umask(0022);
	if (identify ? hostid_make(&err) : serve(foreground, level, &err)) {
		fprintf(stderr, "zkzd: %s.%s%s\n", err.text, err.remedy[0] ? " " : "", err.remedy);
		return 1;
	}
	return 0;
}
