// SPDX-License-Identifier: GPL-2.0
#include "conf/schema.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define MiB	(1024ULL * 1024)
#define TiB	(1024ULL * 1024 * MiB)

static const char *const brands[] = { "kernel-zone", NULL };
static const char *const firmwares[] = { "bios", "uefi", NULL };
static const char *const ends[] = { "shutdown", "halt", NULL };
static const char *const ranks[] = { "high", "default", "low", NULL };
static const char *const formats[] = { "raw", "qcow2", NULL };
static const char *const auths[] = { "clonefrom", "config", "login", "manage", "migrate", NULL };
static const char *const protections[] = { "mac-nospoof", "ip-nospoof", "dhcp-nospoof", "restricted", NULL };
static const char *const attr_types[] = { "string", "int", "boolean", NULL };

const struct conf_type conf_global = {
	.name = "global", .max = 1, .key = -1,
	.prop = {
		{ .name = "brand", .kind = CONF_CHOICE, .choices = brands,
		  .dflt = "kernel-zone", .needed = true, .help = "kind of zone" },
		{ .name = "autoboot", .kind = CONF_BOOL, .class = CONF_LIVE, .dflt = "false",
		  .needed = true, .help = "boot the zone when the host boots" },
		{ .name = "autoshutdown", .kind = CONF_CHOICE, .class = CONF_LIVE, .choices = ends,
		  .help = "what is done with the zone before the host goes down; unset: shutdown" },
		{ .name = "boot-priority", .kind = CONF_CHOICE, .class = CONF_LIVE, .choices = ranks,
		  .help = "which zones boot first when the host boots; unset: default" },
		{ .name = "bootargs", .kind = CONF_TEXT, .class = CONF_BOOT,
		  .help = "command line of the guest's kernel" },
		{ .name = "firmware", .kind = CONF_CHOICE, .choices = firmwares,
		  .help = "by what the zone boots; unset: bios" },
		{ .name = "guest-agent", .kind = CONF_BOOL,
		  .help = "true: a port for the guest agent of QEMU, which 'login' needs" },
		{ .name = "hot-plug", .kind = CONF_BOOL,
		  .help = "true: ports at which devices and interfaces come and go while the zone runs" },
		{ .name = "hybrid", .kind = CONF_BOOL, .class = CONF_LIVE,
		  .help = "false: never run on another host before all memory is there" },
		{ .name = "kernel", .kind = CONF_PATH, .class = CONF_BOOT, .builds = true,
		  .help = "kernel file to boot directly, instead of a disk" },
		{ .name = "initrd", .kind = CONF_PATH, .class = CONF_BOOT,
		  .help = "initial RAM disk for that kernel" },
		{ .name = "machine-type", .kind = CONF_Q35, .class = CONF_BOOT,
		  .help = "machine type of QEMU at the next boot, pc-q35-7.2" },
		{ .name = "uuid", .kind = CONF_UUID, .class = CONF_BOOT,
		  .help = "identity of the machine for its guest; auto makes one and keeps it" },
	},
};

