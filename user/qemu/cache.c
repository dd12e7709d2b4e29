// SPDX-License-Identifier: GPL-2.0
#include "qemu/cache.h"

#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/jsonl.h"

#define MAX_FILE	65536
/* To be raised with what is asked of QEMU: an older file does not tell of that. */
#define FORMAT		2

static json_t *key_of(const struct program *p)
{
	return json_pack("{s:i, s:s, s:s, s:I, s:I, s:I, s:I}", "format", FORMAT, "zkz", ZKZ_VERSION,
			 "path", p->path, "device", (json_int_t)p->device, "inode", (json_int_t)p->inode,
			 "size", (json_int_t)p->size, "mtime-ns", (json_int_t)p->mtime_ns);
}

bool cache_read(const char *file, const struct program *p, struct ability *a)
{
	json_t *obj = NULL, *key = key_of(p);
	size_t len;
	char *text = file_read(file, MAX_FILE, &len, NULL);
	bool ok;

	if (text)
		obj = jsonl_parse(text, len, NULL);
	free(text);
	ok = key && obj && json_equal(json_object_get(obj, "program"), key) &&
	     !ability_from_json(json_object_get(obj, "ability"), a);
	json_decref(key);
	json_decref(obj);
	return ok;
}

int cache_write(const char *file, const struct program *p, const struct ability *a, struct zkz_err *err)
{
	json_t *obj = json_pack("{s:o, s:o}", "program", key_of(p), "ability", ability_to_json(a));
	char *text = obj ? json_dumps(obj, JSON_COMPACT) : NULL;
	int rc;

	json_decref(obj);
	if (!text)
		return err_no_memory(err);
	rc = file_write_atomic(file, text, strlen(text), 0600, err);
	free(text);
	return rc;
}
