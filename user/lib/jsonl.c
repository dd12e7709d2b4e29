// SPDX-License-Identifier: GPL-2.0
#include "lib/jsonl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/io.h"

void jsonl_init(struct jsonl *j, int fd)
{
	memset(j, 0, sizeof(*j));
	j->fd = fd;
}

void jsonl_fini(struct jsonl *j)
{
	free(j->buf);
	j->buf = NULL;
	j->len = j->scan = j->cap = 0;
}

static char *find_line_end(const struct jsonl *j)
{
	if (j->len == j->scan)
		return NULL;
	return memchr(j->buf + j->scan, '\n', j->len - j->scan);
}

bool jsonl_pending(const struct jsonl *j)
{
	return find_line_end(j) != NULL;
}

json_t *jsonl_parse(const char *line, size_t len, struct zkz_err *err)
{
	json_error_t je;
	json_t *obj;

	if (len && line[len - 1] == '\r')
		len--;
	obj = json_loadb(line, len, JSON_REJECT_DUPLICATES, &je);
	if (!obj) {
		err_json_malformed(err, je.column, je.text);
		return NULL;
	}
	if (!json_is_object(obj)) {
		json_decref(obj);
		err_json_no_object(err);
		return NULL;
	}
	return obj;
}

static int grow(struct jsonl *j, struct zkz_err *err)
{
	size_t cap = j->cap ? j->cap * 2 : 4096;
	char *buf;

	if (j->len < j->cap)
		return 0;
	if (cap > JSONL_MAX_LINE)
		return err_message_long(err, JSONL_MAX_LINE);
	buf = realloc(j->buf, cap);
	if (!buf)
		return err_no_memory(err);
	j->buf = buf;
	j->cap = cap;
	return 0;
}

static int take_line(struct jsonl *j, char *end, json_t **obj, struct zkz_err *err)
{
	size_t used = (size_t)(end - j->buf) + 1;

	*obj = jsonl_parse(j->buf, used - 1, err);
	memmove(j->buf, j->buf + used, j->len - used);
	j->len -= used;
	j->scan = 0;
	return *obj ? 0 : -1;
}

int jsonl_read(struct jsonl *j, json_t **obj, deadline_t dl, struct zkz_err *err)
{
	*obj = NULL;
	for (;;) {
		char *end = find_line_end(j);
		ssize_t n;

		if (end)
			return take_line(j, end, obj, err);
		j->scan = j->len;
		if (grow(j, err))
			return -1;

		n = io_read(j->fd, j->buf + j->len, j->cap - j->len, dl);
		if (n < 0)
			return errno == ETIMEDOUT ? err_timeout(err) : err_connection_read(err, errno);
		if (n == 0) {
			if (j->len)
				return err_message_cut_off(err);
			return 0;
		}
		j->len += (size_t)n;
	}
}

int jsonl_write(int fd, const json_t *obj, deadline_t dl, struct zkz_err *err)
{
	char *text = json_dumps(obj, JSON_COMPACT);
	size_t len;
	int rc;

	if (!text)
		return err_no_memory(err);
	len = strlen(text);
	/* The terminating NUL makes room for the line end. */
	text[len] = '\n';
	rc = io_write_full(fd, text, len + 1, dl);
	if (rc && errno == ETIMEDOUT)
		err_timeout(err);
	else if (rc)
		err_connection_write(err, errno);
	free(text);
	return rc;
}

const char *json_str(const json_t *obj, const char *key)
{
	return json_string_value(json_object_get(obj, key));
}

long long json_int(const json_t *obj, const char *key, long long dflt)
{
	const json_t *v = json_object_get(obj, key);

	return json_is_integer(v) ? json_integer_value(v) : dflt;
}

json_t *json_text(const char *text)
{
	json_t *str = json_string(text);
	char *copy, *c;

	if (str)
		return str;
	copy = strdup(text);
	for (c = copy; c && *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	str = json_string(copy);
	free(copy);
	return str;
}

bool json_bool(const json_t *obj, const char *key, bool dflt)
{
	const json_t *v = json_object_get(obj, key);

	return json_is_boolean(v) ? json_is_true(v) : dflt;
}