const struct conf_type conf_types[] = {
	{
		.name = "capped-memory", .rank = 100, .max = 1, .key = -1, .needed = true,
		.prop = {
			{ .name = "physical", .kind = CONF_SIZE, .min = 64 * MiB,
			  .max = 2 * TiB, .step = 2 * MiB, .needed = true,
			  .help = "memory of the zone, a multiple of 2M" },
			{ .name = "current", .kind = CONF_SIZE, .class = CONF_BOOT, .live = true, .min = 64 * MiB,
			  .max = 2 * TiB, .step = 2 * MiB,
			  .help = "what the guest may use of it, while its balloon takes the rest; unset: all" },
		},
	}, {
		.name = "virtual-cpu", .rank = 200, .max = 1, .key = -1, .needed = true,
		.prop = {
			{ .name = "ncpus", .kind = CONF_NUMBER, .min = 1, .max = 256,
			  .needed = true, .help = "number of virtual CPUs" },
		},
	}, {
		.name = "dedicated-cpu", .rank = 250, .max = 1, .key = -1,
		.prop = {
			{ .name = "cpus", .kind = CONF_SET, .class = CONF_HOST, .max = 1023, .needed = true,
			  .help = "processors of the host that the zone runs on, 0-3,8" },
		},
	}, {
		.name = "anet", .rank = 300, .max = 8, .key = 0,
		.prop = {
			{ .name = "id", .kind = CONF_NUMBER, .min = 0, .max = 7,
			  .needed = true, .help = "number of the interface" },
			{ .name = "lower-link", .kind = CONF_LINK, .class = CONF_HOST, .live = true,
			  .needed = true, .help = "bridge of the host to attach to" },
			{ .name = "mac-address", .kind = CONF_MAC, .dflt = "auto",
			  .needed = true, .help = "address; auto makes one and keeps it" },
			{ .name = "mtu", .kind = CONF_NUMBER, .min = 576, .max = 65535,
			  .help = "largest packet that the guest is told of; unset: it chooses" },
			{ .name = "port", .kind = CONF_PORT, .max = CONF_MAX_PORTS - 1,
			  .help = "hot-plug port that it is at; auto takes a free one; unset: there for good" },
			{ .name = "vlan-id", .kind = CONF_NUMBER, .class = CONF_BOOT, .live = true,
			  .min = 1, .max = 4094,
			  .help = "VLAN of the bridge that the guest is in, without knowing it" },
			{ .name = "allowed-vlan-ids", .kind = CONF_SET, .class = CONF_BOOT, .live = true,
			  .min = 1, .max = 4094, .help = "VLANs that the guest may tag packets for, 20,30-39" },
			{ .name = "link-protection", .kind = CONF_WORDS, .class = CONF_BOOT, .live = true,
			  .choices = protections, .help = "what the guest must not send, as in LINK PROTECTION" },
			{ .name = "allowed-address", .kind = CONF_ADDRESSES, .class = CONF_BOOT, .live = true,
			  .help = "addresses that ip-nospoof lets the guest use" },
		},
	}, {
		.name = "device", .rank = 400, .max = 16, .key = 0,
		.prop = {
			{ .name = "id", .kind = CONF_NUMBER, .min = 0, .max = 15,
			  .needed = true, .help = "number of the disk" },
			{ .name = "storage", .kind = CONF_URI, .needed = true,
			  .help = "where the disk is, a URI as in STORAGE" },
			{ .name = "port", .kind = CONF_PORT, .max = CONF_MAX_PORTS - 1,
			  .help = "hot-plug port that it is at; auto takes a free one; unset: there for good" },
			{ .name = "bootpri", .kind = CONF_NUMBER, .class = CONF_BOOT, .min = 0, .max = 255,
			  .help = "boot order, lowest first; unset: not a boot disk" },
			{ .name = "format", .kind = CONF_CHOICE, .choices = formats,
			  .dflt = "raw", .needed = true, .help = "raw or qcow2" },
			{ .name = "read-only", .kind = CONF_BOOL,
			  .help = "true: the guest can only read it, and other zones may as well" },
			{ .name = "cdrom", .kind = CONF_BOOL,
			  .help = "true: a CD drive with this disk in it, which is read-only then" },
			{ .name = "seed", .kind = CONF_BOOL,
			  .help = "true: a disk with the guest's first settings, which 'install -c' makes" },
			{ .name = "create-size", .kind = CONF_SIZE, .class = CONF_LIVE, .min = MiB,
			  .max = 65536 * TiB, .step = MiB, .help = "size of a file that 'install' makes" },
		},
	}, {
		.name = "admin", .rank = 450, .max = 64, .key = 0,
		.prop = {
			{ .name = "user", .kind = CONF_NAME, .class = CONF_LIVE, .needed = true,
			  .help = "user of this host who may do something with the zone" },
			{ .name = "auths", .kind = CONF_WORDS, .class = CONF_LIVE, .choices = auths,
			  .needed = true, .help = "what, as in RIGHTS: login,manage" },
		},
	}, {
		.name = "attr", .rank = 500, .max = 64, .key = 0,
		.prop = {
			{ .name = "name", .kind = CONF_NAME, .class = CONF_LIVE, .needed = true,
			  .help = "name of the comment" },
			{ .name = "type", .kind = CONF_CHOICE, .class = CONF_LIVE, .choices = attr_types,
			  .dflt = "string", .needed = true, .help = "type of the value" },
			{ .name = "value", .kind = CONF_TEXT, .class = CONF_LIVE, .needed = true,
			  .help = "any text" },
		},
	},
	{ .name = NULL },
};

const struct conf_type *conf_type_find(const char *name)
{
	const struct conf_type *t;

	for (t = conf_types; t->name; t++)
		if (!strcmp(t->name, name))
			return t;
	return NULL;
}

int conf_prop_find(const struct conf_type *type, const char *name)
{
	int i;

	for (i = 0; i < CONF_MAX_PROPS && type->prop[i].name; i++)
		if (!strcmp(type->prop[i].name, name))
			return i;
	return -1;
}

const char *conf_when(const struct conf_prop *prop)
{
	if (prop->class == CONF_LIVE)
		return "at once";
	if (prop->class == CONF_HOST)
		return prop->live ? "at the next boot, or by 'apply'; each host has its own" :
			"at the next boot; each host has its own";
	return prop->live ? "at the next boot, or by 'apply'" : "at the next boot";
}

const char *const *conf_values(const struct conf_prop *prop)
{
	static const char *const bools[] = { "true", "false", NULL };

	return prop->kind == CONF_BOOL ? bools : prop->choices;
}

const char *conf_choices(const struct conf_prop *p, char *out, size_t size)
{
	const char *const *v = conf_values(p);
	size_t n = 0;
	int i;

	*out = '\0';
	for (i = 0; v && v[i] && n < size; i++)
		n += (size_t)snprintf(out + n, size - n, "%s%s", i ? ", " : "", v[i]);
	return out;
}
