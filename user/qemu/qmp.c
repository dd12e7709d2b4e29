// SPDX-License-Identifier: GPL-2.0
#include "qemu/qmp.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>

#include "lib/io.h"

/*
 * The queue is a ring of at most QMP_MAX_EVENTS; matching events are taken out
 * of the middle, which is rare and short.
 */
struct qmp {
	char *zone;
	int fd;
	struct jsonl in;
	long long next_id;
	struct qmp_event ev[QMP_MAX_EVENTS];
	unsigned int nr_ev;
};

void qmp_event_clear(struct qmp_event *ev)
{
	json_decref(ev->raw);
	memset(ev, 0, sizeof(*ev));
}

int qmp_event_parse(json_t *msg, struct qmp_event *ev)
{
	const json_t *stamp = json_object_get(msg, "timestamp");
	const char *name = json_str(msg, "event");
	long long sec = json_int(stamp, "seconds", -1);
	long long us = json_int(stamp, "microseconds", -1);

	if (!name)
		return -1;
	memset(ev, 0, sizeof(*ev));
	ev->name = name;
	ev->data = json_object_get(msg, "data");
	ev->raw = msg;
	/* QEMU says -1 when it could not read the clock: no time then. */
	if (sec >= 0 && us >= 0 && us < 1000000 && sec < (1LL << 33))
		ev->real_ns = (uint64_t)sec * NSEC_PER_SEC + (uint64_t)us * 1000;
	return 0;
}

static void remove_event(struct qmp *q, unsigned int i)
{
	q->nr_ev--;
	memmove(&q->ev[i], &q->ev[i + 1], (q->nr_ev - i) * sizeof(q->ev[0]));
}

static int keep_event(struct qmp *q, json_t *msg, struct zkz_err *err)
{
	struct qmp_event ev;

	if (qmp_event_parse(msg, &ev)) {
		json_decref(msg);
		return err_qmp_nonsense(err);
	}
	ev.seen_ns = clock_mono_ns();
	if (q->nr_ev == QMP_MAX_EVENTS) {
		qmp_event_clear(&q->ev[0]);
		remove_event(q, 0);
	}
	q->ev[q->nr_ev++] = ev;
	return 0;
}

/* Next message of any kind; end of file is a failure here. */
static json_t *next_message(struct qmp *q, deadline_t dl, struct zkz_err *err)
{
	json_t *msg;

	if (jsonl_read(&q->in, &msg, dl, err)) {
		err_qemu_monitor(err, q->zone);
		return NULL;
	}
	if (!msg)
		err_qemu_ended(err, q->zone);
	return msg;
}

/* Read messages until one is not an event; that one is returned. */
static json_t *next_answer(struct qmp *q, deadline_t dl, struct zkz_err *err)
{
	for (;;) {
		json_t *msg = next_message(q, dl, err);

		if (!msg || !json_object_get(msg, "event"))
			return msg;
		if (keep_event(q, msg, err))
			return NULL;
	}
}

static json_t *make_command(struct qmp *q, const char *cmd, json_t *args)
{
	json_t *req = json_object();

	json_object_set_new(req, "execute", json_string(cmd));
	if (args)
		json_object_set_new(req, "arguments", args);
	json_object_set_new(req, "id", json_integer(++q->next_id));
	return req;
}

static int take_answer(struct qmp *q, const char *cmd, json_t **ret,
		       deadline_t dl, struct zkz_err *err)
{
	json_t *msg, *error;
	const char *desc;

	do {
		msg = next_answer(q, dl, err);
		if (!msg)
			return err_qemu_command(err, cmd);
		/* An answer to a command whose caller gave up is dropped. */
		if (json_int(msg, "id", -1) >= q->next_id)
			break;
		json_decref(msg);
	} while (true);

	error = json_object_get(msg, "error");
	if (error) {
		desc = json_str(error, "desc");
		err_qmp(err, q->zone, cmd, desc);
		json_decref(msg);
		return -1;
	}
	if (ret)
		*ret = json_incref(json_object_get(msg, "return"));
	json_decref(msg);
	return 0;
}

int qmp_exec(struct qmp *q, const char *cmd, json_t *args, json_t **ret,
	     deadline_t dl, struct zkz_err *err)
{
	json_t *req = make_command(q, cmd, args);
	int rc;

	if (ret)
		*ret = NULL;
	rc = jsonl_write(q->fd, req, dl, err);
	json_decref(req);
	if (rc)
		return err_qemu_command(err, cmd);
	return take_answer(q, cmd, ret, dl, err);
}

static int pass_fd(struct qmp *q, int fd, const char *cmd, json_t *args, json_t **ret, deadline_t dl,
		   struct zkz_err *err)
{
	json_t *req = make_command(q, cmd, args);
	char *text = json_dumps(req, JSON_COMPACT);
	size_t len;
	int rc;

	json_decref(req);
	if (!text)
		return err_no_memory(err);
	len = strlen(text);
	text[len] = '\n';
	rc = io_send_fd(q->fd, fd, text, len + 1, dl);
	free(text);
	if (rc)
		return err_qmp_pass_fd(err, q->zone, errno);
	return take_answer(q, cmd, ret, dl, err);
}

int qmp_getfd(struct qmp *q, int fd, const char *name, deadline_t dl,
	      struct zkz_err *err)
{
	return pass_fd(q, fd, "getfd", json_pack("{s:s}", "fdname", name), NULL, dl, err);
}

