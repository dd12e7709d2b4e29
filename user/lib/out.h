/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Answer lines of zkzd to a client. Any number of step, progress, item and
 * warning lines, then exactly one result or error line. A client that has gone
 * away is remembered in out->gone; nothing is written any more, and long
 * operations look at it to know that nobody waits.
 */
#ifndef ZKZ_LIB_OUT_H
#define ZKZ_LIB_OUT_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/err.h"

/**
 * struct out - one conversation
 * @fd:    socket, not owned
 * @zone:  name added to every line, or NULL
 * @gone:  the client has hung up
 * @ended: result or error was written
 */
struct out {
	int fd;
	const char *zone;
	bool gone;
	bool ended;
};

/** out_step() - "Attaching zone." A step that begins now. */
void out_step(struct out *out, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** out_warning() - something the user should know, not a failure: an entry of the severity "warning" */
void out_warning(struct out *out, const struct zkz_err *err);

/** out_progress() - a progress object, dropped if the client is slow; consumes @fields */
void out_progress(struct out *out, json_t *fields);

/** out_item() - one row of a list; consumes @fields */
void out_item(struct out *out, json_t *fields);

/** out_result() - success, the last line; consumes @fields (may be NULL) */
void out_result(struct out *out, json_t *fields, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** out_error() - failure, the last line */
void out_error(struct out *out, const struct zkz_err *err);

#endif
