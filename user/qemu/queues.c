// SPDX-License-Identifier: GPL-2.0
#include "qemu/queues.h"

#include <stdio.h>
#include <string.h>

#define QMP_MS	20000

bool queues_device(const char *path, char *id, size_t size)
{
	static const char before[] = "/machine/peripheral/", after[] = "/virtio-backend";
	const char *name = path + strlen(before), *end;

	if (strncmp(path, before, strlen(before)))
		return false;
	end = strchr(name, '/');
	if (!end || end == name || strcmp(end, after) || (size_t)(end - name) >= size)
		return false;
	snprintf(id, size, "%.*s", (int)(end - name), name);
	return true;
}

/* Return: its size; 0 if there is none of that number, or it is not in use. */
static uint32_t ask_size(struct qmp *q, const char *path, unsigned int number)
{
	json_t *ret, *args = json_pack("{s:s, s:i}", "path", path, "queue", (int)number);
	long long size;

	if (qmp_exec(q, "x-query-virtio-queue-status", args, &ret, deadline_in_ms(QMP_MS), NULL))
		return 0;
	size = json_int(ret, "vring-num", 0);
	json_decref(ret);
	return size > 0 && size <= UINT16_MAX ? (uint32_t)size : 0;
}

static unsigned int ask_device(struct qmp *q, const char *path, struct queue *out, unsigned int max)
{
	unsigned int n = 0, i;
	struct queue one;

	if (!queues_device(path, one.device, sizeof(one.device)))
		return 0;
	for (i = 0; i < QUEUES_OF_DEVICE && n < max; i++) {
		one.number = i;
		one.size = ask_size(q, path, i);
		if (!one.size)
			break;
		out[n++] = one;
	}
	return n;
}

int queues_ask(struct qmp *q, struct queue *out, unsigned int max, struct zkz_err *err)
{
	json_t *all, *one;
	unsigned int n = 0;
	size_t i;

	if (qmp_exec(q, "x-query-virtio", NULL, &all, deadline_in_ms(QMP_MS), err))
		return -1;
	json_array_foreach(all, i, one)
		if (json_str(one, "path"))
			n += ask_device(q, json_str(one, "path"), out + n, max - n);
	json_decref(all);
	return (int)n;
}
