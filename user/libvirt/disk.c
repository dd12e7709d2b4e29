// SPDX-License-Identifier: GPL-2.0
/* Of a description: its disks. */
#include "libvirt/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/uri.h"

static bool put(char *to, size_t size, const char *text)
{
	return text[0] && (size_t)snprintf(to, size, "%s", text) < size;
}

/* Where a server is: <host name='' port=''/>, one of it. */
static bool take_server(xmlNode *source, struct storage_uri *u)
{
	xmlNode *host = xml_child(source, "host");
	char name[XML_TEXT], port[XML_TEXT];
	uint64_t n = u->kind == URI_NBD ? URI_PORT_NBD : URI_PORT_ISCSI;

	if (!host || xml_next(host, "host"))
		return false;
	if (!xml_has(host, "transport", "tcp") && xml_attr(host, "transport", port)[0])
		return false;
	if (xml_attr(host, "port", port)[0] && (!conf_parse_number(port, &n) || !n || n > 65535))
		return false;
	u->at.port = (uint16_t)n;
	return put(u->at.host, sizeof(u->at.host), xml_attr(host, "name", name));
}

/* "iqn.2020-01.org.example:disks/1" */
static bool take_target(struct storage_uri *u, char *name)
{
	char *slash = strrchr(name, '/');
	uint64_t lun = 0;

	if (slash) {
		*slash++ = '\0';
		if (!conf_parse_number(slash, &lun) || lun > 16383)
			return false;
	}
	u->lun = (unsigned int)lun;
	return put(u->target, sizeof(u->target), name);
}

/* Its secret is one of libvirt, which a description only names. */
static bool take_user(struct import *im, xmlNode *source, xmlNode *disk, struct storage_uri *u)
{
	xmlNode *auth = xml_first(source, "auth") ? xml_first(source, "auth") : xml_first(disk, "auth");
	struct zkz_err warning = { 0 };
	char name[XML_TEXT];

	if (!auth)
		return true;
	if (!put(u->at.user, sizeof(u->at.user), xml_attr(auth, "username", name)))
		return false;
	xml_taken(auth);
	err_import_secret(&warning, im->disks, name);
	im->tell(&warning, im->arg);
	return true;
}

static bool take_network(struct import *im, xmlNode *disk, xmlNode *source, struct storage_uri *u)
{
	char name[XML_TEXT];

	xml_attr(source, "name", name);
	if (xml_has(source, "protocol", "nbd")) {
		u->kind = URI_NBD;
		u->tls = xml_has(source, "tls", "yes");
		return put(u->path, sizeof(u->path), name) && take_server(source, u);
	}
	if (!xml_has(source, "protocol", "iscsi"))
		return false;
	u->kind = URI_ISCSI;
	return take_target(u, name) && take_server(source, u) && take_user(im, source, disk, u);
}

/* Return: is it a place that a zone can have its disk at? */
static bool take_source(struct import *im, xmlNode *disk, char *uri)
{
	xmlNode *source = xml_child(disk, "source");
	struct storage_uri u = { .uid = -1, .gid = -1 };
	char text[XML_TEXT];
	bool ok = false;

	if (!source)
		return false;
	xml_attr(source, "index", text);
	if (xml_has(disk, "type", "file")) {
		u.kind = URI_FILE;
		ok = put(u.path, sizeof(u.path), xml_attr(source, "file", text));
	} else if (xml_has(disk, "type", "block")) {
		u.kind = URI_DEV;
		ok = put(u.path, sizeof(u.path), xml_attr(source, "dev", text));
	} else if (xml_has(disk, "type", "network")) {
		ok = take_network(im, disk, source, &u);
	}
	if (!ok || uri_parse(uri_print(&u, uri), &u, NULL))
		return false;
	uri_print(&u, uri);
	return true;
}

/* A guest that has found it at another bus needs another driver; each has one for CD drives. */
static void tell_bus(struct import *im, xmlNode *disk, bool cdrom)
{
	xmlNode *target = xml_child(disk, "target");
	char bus[XML_TEXT], dev[XML_TEXT];

	xml_attr(target, "dev", dev);
	if (!xml_attr(target, "bus", bus)[0])
		snprintf(bus, sizeof(bus), "%s", !strncmp(dev, "vd", 2) ? "virtio" : "ide");
	if (!cdrom)
		import_tell_virtio(im, "device", im->disks, bus, "virtio_blk");
}

static bool take_format(xmlNode *disk, struct conf_res *r)
{
	xmlNode *driver = xml_child(disk, "driver");
	char format[XML_TEXT];

	xml_has(driver, "name", "qemu");
	if (!xml_attr(driver, "type", format)[0])
		return true;
	return import_set(r, "format", format);
}

static void take_place(xmlNode *disk, struct conf_res *r)
{
	xmlNode *boot = xml_first(disk, "boot");
	char order[XML_TEXT], place[24];
	uint64_t n;

	if (!boot || !conf_parse_number(xml_attr(boot, "order", order), &n) || !n)
		return;
	snprintf(place, sizeof(place), "%llu", (unsigned long long)n - 1);
	if (import_set(r, "bootpri", place))
		xml_seen(boot);
}

/* A disk is what it is without a word; a floppy or a LUN with its commands are something else. */
static bool take_kind(struct import *im, xmlNode *disk, struct conf_res *r, bool *cdrom)
{
	xmlNode *only = xml_first(disk, "readonly");
	char device[XML_TEXT];

	*cdrom = !strcmp(xml_attr(disk, "device", device), "cdrom");
	if (only)
		xml_taken(only);
	if (*cdrom)
		return im->disks < CONF_MAX_CDROMS && import_set(r, "cdrom", "true");
	if (device[0] && strcmp(device, "disk"))
		return false;
	return !only || import_set(r, "read-only", "true");
}

static bool take(struct import *im, xmlNode *disk, struct conf_res *r, bool *cdrom)
{
	char id[16], uri[URI_TEXT_SIZE];

	if (!take_kind(im, disk, r, cdrom))
		return false;
	snprintf(id, sizeof(id), "%u", im->disks);
	return import_set(r, "id", id) && take_source(im, disk, uri) && import_set(r, "storage", uri) &&
	       take_format(disk, r);
}

/* Of one that is not taken over all is told in one sentence, and not what else there was of it. */
void import_disk(struct import *im, xmlNode *disk)
{
	struct conf_res *r = conf_res_new(conf_type_find("device"));
	xmlNode *chain = xml_first(disk, "backingStore");
	bool cdrom;

	if (!take(im, disk, r, &cdrom)) {
		conf_res_free(r);
		return;
	}
	xml_seen(disk);
	tell_bus(im, disk, cdrom);
	take_place(disk, r);
	/* An empty one says that there is none. */
	if (chain && !xml_first(chain, NULL))
		xml_taken(chain);
	conf_insert(im->c, r);
	im->disks++;
}