int qmp_addfd(struct qmp *q, int fd, const char *name, int *set, deadline_t dl, struct zkz_err *err)
{
	json_t *ret;

	if (pass_fd(q, fd, "add-fd", json_pack("{s:s}", "opaque", name), &ret, dl, err))
		return -1;
	*set = (int)json_int(ret, "fdset-id", -1);
	json_decref(ret);
	return 0;
}

/* Return: number of the set with that name, -1 if there is none. */
static long long find_set(const json_t *sets, const char *name)
{
	json_t *set, *fd;
	size_t i, n;

	json_array_foreach(sets, i, set)
		json_array_foreach(json_object_get(set, "fds"), n, fd) {
			const char *is = json_str(fd, "opaque");

			if (is && !strcmp(is, name))
				return json_int(set, "fdset-id", -1);
		}
	return -1;
}

int qmp_dropfd(struct qmp *q, const char *name, deadline_t dl, struct zkz_err *err)
{
	long long set;
	json_t *sets;

	if (qmp_exec(q, "query-fdsets", NULL, &sets, dl, err))
		return -1;
	set = find_set(sets, name);
	json_decref(sets);
	if (set < 0)
		return 0;
	return qmp_exec(q, "remove-fd", json_pack("{s:I}", "fdset-id", (json_int_t)set), NULL, dl, err);
}

static int negotiate(struct qmp *q, deadline_t dl, struct zkz_err *err)
{
	json_t *hello = next_answer(q, dl, err);
	bool ok;

	if (!hello)
		return -1;
	ok = json_is_object(json_object_get(hello, "QMP"));
	json_decref(hello);
	if (!ok)
		return err_qmp_greeting(err);
	return qmp_exec(q, "qmp_capabilities", NULL, NULL, dl, err);
}

struct qmp *qmp_adopt(const char *zone, int fd, struct zkz_err *err)
{
	struct qmp *q = calloc(1, sizeof(*q));

	if (q)
		q->zone = strdup(zone);
	if (!q || !q->zone) {
		err_no_memory(err);
		free(q);
		io_close(&fd);
		return NULL;
	}
	q->fd = fd;
	jsonl_init(&q->in, fd);
	return q;
}

struct qmp *qmp_open_fd(const char *zone, int fd, deadline_t dl, struct zkz_err *err)
{
	struct qmp *q = qmp_adopt(zone, fd, err);

	if (q && negotiate(q, dl, err)) {
		qmp_close(q);
		return NULL;
	}
	return q;
}

struct qmp *qmp_open(const char *zone, const char *path, deadline_t dl, struct zkz_err *err)
{
	int fd = io_connect_unix(path, dl);

	if (fd < 0) {
		err_qmp_connect(err, zone, errno);
		return NULL;
	}
	return qmp_open_fd(zone, fd, dl, err);
}

void qmp_forget(struct qmp *q)
{
	while (q->nr_ev)
		qmp_event_clear(&q->ev[--q->nr_ev]);
}

void qmp_close(struct qmp *q)
{
	if (!q)
		return;
	qmp_forget(q);
	jsonl_fini(&q->in);
	io_close(&q->fd);
	free(q->zone);
	free(q);
}

bool qmp_idle(const struct qmp *q)
{
	return !q->nr_ev && !q->in.len;
}

const char *qmp_zone(const struct qmp *q)
{
	return q->zone;
}

int qmp_fd(const struct qmp *q)
{
	return q->fd;
}

bool qmp_take(struct qmp *q, struct qmp_event *ev)
{
	if (!q->nr_ev)
		return false;
	*ev = q->ev[0];
	remove_event(q, 0);
	return true;
}

static bool take_match(struct qmp *q, const char *name, qmp_match_fn match,
		       void *arg, unsigned int from, struct qmp_event *ev)
{
	unsigned int i;

	for (i = from; i < q->nr_ev; i++) {
		if (name && strcmp(q->ev[i].name, name))
			continue;
		if (match && !match(&q->ev[i], arg))
			continue;
		if (ev)
			*ev = q->ev[i];
		else
			qmp_event_clear(&q->ev[i]);
		remove_event(q, i);
		return true;
	}
	return false;
}

int qmp_wait(struct qmp *q, const char *name, qmp_match_fn match, void *arg,
	     struct qmp_event *ev, deadline_t dl, struct zkz_err *err)
{
	unsigned int from = 0;

	for (;;) {
		json_t *msg;

		if (take_match(q, name, match, arg, from, ev))
			return 0;
		msg = next_message(q, dl, err);
		if (!msg)
			return err_qemu_event(err, name ? name : "(any)");
		if (!json_object_get(msg, "event")) {
			json_decref(msg);	/* late answer, see take_answer() */
			from = q->nr_ev;
			continue;
		}
		if (keep_event(q, msg, err))
			return -1;
		from = q->nr_ev - 1;
	}
}

int qmp_pump(struct qmp *q, struct zkz_err *err)
{
	for (;;) {
		struct pollfd p = { .fd = q->fd, .events = POLLIN };
		json_t *msg;

		if (!jsonl_pending(&q->in) && poll(&p, 1, 0) <= 0)
			return 0;
		/* A line may come in pieces: wait a little for its end. */
		msg = next_message(q, deadline_in_ms(5000), err);
		if (!msg)
			return -1;
		if (!json_object_get(msg, "event"))
			json_decref(msg);
		else if (keep_event(q, msg, err))
			return -1;
	}
}
