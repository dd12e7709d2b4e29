/* SPDX-License-Identifier: GPL-2.0 */
/*
 * JSON, one object a line (NDJSON): what zkz, zkzd, keepers and QMP speak.
 * Input is hostile: a line is bounded, must be UTF-8 and one JSON object.
 */
#ifndef ZKZ_LIB_JSONL_H
#define ZKZ_LIB_JSONL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/clock.h"
#include "lib/err.h"

#define JSONL_MAX_LINE	(1024 * 1024)

/**
 * struct jsonl - reader of one descriptor
 * @fd:   not owned
 * @buf:  bytes that were read and not yet used
 * @len:  how many
 * @scan: how many of them are known to hold no line end
 * @cap:  size of @buf, at most JSONL_MAX_LINE
 */
struct jsonl {
	int fd;
	char *buf;
	size_t len;
	size_t scan;
	size_t cap;
};

/** jsonl_init() - start reading @fd, which the caller keeps */
void jsonl_init(struct jsonl *j, int fd);

/** jsonl_fini() - free the buffer */
void jsonl_fini(struct jsonl *j);

/** jsonl_pending() - true if a whole line is buffered (poll(2) cannot tell) */
bool jsonl_pending(const struct jsonl *j);

/**
 * jsonl_read() - next object
 * @j:   reader
 * @obj: the object (a new reference), or NULL at end of file
 * @dl:  deadline
 * @err: filled on failure; ERR_TIMEOUT if there was no line in time
 *
 * A last line without line end counts as cut off, hence a failure.
 */
int jsonl_read(struct jsonl *j, json_t **obj, deadline_t dl, struct zkz_err *err);

/**
 * jsonl_parse() - parse from memory instead of a descriptor
 * @line: text without line end
 * @len:  its length
 * @err:  filled on failure
 *
 * Pure. Return: new reference or NULL.
 */
json_t *jsonl_parse(const char *line, size_t len, struct zkz_err *err);

/** jsonl_write() - write one object and a line end; @obj is not consumed */
int jsonl_write(int fd, const json_t *obj, deadline_t dl, struct zkz_err *err);

/** json_str() - string member @key, or NULL if absent or of another type */
const char *json_str(const json_t *obj, const char *key);

/** json_int() - integer member @key, or @dflt if absent or of another type */
long long json_int(const json_t *obj, const char *key, long long dflt);

/**
 * json_text() - any text as a JSON string (a new reference)
 *
 * JSON carries UTF-8 only, but words of QEMU, of a peer or of a file name may
 * be anything, or be cut in the middle of a letter. Rather than lose the whole
 * sentence, a text that is not UTF-8 gets '?' for every byte above ASCII.
 */
json_t *json_text(const char *text);

/** json_bool() - boolean member @key, or @dflt */
bool json_bool(const json_t *obj, const char *key, bool dflt);

#endif
