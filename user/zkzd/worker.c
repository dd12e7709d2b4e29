// SPDX-License-Identifier: GPL-2.0
#include "zkzd/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "lib/request.h"
#include "migrate/commit/record.h"
#include "migrate/commit/undo.h"
#include "migrate/source/verbs.h"
#include "zkzd/dispatch.h"
#include "zkzd/service.h"
#include "zkzd/sweep.h"
#include "zone/lock.h"
#include "zone/owner.h"
#include "zone/store.h"

/* A client sends its request line at once. */
#define REQUEST_MS	10000
/* A source that is in doubt asks once a minute at least. */
#define ARRIVED_MS	120000

static int identify(struct request *rq, struct zkz_err *err)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(rq->fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return err_denied_unknown(err, errno);
	rq->uid = cred.uid;
	rq->pid = cred.pid;
	return 0;
}

static int serve(struct request *rq, struct zkz_err *err)
{
	json_t *args;

	if (identify(rq, err) ||
	    jsonl_read(rq->in, &args, deadline_in_ms(REQUEST_MS), err))
		return -1;
	/* Somebody only looked whether there is a zkzd. */
	if (!args)
		return 0;
	rq->args = args;
	return dispatch(rq, err);
}

static int run(int conn)
{
	struct jsonl in;
	struct request rq = { .fd = conn, .in = &in, .out = { .fd = conn } };
	struct zkz_err err = { 0 };
	int rc;

	jsonl_init(&in, conn);
	rc = serve(&rq, &err);
	if (rc) {
		log_note("%s%s%s by user %u failed: %s", rq.op ? rq.op : "request",
			 rq.zone ? " of zone " : "", rq.zone ? rq.zone : "",
			 (unsigned int)rq.uid, err.text);
		out_error(&rq.out, &err);
	}
	jsonl_fini(&in);
	return rc ? 1 : 0;
}

static void begin(int listen)
{
	sigset_t none;

	/* Its own session: a Ctrl-C at a foreground zkzd must not hit it. */
	setsid();
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	io_close(&listen);
	service_not_us();
}

pid_t worker_fork(int conn, int listen)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	begin(listen);
	_exit(run(conn));
}

pid_t worker_sweep(int listen, bool wait, bool files)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	begin(listen);
	sweep_all(wait);
	if (files)
		sweep_files();
	_exit(0);
}

/* Each in a process of its own: one may have to feed a guest for long, the others must not wait for it. */
static int ask_one(const char *zone, void *arg)
{
	struct zone_owner o;

	if (zone_owner_read(zone, &o, NULL) || o.kind != OWNER_IN_DOUBT)
		return 0;
	*(bool *)arg = true;
	if (!fork()) {
		signal(SIGCHLD, SIG_DFL);
		source_recover(zone);
		_exit(0);
	}
	return 0;
}

pid_t worker_ask(int listen)
{
	struct zkz_err err;
	bool doubt = false;
	pid_t pid = fork();

	if (pid)
		return pid;
	begin(listen);
	/* Nobody waits for those that it forks. */
	signal(SIGCHLD, SIG_IGN);
	if (zone_walk_known(ask_one, &doubt, &err))
		log_error("%s", err.text);
	_exit(doubt ? WORKER_IN_DOUBT : 0);
}

/**
 * struct autoboot - what is left to be booted
 * @rank:  zones of this rank are
 * @again: zones whose source may still have their guest, and want to be waited for
 * @force: it has had its time
 */
struct autoboot {
	enum zone_rank rank;
	bool again;
	bool force;
};

/*
 * A guest that was on its way when the power went: its memory may be complete on the
 * source, which asks for the zone as soon as it can reach this host.
 */
static int boot_arrived(const char *zone, struct autoboot *a, struct zkz_err *err)
{
	const struct commit_rule *rule;
	struct zone_owner o;
	struct commit c;
	int lock, rc;

	if (zone_owner_read(zone, &o, err) || o.kind != OWNER_ARRIVED)
		return 0;
	if (!a->force) {
		a->again = true;
		return 1;
	}
	lock = zone_lock(zone, deadline_in_ms(ARRIVED_MS), err);
	if (lock < 0)
		return -1;
	commit_target(&c, zone, o.migration, &o);
	rc = undo_run(zone, err) || commit_do(&c, COMMIT_TAKE_HERE, &rule, err) ? -1 : 0;
	io_close(&lock);
	return rc;
}

static int boot_one(const char *zone, void *arg)
{
	struct autoboot *a = arg;
	struct request rq = { .zone = zone, .out = { .gone = true, .fd = -1 } };
	struct zone_model z;
	struct zkz_err err = { 0 };
	int rc;

	log_zone(zone);
	if (zone_load(zone, &z, &err)) {
		log_error("%s", err.text);
		return 0;
	}
	if (!z.autoboot || z.rank != a->rank || zone_alive(zone))
		return 0;
	rc = boot_arrived(zone, a, &err);
	if (rc > 0)
		return 0;
	if (rc < 0)
		log_error("zone %s: %s", zone, err.text);
	log_note("zone %s: booting it with the host", zone);
	if (op_boot(&rq, &err))
		log_error("zone %s: %s", zone, err.text);
	return 0;
}

static void boot_all(struct autoboot *a)
{
	struct zkz_err err = { 0 };

	for (a->rank = ZONE_FIRST; a->rank < ZONE_RANKS; a->rank++) {
		if (!zone_for_each(boot_one, a, &err))
			continue;
		log_error("%s", err.text);
		_exit(1);
	}
}

pid_t worker_autoboot(int listen)
{
	struct autoboot a = { 0 };
	pid_t pid = fork();

	if (pid)
		return pid;
	begin(listen);
	boot_all(&a);
	if (a.again) {
		clock_sleep_ms(ARRIVED_MS);
		a.force = true;
		boot_all(&a);
	}
	_exit(0);
}
