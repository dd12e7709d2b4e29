/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One request to zkzd, as its worker process sees it. The worker runs one
 * function for it, sequentially, and exits; nothing needs to be freed.
 */
#ifndef ZKZ_LIB_REQUEST_H
#define ZKZ_LIB_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "lib/err.h"
#include "lib/jsonl.h"
#include "lib/out.h"

/**
 * struct request - what a client asked
 * @op:    verb
 * @zone:  checked zone name, or NULL
 * @args:  the whole request object
 * @out:   where answer lines go
 * @fd:    the connection, for verbs that relay bytes
 * @in:    reader of @fd; may hold bytes that came after the request line
 * @uid:   who asks, by SO_PEERCRED
 * @pid:   its process, for logs
 */
struct request {
	const char *op;
	const char *zone;
	const json_t *args;
	struct out out;
	int fd;
	struct jsonl *in;
	uid_t uid;
	pid_t pid;
};

/**
 * typedef request_fn - carries out one verb
 *
 * Return: 0 after out_result(), or -1 with @err filled; the caller writes the
 * error line then.
 */
typedef int (*request_fn)(struct request *rq, struct zkz_err *err);

#endif
