// SPDX-License-Identifier: GPL-2.0
#include "storage/blockdev.h"

#include <stdio.h>
#include <string.h>

static json_t *opened_node(const struct storage_uri *u, int set)
{
	char name[32];

	snprintf(name, sizeof(name), "/dev/fdset/%d", set);
	return json_pack("{s:s, s:s, s:s}", "driver", u->block ? "host_device" : "file",
			 "filename", set < 0 ? u->path : name, "locking", "on");
}

/* Both are objects of the disk's own. */
static void refer(json_t *node, const char *key, const char *disk, const char *what)
{
	json_object_set_new(node, key, json_sprintf("%.20s-%s", disk, what));
}

static json_t *nbd_node(const struct storage_uri *u, const char *disk)
{
	json_t *node = json_pack("{s:s, s:s, s:{s:s, s:s, s:o}, s:i}",
				 "driver", "nbd", "export", u->path,
				 "server", "type", "inet", "host", u->at.host,
				 "port", json_sprintf("%u", u->at.port), "reconnect-delay", 30);

	if (u->tls)
		refer(node, "tls-creds", disk, "tls");
	return node;
}

static json_t *iscsi_node(const struct storage_uri *u, const char *disk)
{
	const char *portal = strchr(u->at.host, ':') ? "[%s]:%u" : "%s:%u";
	json_t *node = json_pack("{s:s, s:s, s:o, s:s, s:i, s:s}", "driver", "iscsi", "transport", "tcp",
				 "portal", json_sprintf(portal, u->at.host, u->at.port), "target", u->target,
				 "lun", (int)u->lun, "initiator-name", u->initiator);

	if (u->at.user[0]) {
		json_object_set_new(node, "user", json_string(u->at.user));
		refer(node, "password-secret", disk, "secret");
	}
	return node;
}

static json_t *nfs_node(const struct storage_uri *u)
{
	json_t *node = json_pack("{s:s, s:{s:s, s:s}, s:s}", "driver", "nfs",
				 "server", "type", "inet", "host", u->at.host, "path", u->path);

	if (u->uid >= 0)
		json_object_set_new(node, "user", json_integer(u->uid));
	if (u->gid >= 0)
		json_object_set_new(node, "group", json_integer(u->gid));
	return node;
}

static json_t *protocol_node(const struct storage_uri *u, const char *disk, int set)
{
	if (uri_is_opened(u))
		return opened_node(u, set);
	if (u->kind == URI_NFS)
		return nfs_node(u);
	return u->kind == URI_ISCSI ? iscsi_node(u, disk) : nbd_node(u, disk);
}

json_t *uri_blockdev(const struct storage_uri *u, const char *format, const char *node, int set, bool write)
{
	json_t *file = protocol_node(u, node, set), *top;

	/*
	 * No host page cache: after a migration the other host must read what
	 * this one wrote.
	 */
	refer(file, "node-name", node, "file");
	json_object_set_new(file, "cache", json_pack("{s:b, s:b}", "direct", 1,
						     "no-flush", 0));
	json_object_set_new(file, "discard", json_string("unmap"));
	if (!write)
		json_object_set_new(file, "read-only", json_true());
	top = json_pack("{s:s, s:s, s:s, s:{s:b, s:b}, s:o}", "driver", format,
			"node-name", node, "discard", "unmap",
			"cache", "direct", 1, "no-flush", 0, "file", file);
	if (!write)
		json_object_set_new(top, "read-only", json_true());
	return top;
}

json_t *uri_object(const struct storage_uri *u, const char *node, int secret)
{
	json_t *obj = NULL;

	if (u->tls) {
		obj = json_pack("{s:s, s:s, s:s, s:b}", "qom-type", "tls-creds-x509", "dir", BLOCKDEV_TLS_DIR,
				"endpoint", "client", "verify-peer", 1);
		refer(obj, "id", node, "tls");
	} else if (u->kind == URI_ISCSI && u->at.user[0]) {
		obj = json_pack("{s:s, s:o}", "qom-type", "secret",
				"file", json_sprintf("/proc/self/fd/%d", secret));
		refer(obj, "id", node, "secret");
	}
	return obj;
}
