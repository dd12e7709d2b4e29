// SPDX-License-Identifier: GPL-2.0
#include "qemu/plug.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "qemu/device.h"
#include "storage/blockdev.h"

#define QMP_MS		20000
#define MAX_SECRET	4096

static deadline_t soon(void)
{
	return deadline_in_ms(QMP_MS);
}

/* One that QEMU starts with is read by it as a file; it cannot open ours now, so it is told. */
static int tell_secret(json_t *obj, int fd, struct zkz_err *err)
{
	char text[MAX_SECRET];
	ssize_t n = pread(fd, text, sizeof(text), 0);

	if (n < 0)
		return err_no_memory(err);
	json_object_del(obj, "file");
	json_object_set_new(obj, "data", json_stringn(text, (size_t)n));
	explicit_bzero(text, sizeof(text));
	return 0;
}

/* Return: 1 if it has an object of its own, which is there now; 0 or -1 */
static int add_object(struct qmp *q, const struct storage_uri *u, const char *node, int secret, struct zkz_err *err)
{
	json_t *obj = uri_object(u, node, -1);

	if (!obj)
		return 0;
	if (secret >= 0 && tell_secret(obj, secret, err)) {
		json_decref(obj);
		return -1;
	}
	return qmp_exec(q, "object-add", obj, NULL, soon(), err) ? -1 : 1;
}

/* Which of both it has, if any, follows from its URI, which nobody knows any more. */
static void remove_objects(struct qmp *q, const char *node)
{
	static const char *const what[] = { "tls", "secret" };
	size_t i;

	for (i = 0; i < sizeof(what) / sizeof(what[0]); i++)
		qmp_exec(q, "object-del", json_pack("{s:o}", "id", json_sprintf("%s-%s", node, what[i])), NULL,
			 soon(), NULL);
}

static int add_files(struct qmp *q, const struct zone_disk *d, const struct plug_disk *p, int *set,
		     struct zkz_err *err)
{
	char name[DEVICE_NAME];
	int ignored;

	*set = -1;
	if (qmp_addfd(q, p->claim, device_claim(d->id, name), &ignored, soon(), err))
		return -1;
	return p->fd < 0 ? 0 : qmp_addfd(q, p->fd, device_disk_node(d->id, name), set, soon(), err);
}

static int remove_files(struct qmp *q, unsigned int id, struct zkz_err *err)
{
	char node[DEVICE_NAME], claim[DEVICE_NAME];

	return qmp_dropfd(q, device_disk_node(id, node), soon(), err) ||
	       qmp_dropfd(q, device_claim(id, claim), soon(), err) ? -1 : 0;
}

static int add_node(struct qmp *q, const struct zone_disk *d, const struct plug_disk *p, int set, struct zkz_err *err)
{
	char node[DEVICE_NAME];
	struct storage_uri u;
	int object;

	if (uri_parse(d->storage, &u, err))
		return -1;
	u.block = p->block;
	snprintf(u.initiator, sizeof(u.initiator), "%s", p->initiator);
	object = add_object(q, &u, device_disk_node(d->id, node), p->secret, err);
	if (object < 0)
		return -1;
	if (!qmp_exec(q, "blockdev-add", uri_blockdev(&u, d->format, node, set, !d->read_only), NULL, soon(), err))
		return 0;
	if (object)
		remove_objects(q, node);
	return -1;
}

static int remove_node(struct qmp *q, unsigned int id, struct zkz_err *err)
{
	char node[DEVICE_NAME];

	if (qmp_exec(q, "blockdev-del", json_pack("{s:s}", "node-name", device_disk_node(id, node)), NULL, soon(), err))
		return -1;
	remove_objects(q, node);
	return 0;
}

int plug_disk(struct qmp *q, const struct zone_model *z, const struct zone_disk *d, const struct plug_disk *p,
	      struct zkz_err *err)
{
	bool node = false;
	int set, rc;

	rc = add_files(q, d, p, &set, err);
	if (!rc) {
		rc = add_node(q, d, p, set, err);
		node = !rc;
	}
	if (!rc)
		rc = qmp_exec(q, "device_add", device_disk(z, d), NULL, soon(), err);
	if (!rc)
		return 0;
	if (node)
		remove_node(q, d->id, NULL);
	remove_files(q, d->id, NULL);
	return -1;
}

int plug_nic(struct qmp *q, const struct zone_nic *n, int tap, struct zkz_err *err)
{
	char link[DEVICE_NAME];

	device_nic_link(n->id, link);
	if (qmp_getfd(q, tap, link, soon(), err))
		return -1;
	if (qmp_exec(q, "netdev_add", json_pack("{s:s, s:s, s:s}", "type", "tap", "id", link, "fd", link), NULL, soon(),
		     err)) {
		qmp_exec(q, "closefd", json_pack("{s:s}", "fdname", link), NULL, soon(), NULL);
		return -1;
	}
	if (!qmp_exec(q, "device_add", device_nic(n), NULL, soon(), err))
		return 0;
	unplug_nic(q, n->id, NULL);
	return -1;
}

int unplug_ask(struct qmp *q, const char *name, struct zkz_err *err)
{
	return qmp_exec(q, "device_del", json_pack("{s:s}", "id", name), NULL, soon(), err);
}

int unplug_disk(struct qmp *q, unsigned int id, struct zkz_err *err)
{
	return remove_node(q, id, err) || remove_files(q, id, err) ? -1 : 0;
}

int unplug_nic(struct qmp *q, unsigned int id, struct zkz_err *err)
{
	char link[DEVICE_NAME];

	return qmp_exec(q, "netdev_del", json_pack("{s:s}", "id", device_nic_link(id, link)), NULL, soon(), err);
}
