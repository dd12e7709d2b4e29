// SPDX-License-Identifier: GPL-2.0
#include "qemu/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/jsonl.h"

#define QMP_MS	20000

static char *join_features(const json_t *props)
{
	const char *name;
	const json_t *val;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	json_object_foreach((json_t *)props, name, val)
		if (json_is_true(val))
			fprintf(f, "%s%s", ftell(f) ? " " : "", name);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

char *machine_features(struct qmp *q, struct zkz_err *err)
{
	/* "full" has properties that are none of the CPU's, and numbers too big for JSON of ours. */
	json_t *ret, *props, *args = json_pack("{s:s, s:{s:s}}", "type", "static", "model", "name", "host");
	char *text = NULL;

	if (qmp_exec(q, "query-cpu-model-expansion", args, &ret, deadline_in_ms(QMP_MS), err)) {
		err_qemu_features(err);
		return NULL;
	}
	props = json_object_get(json_object_get(ret, "model"), "props");
	if (json_object_size(props))
		text = join_features(props);
	if (!text)
		err_qemu_tells_not(err, qmp_zone(q), ERR_TRAIT_FEATURES);
	json_decref(ret);
	return text;
}

int machine_phys_bits(struct qmp *q, uint32_t *bits, struct zkz_err *err)
{
	json_t *cpus, *ret, *args;
	const char *path;
	int rc;

	if (qmp_exec(q, "query-cpus-fast", NULL, &cpus, deadline_in_ms(QMP_MS), err))
		return -1;
	path = json_str(json_array_get(cpus, 0), "qom-path");
	args = json_pack("{s:s, s:s}", "path", path ? path : "", "property", "phys-bits");
	json_decref(cpus);
	if (qmp_exec(q, "qom-get", args, &ret, deadline_in_ms(QMP_MS), err))
		return -1;
	*bits = json_integer_value(ret) > 0 && json_integer_value(ret) <= 64 ?
		(uint32_t)json_integer_value(ret) : 0;
	rc = *bits ? 0 : err_qemu_tells_not(err, qmp_zone(q), ERR_TRAIT_WIDTH);
	json_decref(ret);
	return rc;
}

int machine_type(struct qmp *q, char *buf, size_t size, struct zkz_err *err)
{
	static const char after[] = "-machine";
	const char *name;
	size_t len = 0;
	json_t *ret;

	if (qmp_exec(q, "qom-get", json_pack("{s:s, s:s}", "path", "/machine", "property", "type"),
		     &ret, deadline_in_ms(QMP_MS), err))
		return -1;
	name = json_string_value(ret);
	if (name && strlen(name) > strlen(after))
		len = strlen(name) - strlen(after);
	if (!len || len >= size || strcmp(name + len, after)) {
		json_decref(ret);
		return err_qemu_tells_not(err, qmp_zone(q), ERR_TRAIT_TYPE);
	}
	memcpy(buf, name, len);
	buf[len] = '\0';
	json_decref(ret);
	return 0;
}

int machine_blocks(struct qmp *q, struct ramblock *b, unsigned int max, struct zkz_err *err)
{
	unsigned int n = 0;
	struct ramblock one;
	const char *text;
	json_t *ret;

	if (qmp_exec(q, "x-query-ramblock", NULL, &ret, deadline_in_ms(QMP_MS), err))
		return -1;
	text = json_str(ret, "human-readable-text");
	while (text && ramblock_next(&text, &one)) {
		if (n < max)
			b[n] = one;
		n++;
	}
	json_decref(ret);
	if (n && n <= max)
		return (int)n;
	return err_qemu_blocks(err, qmp_zone(q), n, max);
}
