// SPDX-License-Identifier: GPL-2.0
#include "qemu/cmdline.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu/device.h"
#include "storage/blockdev.h"
#include "zone/paths.h"

/*
 * Slots of bus pcie.0. They are part of the migration contract: a zone that
 * runs keeps its addresses, so these numbers never change.
 *
 *   0x00 host bridge   0x1a balloon   0x1b entropy   0x1c guest agent   0x1f south bridge
 *
 * Those in between are in qemu/device.c.
 */
#define SLOT_BALLOON	0x1a
#define SLOT_RNG	0x1b
#define SLOT_AGENT	0x1c

/* Sets of descriptors; those of disks are higher, see device_disk_set(). */
#define SET_LOG		1
#define SET_FIRMWARE	2
#define SET_NVRAM	3

struct argv {
	char **v;
	size_t n;
	size_t cap;
	bool failed;
};

static void push(struct argv *a, char *s)
{
	if (a->n + 1 >= a->cap) {
		size_t cap = a->cap ? a->cap * 2 : 64;
		char **v = realloc(a->v, cap * sizeof(*v));

		if (!v) {
			a->failed = true;
			free(s);
			return;
		}
		a->v = v;
		a->cap = cap;
	}
	if (!s)
		a->failed = true;
	a->v[a->n++] = s;
	a->v[a->n] = NULL;
}

__attribute__((format(printf, 2, 3)))
static void add(struct argv *a, const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	va_end(ap);
	push(a, s);
}

static void add_machine(struct argv *a, const struct zone_model *z, const struct qemu_env *env)
{
	char mem[ZONE_PATH_MAX];
	unsigned long long mib = z->memory >> 20;

	add(a, "-name");
	add(a, "guest=%s,debug-threads=on", z->name);
	add(a, "-nodefaults");
	add(a, "-no-user-config");
	add(a, "-display");
	add(a, "none");
	/*
	 * suppress-vmdesc: the description that else follows the devices may break off without that being an error.
	 * Without it the stream's last byte is its end mark, and QEMU starts no guest that lacks it.
	 */
	add(a, "-machine");
	add(a, "%s,accel=kvm,memory-backend=mem,usb=off,vmport=off,smm=off,graphics=off,suppress-vmdesc=on%s",
	    env->machine, z->uefi ? ",pflash0=firmware,pflash1=nvram" : "");
	add(a, "-cpu");
	add(a, "host");
	if (z->uuid[0]) {
		add(a, "-uuid");
		add(a, "%s", z->uuid);
	}
	add(a, "-smp");
	add(a, "%u,sockets=1,cores=%u,threads=1", z->ncpus, z->ncpus);
	add(a, "-m");
	add(a, "%lluM", mib);
	add(a, "-object");
	add(a, "memory-backend-file,id=mem,size=%lluM,mem-path=%s,share=on,align=2M",
	    mib, zone_path(ZF_MEMORY, z->name, mem));
	add(a, "-rtc");
	add(a, "base=utc");
	add(a, "-global");
	add(a, "ICH9-LPC.disable_s3=1");
	add(a, "-global");
	add(a, "ICH9-LPC.disable_s4=1");
	/* A guest that has panicked is kept for its owner to look at. */
	add(a, "-action");
	add(a, "panic=none");
}

/* QEMU opens by number what the keeper has opened and checked. */
static void add_set(struct argv *a, int set, int fd)
{
	add(a, "-add-fd");
	add(a, "fd=%d,set=%d", fd, set);
}

/* What goes with a disk that can be taken away is found by name then, see qemu/plug.c. */
static void add_named(struct argv *a, int set, int fd, const char *name)
{
	add(a, "-add-fd");
	add(a, "fd=%d,set=%d,opaque=%s", fd, set, name);
}

static void push_json(struct argv *a, const char *option, json_t *obj)
{
	add(a, "%s", option);
	push(a, json_dumps(obj, JSON_COMPACT | JSON_SORT_KEYS));
	json_decref(obj);
}

