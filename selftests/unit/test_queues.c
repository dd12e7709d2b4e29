// SPDX-License-Identifier: GPL-2.0
/* Queues of virtio devices: the other end of the monitor answers as QEMU 10.0.13 does. */
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>

#include "lib/io.h"
#include "lib/jsonl.h"
#include "qemu/queues.h"
#include "unit.h"

#define NET	"/machine/peripheral/net0/virtio-backend"
#define DISK	"/machine/peripheral/blk12/virtio-backend"

static json_t *reply(const json_t *req)
{
	const char *cmd = json_str(req, "execute"), *path = json_str(json_object_get(req, "arguments"), "path");
	long long nr = json_int(json_object_get(req, "arguments"), "queue", -1);

	if (!strcmp(cmd, "x-query-virtio"))
		return json_pack("{s:[{s:s, s:s}, {s:s, s:s}, {s:s}]}", "return", "name", "virtio-net", "path", NET,
				 "name", "virtio-blk", "path", DISK, "path", "/machine/unattached/device[0]");
	if (!strcmp(cmd, "x-query-virtio-queue-status") && !strcmp(path, NET) && nr < 9)
		return json_pack("{s:{s:i}}", "return", "vring-num", nr == 2 ? 64 : 1024);
	if (!strcmp(cmd, "x-query-virtio-queue-status") && !nr)
		return json_pack("{s:{s:i}}", "return", "vring-num", 256);
	if (!strcmp(cmd, "x-query-virtio-queue-status"))
		return json_pack("{s:{s:s, s:s}}", "error", "class", "GenericError", "desc", "Invalid virtqueue number 1");
	return json_pack("{s:{}}", "return");
}

static void *play(void *arg)
{
	json_t *req, *ans = json_pack("{s:{}}", "QMP");
	int fd = *(int *)arg;
	struct jsonl in;

	jsonl_write(fd, ans, deadline_in_ms(5000), NULL);
	json_decref(ans);
	jsonl_init(&in, fd);
	while (!jsonl_read(&in, &req, deadline_in_ms(20000), NULL) && req) {
		ans = reply(req);
		json_object_set(ans, "id", json_object_get(req, "id"));
		jsonl_write(fd, ans, deadline_in_ms(5000), NULL);
		json_decref(ans);
		json_decref(req);
	}
	jsonl_fini(&in);
	return NULL;
}

static int ask(struct queue *out, unsigned int max)
{
	struct zkz_err err = { 0 };
	pthread_t thread;
	struct qmp *q;
	int sv[2], n = -2;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) || pthread_create(&thread, NULL, play, &sv[1]))
		return -2;
	q = qmp_open_fd("z1", sv[0], deadline_in_ms(10000), &err);
	if (q)
		n = queues_ask(q, out, max, &err);
	qmp_close(q);
	pthread_join(thread, NULL);
	io_close(&sv[1]);
	return n;
}

TEST(the_first_of_each_device_are_told)
{
	struct queue q[8];

	NEED(ask(q, 8) == 4);
	CHECK_STR(q[0].device, "net0");
	CHECK_INT(q[0].number, 0);
	CHECK_INT(q[0].size, 1024);
	CHECK_INT(q[2].number, 2);
	CHECK_INT(q[2].size, 64);
	CHECK_STR(q[3].device, "blk12");
	CHECK_INT(q[3].size, 256);
	CHECK_INT(ask(q, 2), 2);
}

TEST(devices_are_named_by_their_paths)
{
	char id[16];

	CHECK(queues_device(NET, id, sizeof(id)));
	CHECK_STR(id, "net0");
	CHECK(!queues_device("/machine/peripheral//virtio-backend", id, sizeof(id)));
	CHECK(!queues_device("/machine/peripheral/net0", id, sizeof(id)));
	CHECK(!queues_device("/machine/peripheral/net0/other", id, sizeof(id)));
	CHECK(!queues_device("/machine/peripheral/a-name-that-is-too-long/virtio-backend", id, sizeof(id)));
	CHECK(!queues_device("/machine/unattached/device[0]/virtio-backend", id, sizeof(id)));
	CHECK(!queues_device("", id, sizeof(id)));
}
