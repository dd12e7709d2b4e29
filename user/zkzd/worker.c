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
#include "zkzd/dispatch.h"
#include "zkzd/sweep.h"
#include "zone/store.h"

/* A client sends its request line at once. */
#define REQUEST_MS	10000

static int identify(struct request *rq, struct zkz_err *err)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(rq->fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return err_errno(err, ERR_DENIED, errno, "Cannot tell who is asking");
	rq->uid = cred.uid;
	rq->pid = cred.pid;
	/*
	 * Others than root get this far only by the group of the socket file,
	 * which may look but not touch.
	 */
	rq->admin = cred.uid == 0;
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

static int boot_one(const char *zone, void *arg)
{
	struct request rq = { .zone = zone, .out = { .gone = true, .fd = -1 } };
	struct zone_model z;
	struct zkz_err err;

	(void)arg;
	if (zone_load(zone, &z, &err)) {
		log_error("%s", err.text);
		return 0;
	}
	if (!z.autoboot)
		return 0;
	log_note("zone %s: booting it with the host", zone);
	if (op_boot(&rq, &err))
		log_error("zone %s: %s", zone, err.text);
	return 0;
}

pid_t worker_autoboot(int listen)
{
	struct zkz_err err;
	pid_t pid = fork();

	if (pid)
		return pid;
	begin(listen);
	if (zone_for_each(boot_one, NULL, &err)) {
		log_error("%s", err.text);
		_exit(1);
	}
	_exit(0);
}
