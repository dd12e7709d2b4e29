// SPDX-License-Identifier: GPL-2.0
#include "qemu/device.h"

#include <stdio.h>

/*
 * Slots of bus pcie.0, but for those of qemu/cmdline.c. They are part of the migration contract: a zone that runs
 * keeps its addresses, so these numbers never change.
 *
 *   0x02..0x09 anet by id   0x0a..0x19 device by id   0x1d hot-plug ports, a function each
 *
 * A device that has a port is behind it, wherever its id would put it. A CD drive is at the south bridge, whose
 * controller has six places: by the id of its device, too.
 */
#define SLOT_NIC	0x02
#define SLOT_DISK	0x0a
#define SLOT_PORT	0x1d

/* Sets of other files have lower numbers. */
#define SET_DISK	100
#define SET_CLAIM	200

static const char *name(const char *what, unsigned int id, char *text)
{
	snprintf(text, DEVICE_NAME, "%s%u", what, id % 1000);
	return text;
}

const char *device_disk_name(unsigned int id, char *text)
{
	return name("blk", id, text);
}

const char *device_disk_node(unsigned int id, char *text)
{
	return name("disk", id, text);
}

const char *device_nic_name(unsigned int id, char *text)
{
	return name("net", id, text);
}

const char *device_nic_link(unsigned int id, char *text)
{
	return name("link", id, text);
}

int device_disk_set(unsigned int id)
{
	return SET_DISK + (int)id;
}

const char *device_claim(unsigned int id, char *text)
{
	return name("claim", id, text);
}

int device_claim_set(unsigned int id)
{
	return SET_CLAIM + (int)id;
}

/* Behind a port there is place for one. */
static void put_at(json_t *dev, int port, unsigned int slot)
{
	json_object_set_new(dev, "bus", port < 0 ? json_string("pcie.0") : json_sprintf("port%d", port));
	json_object_set_new(dev, "addr", json_sprintf("0x%02x", port < 0 ? slot : 0));
}

/* A kernel takes the first place itself, and QEMU refuses to start where a disk has it, too: they come after it. */
static int boot_index(const struct zone_model *z, const struct zone_disk *d)
{
	return d->bootpri + (z->kernel[0] ? 1 : 0);
}

json_t *device_disk(const struct zone_model *z, const struct zone_disk *d)
{
	char id[DEVICE_NAME], node[DEVICE_NAME];
	json_t *dev = json_pack("{s:s, s:s, s:s}", "driver", d->cdrom ? "ide-cd" : "virtio-blk-pci",
				"id", device_disk_name(d->id, id), "drive", device_disk_node(d->id, node));

	if (d->bootpri >= 0)
		json_object_set_new(dev, "bootindex", json_integer(boot_index(z, d)));
	if (d->cdrom) {
		json_object_set_new(dev, "bus", json_sprintf("ide.%u", d->id));
		return dev;
	}
	json_object_set_new(dev, "disable-legacy", json_string("on"));
	json_object_set_new(dev, "write-cache", json_string("on"));
	put_at(dev, d->port, SLOT_DISK + d->id);
	return dev;
}

json_t *device_nic(const struct zone_nic *n)
{
	char id[DEVICE_NAME], link[DEVICE_NAME];
	json_t *dev = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "driver", "virtio-net-pci",
				"id", device_nic_name(n->id, id), "netdev", device_nic_link(n->id, link),
				"mac", n->mac, "disable-legacy", "on", "romfile", "");

	if (n->mtu)
		json_object_set_new(dev, "host_mtu", json_integer(n->mtu));
	put_at(dev, n->port, SLOT_NIC + n->id);
	return dev;
}

/* Nothing behind it needs ports of the I/O space, of which the firmware would give each of them 4096. */
json_t *device_port(unsigned int port)
{
	return json_pack("{s:s, s:o, s:s, s:o, s:b, s:i, s:i, s:i}", "driver", "pcie-root-port",
			 "id", json_sprintf("port%u", port), "bus", "pcie.0",
			 "addr", json_sprintf("0x%02x.%u", SLOT_PORT, port), "multifunction", port == 0,
			 "chassis", (int)port + 1, "port", (int)port, "io-reserve", 0);
}
