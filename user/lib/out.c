// SPDX-License-Identifier: GPL-2.0
#include "lib/out.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>

#include "lib/errjson.h"
#include "lib/io.h"
#include "lib/jsonl.h"

/* A client that does not read for this long is treated as gone. */
#define CLIENT_PATIENCE_MS	30000

static void emit(struct out *out, const char *type, json_t *obj)
{
	if (!obj || out->gone || out->ended)
		goto done;

	json_object_set_new(obj, "type", json_string(type));
	if (out->zone)
		json_object_set_new(obj, "zone", json_string(out->zone));
	if (jsonl_write(out->fd, obj, deadline_in_ms(CLIENT_PATIENCE_MS), NULL))
		out->gone = true;
done:
	json_decref(obj);
}

static json_t *with_text(json_t *obj, const char *fmt, va_list ap)
{
	char text[1024];

	if (!obj)
		obj = json_object();
	vsnprintf(text, sizeof(text), fmt, ap);
	json_object_set_new(obj, "text", json_text(text));
	return obj;
}

void out_step(struct out *out, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(out, "step", with_text(NULL, fmt, ap));
	va_end(ap);
}

void out_warning(struct out *out, const struct zkz_err *err)
{
	emit(out, "warning", err_to_json(err));
}

/*
 * Nobody waits for a client to see its progress. poll(2) calls a unix socket
 * writable while a quarter of its buffer is full at most, so the rest stays
 * free for lines that matter: those of a migration fit in, its guest is not
 * kept waiting by a client that is stopped, and the result is there when the
 * client goes on.
 */
void out_progress(struct out *out, json_t *fields)
{
	if (!out->gone && io_wait(out->fd, POLLOUT, deadline_in_ms(0)) < 0)
		json_decref(fields);
	else
		emit(out, "progress", fields);
}

void out_item(struct out *out, json_t *fields)
{
	emit(out, "item", fields);
}

void out_result(struct out *out, json_t *fields, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(out, "result", with_text(fields, fmt, ap));
	va_end(ap);
	out->ended = true;
}

void out_error(struct out *out, const struct zkz_err *err)
{
	emit(out, "error", err_to_json(err));
	out->ended = true;
}