static void add_flash(struct argv *a, const char *node, int fd, int set, bool write)
{
	json_t *file;

	add_set(a, set, fd);
	file = json_pack("{s:s, s:o, s:b, s:s}", "driver", "file", "filename", json_sprintf("/dev/fdset/%d", set),
			 "read-only", !write, "locking", "on");
	push_json(a, "-blockdev", json_pack("{s:s, s:s, s:b, s:o}", "driver", "raw", "node-name", node,
					    "read-only", !write, "file", file));
}

static void add_firmware(struct argv *a, const struct zone_model *z, const struct qemu_env *env)
{
	if (!z->uefi)
		return;
	add_flash(a, "firmware", env->firmware_fd[0], SET_FIRMWARE, false);
	add_flash(a, "nvram", env->firmware_fd[1], SET_NVRAM, true);
}

static void add_monitor(struct argv *a, const struct qemu_env *env, unsigned int nr)
{
	if (env->able->can & ABLE_MONITOR_OBJECT) {
		add(a, "-object");
		add(a, "monitor-qmp,id=qmp%u,chardev=mon%u", nr, nr);
	} else {
		add(a, "-mon");
		add(a, "chardev=mon%u,mode=control", nr);
	}
}

static void add_monitors(struct argv *a, const struct qemu_env *env)
{
	add(a, "-chardev");
	add(a, "socket,id=mon0,fd=%d", env->keeper_fd);
	add_monitor(a, env, 0);
	add(a, "-chardev");
	add(a, "socket,id=mon1,fd=%d,server=on,wait=off", env->monitor_fd);
	add_monitor(a, env, 1);
}

static void add_console(struct argv *a, const struct qemu_env *env)
{
	add_set(a, SET_LOG, env->log_fd);
	add(a, "-chardev");
	add(a, "socket,id=con0,fd=%d,server=on,wait=off,logfile=/dev/fdset/%d,logappend=on",
	    env->console_fd, SET_LOG);
	add(a, "-device");
	add(a, "isa-serial,id=serial0,chardev=con0");
	add(a, "-device");
	add(a, "pvpanic");
}

/* The name by which the agent finds it in the guest. */
static void add_agent(struct argv *a, const struct zone_model *z, const struct qemu_env *env)
{
	if (!z->agent)
		return;
	add(a, "-chardev");
	add(a, "socket,id=agent0,fd=%d,server=on,wait=off", env->agent_fd);
	add(a, "-device");
	add(a, "virtio-serial-pci,id=ports0,bus=pcie.0,addr=0x%02x,disable-legacy=on,max_ports=2", SLOT_AGENT);
	add(a, "-device");
	add(a, "virtserialport,bus=ports0.0,nr=1,chardev=agent0,name=org.qemu.guest_agent.0");
}

static void add_nics(struct argv *a, const struct zone_model *z,
		     const struct qemu_env *env)
{
	char link[DEVICE_NAME];
	unsigned int i;

	for (i = 0; i < z->nr_nics; i++) {
		add(a, "-netdev");
		add(a, "tap,id=%s,fd=%d", device_nic_link(z->nic[i].id, link), env->tap_fd[i]);
		push_json(a, "-device", device_nic(&z->nic[i]));
	}
}

static void add_ports(struct argv *a, const struct zone_model *z)
{
	unsigned int i;

	for (i = 0; z->hot_plug && i < CONF_MAX_PORTS; i++)
		push_json(a, "-device", device_port(i));
}

/* Drivers of QEMU that distributions put into a package of their own. */
static unsigned int driver_bit(const struct storage_uri *u)
{
	if (uri_is_opened(u))
		return 0;
	return u->kind == URI_NFS ? ABLE_NFS : u->kind == URI_ISCSI ? ABLE_ISCSI : 0;
}

int qemu_has_driver(const struct zone_disk *d, const struct ability *able, struct zkz_err *err)
{
	struct storage_uri u;
	unsigned int needs;

	if (uri_parse(d->storage, &u, err))
		return -1;
	needs = driver_bit(&u);
	if ((able->can & needs) == needs)
		return 0;
	return needs & ABLE_NFS ? err_storage_driver_nfs(err, d->storage, able->version) :
		err_storage_driver_iscsi(err, d->storage, able->version);
}

