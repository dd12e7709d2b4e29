// SPDX-License-Identifier: GPL-2.0
#include "qemu/mirror.h"

#include <stdio.h>
#include <string.h>

#include "lib/jsonl.h"
#include "qemu/device.h"

#define QMP_MS		20000
/* To write what is under way, and to flush it. */
#define END_MS		20000
#define SOCKET_NAME	"zkz-nbd"
#define PREFIX		"mirror-"

static deadline_t soon(void)
{
	return deadline_in_ms(QMP_MS);
}

const char *mirror_name(const char *migration, unsigned int id, char *name)
{
	snprintf(name, MIRROR_NAME, PREFIX "%.10s-%u", migration, id % 100);
	return name;
}

int export_begin(struct qmp *q, int fd, struct zkz_err *err)
{
	if (qmp_getfd(q, fd, SOCKET_NAME, soon(), err))
		return -1;
	return qmp_exec(q, "nbd-server-start",
			json_pack("{s:{s:s, s:{s:s}}}", "addr", "type", "fd", "data", "str", SOCKET_NAME), NULL,
			soon(), err);
}

int export_add(struct qmp *q, unsigned int id, struct zkz_err *err)
{
	char disk[DEVICE_NAME];

	device_disk_node(id, disk);
	return qmp_exec(q, "block-export-add",
			json_pack("{s:s, s:s, s:s, s:s, s:b}", "type", "nbd", "id", disk, "node-name", disk,
				  "name", disk, "writable", 1), NULL, soon(), err);
}

int export_end(struct qmp *q, struct zkz_err *err)
{
	return qmp_exec(q, "nbd-server-stop", NULL, NULL, soon(), err);
}

static int add_node(struct qmp *q, const char *name, const char *export, const char *path, struct zkz_err *err)
{
	json_t *server = json_pack("{s:s, s:s, s:b}", "type", "unix", "path", path, "abstract", 1);

	return qmp_exec(q, "blockdev-add",
			json_pack("{s:s, s:s, s:o, s:s}", "driver", "nbd", "node-name", name, "server", server,
				  "export", export), NULL, soon(), err);
}

static void remove_node(struct qmp *q, const char *name)
{
	qmp_exec(q, "blockdev-del", json_pack("{s:s}", "node-name", name), NULL, soon(), NULL);
}

int mirror_start(struct qmp *q, const char *name, unsigned int id, const char *path, struct zkz_err *err)
{
	char disk[DEVICE_NAME];
	int rc;

	device_disk_node(id, disk);
	if (add_node(q, name, disk, path, err))
		return -1;
	rc = qmp_exec(q, "blockdev-mirror",
		      json_pack("{s:s, s:s, s:s, s:s, s:s}", "job-id", name, "device", disk, "target", name,
				"sync", "full", "copy-mode", "write-blocking"), NULL, soon(), err);
	if (rc)
		remove_node(q, name);
	return rc;
}

int mirror_look(struct qmp *q, const char *name, struct mirror_state *st, struct zkz_err *err)
{
	json_t *jobs, *job;
	bool found = false;
	size_t i;

	if (qmp_exec(q, "query-block-jobs", NULL, &jobs, soon(), err))
		return -1;
	json_array_foreach(jobs, i, job) {
		const char *device = json_str(job, "device");

		if (!device || strcmp(device, name))
			continue;
		found = true;
		st->done = (uint64_t)json_int(job, "offset", 0);
		st->total = (uint64_t)json_int(job, "len", 0);
		st->ready = json_bool(job, "ready", false);
	}
	json_decref(jobs);
	return found ? 0 : err_qemu_mirror(err, qmp_zone(q), "");
}

static bool is_of(const struct qmp_event *ev, const char *key, const char *name)
{
	const char *of = json_str(ev->data, key);

	return of && !strcmp(of, name);
}

static bool is_over(const struct qmp_event *ev, void *arg)
{
	return is_of(ev, "device", arg);
}

static bool is_gone(const struct qmp_event *ev, void *arg)
{
	const char *status = json_str(ev->data, "status");

	return is_of(ev, "id", arg) && status && !strcmp(status, "null");
}

const char *mirror_why(const struct qmp_event *ev, const char *name)
{
	const char *why = json_str(ev->data, "error");

	if (!is_of(ev, "device", name))
		return NULL;
	if (!strcmp(ev->name, "BLOCK_JOB_COMPLETED") || !strcmp(ev->name, "BLOCK_JOB_CANCELLED"))
		return why ? why : "";
	return strcmp(ev->name, "BLOCK_JOB_ERROR") ? NULL : "";
}

/* A job that is ready completes when it is cancelled: what "complete" means for it is to change over to the copy. */
int mirror_end(struct qmp *q, const char *name, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(END_MS);
	struct qmp_event ev;
	const char *why;
	int rc = 0;

	if (qmp_exec(q, "block-job-cancel", json_pack("{s:s}", "device", name), NULL, dl, err) ||
	    qmp_wait(q, "BLOCK_JOB_COMPLETED", is_over, (void *)name, &ev, dl, err))
		return -1;
	why = json_str(ev.data, "error");
	if (why)
		rc = err_qemu_mirror(err, qmp_zone(q), why);
	qmp_event_clear(&ev);
	if (rc || qmp_wait(q, "JOB_STATUS_CHANGE", is_gone, (void *)name, NULL, dl, err))
		return -1;
	remove_node(q, name);
	return 0;
}

void mirror_drop(struct qmp *q, const char *name)
{
	json_t *args = json_pack("{s:s, s:b}", "device", name, "force", 1);

	if (!qmp_exec(q, "block-job-cancel", args, NULL, soon(), NULL))
		qmp_wait(q, "JOB_STATUS_CHANGE", is_gone, (void *)name, NULL, soon(), NULL);
	remove_node(q, name);
}

static bool is_ours(const char *name)
{
	return name && !strncmp(name, PREFIX, strlen(PREFIX));
}

void mirror_sweep(struct qmp *q)
{
	json_t *list, *one;
	size_t i;

	if (!qmp_exec(q, "query-block-jobs", NULL, &list, soon(), NULL)) {
		json_array_foreach(list, i, one)
			if (is_ours(json_str(one, "device")))
				mirror_drop(q, json_str(one, "device"));
		json_decref(list);
	}
	if (!qmp_exec(q, "query-named-block-nodes", json_pack("{s:b}", "flat", 1), &list, soon(), NULL)) {
		json_array_foreach(list, i, one)
			if (is_ours(json_str(one, "node-name")))
				remove_node(q, json_str(one, "node-name"));
		json_decref(list);
	}
}
