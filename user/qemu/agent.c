// SPDX-License-Identifier: GPL-2.0
#include "qemu/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "zone/paths.h"

/* No text has this byte: what follows it is an answer to our question, whatever was there before. */
#define DELIMITER	0xff
/* A guest that is alive answers within that; it refuses a shutdown within that, or it takes place. */
#define SHUTDOWN_MS	5000

static int silent(const struct agent *a, struct zkz_err *err)
{
	return errno == ECANCELED ? err_cancelled(err) : err_agent_silent(err, a->zone);
}

/* More bytes. */
static int fill(struct agent *a, deadline_t dl, struct zkz_err *err)
{
	ssize_t n;

	if (a->cap - a->len < 4096) {
		size_t cap = a->cap ? 2 * a->cap : 65536;
		char *buf = cap <= AGENT_MAX_ANSWER ? realloc(a->buf, cap) : NULL;

		if (!buf)
			return err_agent_long(err, a->zone, AGENT_MAX_ANSWER >> 20);
		a->buf = buf;
		a->cap = cap;
	}
	if (io_wait_watched(a->fd, POLLIN, a->watch, dl))
		return silent(a, err);
	n = read(a->fd, a->buf + a->len, a->cap - a->len);
	if (n <= 0) {
		errno = n ? errno : ECONNRESET;
		return silent(a, err);
	}
	a->len += (size_t)n;
	return 0;
}

static void drop(struct agent *a, size_t len)
{
	a->len -= len;
	memmove(a->buf, a->buf + len, a->len);
}

static int skip_to_delimiter(struct agent *a, deadline_t dl, struct zkz_err *err)
{
	for (;;) {
		char *at = a->len ? memchr(a->buf, DELIMITER, a->len) : NULL;

		if (at) {
			drop(a, (size_t)(at - a->buf) + 1);
			return 0;
		}
		a->len = 0;
		if (fill(a, dl, err))
			return -1;
	}
}

/* The next line that is not empty; NULL with @err. */
static json_t *read_line(struct agent *a, deadline_t dl, struct zkz_err *err)
{
	size_t seen = 0;

	for (;;) {
		char *end = a->len > seen ? memchr(a->buf + seen, '\n', a->len - seen) : NULL;
		size_t len = end ? (size_t)(end - a->buf) : 0;
		json_t *obj;

		if (!end) {
			seen = a->len;
			if (fill(a, dl, err))
				return NULL;
			continue;
		}
		obj = len ? jsonl_parse(a->buf, len, err) : NULL;
		drop(a, len + 1);
		seen = 0;
		if (obj || len)
			return obj;
	}
}

static int say(const struct agent *a, const char *before, const char *name, json_t *args, deadline_t dl,
	       struct zkz_err *err)
{
	json_t *req = json_pack("{s:s}", "execute", name);
	char *text;
	int rc;

	if (args)
		json_object_set_new(req, "arguments", args);
	text = json_dumps(req, JSON_COMPACT);
	json_decref(req);
	if (!text)
		return err_no_memory(err);
	rc = io_write_full(a->fd, before, strlen(before), dl) || io_write_full(a->fd, text, strlen(text), dl) ||
	     io_write_full(a->fd, "\n", 1, dl) ? silent(a, err) : 0;
	free(text);
	return rc;
}

static int answer(struct agent *a, json_t **ret, deadline_t dl, struct zkz_err *err)
{
	json_t *obj = read_line(a, dl, err);
	const char *desc;

	if (!obj)
		return -1;
	*ret = json_incref(json_object_get(obj, "return"));
	desc = json_str(json_object_get(obj, "error"), "desc");
	if (!*ret)
		err_agent_says(err, a->zone, desc ? desc : "");
	json_decref(obj);
	return *ret ? 0 : -1;
}

/* The delimiter before it ends whatever an earlier client had begun to say. */
static int synchronize(struct agent *a, deadline_t dl, struct zkz_err *err)
{
	json_int_t id = (json_int_t)(clock_mono_ns() & 0x7fffffff);
	json_t *ret;
	int rc;

	if (say(a, "\xff", "guest-sync-delimited", json_pack("{s:I}", "id", id), dl, err) ||
	    skip_to_delimiter(a, dl, err) || answer(a, &ret, dl, err))
		return -1;
	rc = json_integer_value(ret) == id ? 0 : err_agent_silent(err, a->zone);
	json_decref(ret);
	return rc;
}

static int take_lock(struct agent *a, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];

	a->lock = open(zone_path(ZF_AGENT_LOCK, a->zone, path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (a->lock < 0)
		return err_file_open(err, path, errno);
	return flock(a->lock, LOCK_EX | LOCK_NB) ? err_agent_busy(err, a->zone) : 0;
}

int agent_open(struct agent *a, const char *zone, int watch, deadline_t dl, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];

	*a = (struct agent){ .zone = zone, .fd = -1, .watch = watch };
	if (take_lock(a, err))
		return -1;
	a->fd = io_connect_unix(zone_path(ZF_AGENT, zone, path), dl);
	return a->fd < 0 ? silent(a, err) : synchronize(a, dl, err);
}

int agent_call(struct agent *a, const char *name, json_t *args, json_t **ret, deadline_t dl, struct zkz_err *err)
{
	*ret = NULL;
	return say(a, "", name, args, dl, err) ? -1 : answer(a, ret, dl, err);
}

void agent_shutdown(const char *zone)
{
	deadline_t dl = deadline_in_ms(SHUTDOWN_MS);
	struct zkz_err err = { 0 };
	struct agent a;
	json_t *ret;

	if (!agent_open(&a, zone, -1, dl, &err) &&
	    !agent_call(&a, "guest-shutdown", json_pack("{s:s}", "mode", "powerdown"), &ret, dl, &err))
		json_decref(ret);
	if (err.id && !err_is(&err, ERR_AGENT_SILENT))
		log_note("zone %s: %s", zone, err.text);
	agent_close(&a);
}

void agent_close(struct agent *a)
{
	io_close(&a->fd);
	io_close(&a->lock);
	free(a->buf);
	a->buf = NULL;
}