static int add_disk(struct argv *a, const struct zone_model *z, unsigned int i, const struct qemu_env *env,
		    struct zkz_err *err)
{
	const struct zone_disk *d = &z->disk[i];
	char node[DEVICE_NAME], claim[DEVICE_NAME];
	int fd = env->disk_fd[i];
	struct storage_uri uri;
	json_t *obj;
	int set;

	if (uri_parse(d->storage, &uri, err) || qemu_has_driver(d, env->able, err))
		return -1;
	device_disk_node(d->id, node);
	set = fd < 0 ? -1 : device_disk_set(d->id);
	if (set >= 0)
		add_named(a, set, fd, node);
	if (d->port >= 0)
		add_named(a, device_claim_set(d->id), env->claim_fd[i], device_claim(d->id, claim));
	uri.block = env->disk_block[i];
	snprintf(uri.initiator, sizeof(uri.initiator), "%s", env->initiator ? env->initiator : "");
	obj = uri_object(&uri, node, env->secret_fd[i]);
	if (obj)
		push_json(a, "-object", obj);
	push_json(a, "-blockdev", uri_blockdev(&uri, d->format, node, set, !d->read_only));
	push_json(a, "-device", device_disk(z, d));
	return 0;
}

/* These are read by programs of QEMU's that know no sets. Its user may open them, which the keeper has tried. */
static void add_kernel(struct argv *a, const struct zone_model *z, const struct qemu_env *env)
{
	if (!z->kernel[0])
		return;
	add(a, "-kernel");
	add(a, "/proc/self/fd/%d", env->kernel_fd);
	if (z->initrd[0]) {
		add(a, "-initrd");
		add(a, "/proc/self/fd/%d", env->initrd_fd);
	}
	if (z->bootargs[0]) {
		add(a, "-append");
		add(a, "%s", z->bootargs);
	}
}

static void add_run(struct argv *a, const struct qemu_env *env)
{
	/* The keeper has dropped privileges before QEMU began: no -runas. */
	add(a, "-sandbox");
	add(a, "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
	/*
	 * A guest that arrives is started by QEMU with the last byte of its stream, which the source does not
	 * send before this host owns the zone. Another one when the keeper is ready.
	 */
	if (env->incoming) {
		add(a, "-incoming");
		add(a, "defer");
	} else {
		add(a, "-S");
	}
}

char **qemu_cmdline(const struct zone_model *z, const struct qemu_env *env,
		    struct zkz_err *err)
{
	struct argv a = { 0 };
	unsigned int i;

	add(&a, "%s", env->binary);
	add_machine(&a, z, env);
	add_firmware(&a, z, env);
	add_monitors(&a, env);
	add_console(&a, env);
	add_agent(&a, z, env);
	add_ports(&a, z);
	add_nics(&a, z, env);
	for (i = 0; i < z->nr_disks; i++)
		if (add_disk(&a, z, i, env, err))
			goto err_free;
	add(&a, "-device");
	/* What the guest has freed is a hole in its memory file, and need not travel. */
	add(&a, "virtio-balloon-pci,id=balloon0,bus=pcie.0,addr=0x%02x,disable-legacy=on,free-page-reporting=on",
	    SLOT_BALLOON);
	add(&a, "-object");
	add(&a, "rng-random,id=entropy,filename=/dev/urandom");
	add(&a, "-device");
	add(&a, "virtio-rng-pci,id=rng0,rng=entropy,bus=pcie.0,addr=0x%02x,disable-legacy=on",
	    SLOT_RNG);
	add_kernel(&a, z, env);
	add_run(&a, env);
	if (a.failed) {
		err_no_memory(err);
		goto err_free;
	}
	return a.v;

err_free:
	qemu_cmdline_free(a.v);
	return NULL;
}

void qemu_cmdline_free(char **argv)
{
	char **p;

	for (p = argv; p && *p; p++)
		free(*p);
	free(argv);
}

unsigned int qemu_needs(const struct zone_model *z)
{
	struct storage_uri uri;
	unsigned int i, bits = 0;

	for (i = 0; i < z->nr_disks; i++)
		if (!uri_parse(z->disk[i].storage, &uri, NULL))
			bits |= driver_bit(&uri);
	return bits;
}
