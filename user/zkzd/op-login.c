// SPDX-License-Identifier: GPL-2.0
/* The verb that runs a command in a guest, by the agent that the guest runs. */
#include <errno.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/io.h"
#include "qemu/agent.h"
#include "zkzd/dispatch.h"
#include "zone/state.h"
#include "zone/store.h"

#define OPEN_MS		10000
#define CALL_MS		30000
/* How often it is asked whether the command has ended: soon at first, and then not so often. */
#define FIRST_MS	20
#define OFTEN_MS	500
#define MAX_SECONDS	86400
/* Of base64 in a line of the answer; a multiple of four. */
#define PIECE		(512 * 1024)

/* {"command": ["uname", "-a"], "input": base64} */
static json_t *exec_args(const struct request *rq, struct zkz_err *err)
{
	const json_t *command = json_object_get(rq->args, "command"), *word;
	const char *input = json_str(rq->args, "input");
	json_t *rest = json_array(), *args;
	size_t i;

	json_array_foreach(command, i, word) {
		if (!json_is_string(word)) {
			json_decref(rest);
			err_usage_command(err);
			return NULL;
		}
		if (i)
			json_array_append(rest, (json_t *)word);
	}
	if (!json_array_size(command)) {
		json_decref(rest);
		err_usage_command(err);
		return NULL;
	}
	args = json_pack("{s:O, s:o, s:b}", "path", json_array_get(command, 0), "arg", rest, "capture-output", 1);
	if (input)
		json_object_set_new(args, "input-data", json_string(input));
	return args;
}

static void send_stream(struct request *rq, const char *stream, const char *data)
{
	size_t len = data ? strlen(data) : 0, n;

	for (; len; len -= n, data += n) {
		n = len < PIECE ? len : PIECE;
		out_item(&rq->out, json_pack("{s:s, s:s#}", "stream", stream, "data", data, n));
	}
}

static void warn_cut(struct request *rq, const json_t *st)
{
	struct zkz_err warning = { 0 };

	if (!json_bool(st, "out-truncated", false) && !json_bool(st, "err-truncated", false))
		return;
	err_agent_cut(&warning, rq->zone);
	out_warning(&rq->out, &warning);
}

/* Return: 1 if it has ended, 0 if not, -1. */
static int look(struct request *rq, struct agent *a, json_int_t pid, int *status, struct zkz_err *err)
{
	json_t *st;
	int rc;

	if (agent_call(a, "guest-exec-status", json_pack("{s:I}", "pid", pid), &st, deadline_in_ms(CALL_MS), err))
		return -1;
	rc = json_bool(st, "exited", false);
	if (rc) {
		send_stream(rq, "out", json_str(st, "out-data"));
		send_stream(rq, "err", json_str(st, "err-data"));
		warn_cut(rq, st);
		*status = json_object_get(st, "signal") ? 128 + (int)(json_int(st, "signal", 0) & 127) :
			(int)(json_int(st, "exitcode", 0) & 255);
	}
	json_decref(st);
	return rc;
}

static int wait_for_end(struct request *rq, struct agent *a, json_int_t pid, deadline_t dl, int *status,
			struct zkz_err *err)
{
	unsigned int ms = FIRST_MS;
	int rc;

	while (!(rc = look(rq, a, pid, status, err))) {
		if (!deadline_left_ms(dl))
			return err_agent_slow(err, rq->zone, (uint64_t)pid);
		/* Whoever asked may have gone. */
		if (io_wait_watched(-1, 0, rq->fd, deadline_in_ms(ms)) && errno == ECANCELED)
			return err_cancelled(err);
		ms = ms * 2 < OFTEN_MS ? ms * 2 : OFTEN_MS;
	}
	return rc < 0 ? -1 : 0;
}

static int run(struct request *rq, struct agent *a, int *status, struct zkz_err *err)
{
	long long seconds = json_int(rq->args, "timeout-s", MAX_SECONDS);
	json_t *args = exec_args(rq, err), *ret;
	json_int_t pid;

	if (!args || agent_open(a, rq->zone, rq->fd, deadline_in_ms(OPEN_MS), err)) {
		json_decref(args);
		return -1;
	}
	if (seconds < 1 || seconds > MAX_SECONDS) {
		json_decref(args);
		return err_usage_range(err, "-t", 1, MAX_SECONDS, ERR_UNIT_SECONDS);
	}
	if (agent_call(a, "guest-exec", args, &ret, deadline_in_ms(CALL_MS), err))
		return -1;
	pid = json_int(ret, "pid", -1);
	json_decref(ret);
	return wait_for_end(rq, a, pid, deadline_in_ms((uint64_t)seconds * 1000), status, err);
}

int op_login(struct request *rq, struct zkz_err *err)
{
	struct agent a = { .fd = -1, .lock = -1 };
	struct zone_status st;
	struct zone_model z;
	int status = 0, rc;

	if (zone_status_read(rq->zone, &st, err))
		return -1;
	if (st.state != ZONE_RUNNING)
		return err_zone_not_running(err, rq->zone);
	if (zone_load_running(rq->zone, &z, err))
		return -1;
	if (!z.agent)
		return err_agent_none(err, rq->zone);
	rc = run(rq, &a, &status, err);
	agent_close(&a);
	if (!rc)
		out_result(&rq->out, json_pack("{s:i}", "exit", status), "The command has ended.");
	return rc;
}
