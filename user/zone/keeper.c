// SPDX-License-Identifier: GPL-2.0
#include "zone/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/errjson.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/spawn.h"
#include "zone/lock.h"
#include "zone/paths.h"

#define END_MS		10000

int keeper_heard(const char *zone, const char *op, json_t *answer, json_t **ret, struct zkz_err *err)
{
	struct zkz_err why = { 0 };
	const char *type;

	if (!answer)
		return err_keeper(err, zone);
	type = json_str(answer, "type");
	if (type && type[0] == 'r') {
		if (ret)
			*ret = answer;
		else
			json_decref(answer);
		return 0;
	}
	err_from_json(&why, answer, NULL);
	json_decref(answer);
	if (op && err_is(&why, ERR_KEEPER_OPERATION))
		return err_keeper_old(err, zone, op);
	if (err)
		*err = why;
	return -1;
}

static int read_answer(const char *zone, const char *op, int fd, json_t **ret, deadline_t dl,
		       struct zkz_err *err)
{
	struct jsonl in;
	json_t *answer;
	int rc;

	jsonl_init(&in, fd);
	rc = jsonl_read(&in, &answer, dl, err);
	jsonl_fini(&in);
	if (rc)
		return err_keeper_of(err, zone);
	return keeper_heard(zone, op, answer, ret, err);
}

int keeper_start(const char *zone, enum keeper_mode mode, const char *machine, deadline_t dl,
		 struct zkz_err *err)
{
	char *argv[] = {
		KEEPER_PROGRAM, (char *)zone,
		(char *)(mode == KEEPER_INCOMING ? "incoming" : "boot"), (char *)machine, NULL,
	};
	struct spawn how = { .argv = argv, .fd = { -1, -1, 2 }, .setsid = 1 };
	int p[2];
	pid_t pid;
	int rc;

	/* The keeper says on its standard output how the start went. */
	if (pipe2(p, O_CLOEXEC))
		return err_system_call(err, "pipe", errno);
	how.fd[1] = p[1];
	pid = spawn_start(&how, err);
	close(p[1]);
	if (pid < 0) {
		close(p[0]);
		return -1;
	}

	rc = read_answer(zone, NULL, p[0], NULL, dl, err);
	close(p[0]);
	/* It cleans up when told to stop; give it the time to. */
	if (rc)
		spawn_kill(pid, 20000);
	return rc;
}

/* Until the keeper has something to say, or @client has hung up. */
static int wait_for_answer(int fd, int client, deadline_t dl, struct zkz_err *err)
{
	struct pollfd p[2] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = client },	/* POLLHUP comes unasked */
	};

	while (deadline_left_ms(dl)) {
		poll(p, 2, deadline_left_ms(dl));
		if (p[0].revents)
			return 0;
		if (p[1].revents)
			return err_client_gone(err);
	}
	return 0;	/* reading says that it is too late */
}

/* Why nobody listens, by errno. */
static int no_keeper(const char *zone, struct zkz_err *err)
{
	if (errno == ENOENT || errno == ECONNREFUSED)
		return err_zone_not_running(err, zone);
	return err_keeper_connect(err, zone, errno);
}

int keeper_call(const char *zone, const char *op, json_t *args, json_t **ret,
		deadline_t dl, struct zkz_err *err)
{
	return keeper_call_for(-1, zone, op, args, ret, dl, err);
}

int keeper_call_for(int client, const char *zone, const char *op, json_t *args, json_t **ret,
		    deadline_t dl, struct zkz_err *err)
{
	json_t *req = args ? args : json_object();
	char path[ZONE_PATH_MAX];
	int fd, rc;

	if (ret)
		*ret = NULL;
	json_object_set_new(req, "op", json_string(op));
	fd = io_connect_unix(zone_path(ZF_KEEPER, zone, path), dl);
	if (fd < 0) {
		json_decref(req);
		return no_keeper(zone, err);
	}
	rc = jsonl_write(fd, req, dl, err);
	json_decref(req);
	if (!rc)
		rc = wait_for_answer(fd, client, dl, err);
	if (!rc)
		rc = read_answer(zone, op, fd, ret, dl, err);
	io_close(&fd);
	return rc;
}

int keeper_ask(const char *zone, int fd, json_t *req, json_t **ret, deadline_t dl, struct zkz_err *err)
{
	char op[32];
	json_t *ans = NULL;
	struct jsonl in;
	int rc;

	snprintf(op, sizeof(op), "%s", json_str(req, "op"));
	jsonl_init(&in, fd);
	rc = jsonl_write(fd, req, dl, err);
	if (!rc)
		rc = jsonl_read(&in, &ans, dl, err);
	else if (!jsonl_read(&in, &ans, dl, NULL) && ans)
		rc = 0;
	jsonl_fini(&in);
	json_decref(req);
	return rc ? err_keeper_of(err, zone) : keeper_heard(zone, op, ans, ret, err);
}

int keeper_hold(const char *zone, json_t *req, json_t **ret, deadline_t dl, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	int fd = io_connect_unix(zone_path(ZF_KEEPER, zone, path), dl);

	if (fd < 0) {
		json_decref(req);
		return no_keeper(zone, err);
	}
	if (keeper_ask(zone, fd, req, ret, dl, err))
		io_close(&fd);
	return fd;
}

bool keeper_end_start(const char *zone)
{
	deadline_t dl = deadline_in_ms(END_MS);
	pid_t pid = zone_alive_keeper(zone);
	char path[ZONE_PATH_MAX];
	int fd = pid ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	bool gone = false;

	/* It writes the state when all is up. The number is its own as long as it holds the mark. */
	if (fd >= 0 && zone_alive_keeper(zone) == pid && access(zone_path(ZF_STATE, zone, path), F_OK)) {
		syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
		while (zone_alive(zone) && deadline_left_ms(dl))
			clock_sleep_ms(50);
		gone = !zone_alive(zone);
	}
	io_close(&fd);
	return gone;
}
