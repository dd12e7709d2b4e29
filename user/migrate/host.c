// SPDX-License-Identifier: GPL-2.0
#include "migrate/host.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "compat/decide.h"
#include "qemu/machine.h"
#include "qemu/queues.h"
#include "qemu/vm.h"
#include "zone/memfs.h"
#include "zone/paths.h"
#include "zone/store.h"

/* "flags		: fpu vme" -> "fpu vme"; NULL if the line is another one */
static const char *value_of(char *line, const char *key)
{
	size_t len = strlen(key);
	char *p;

	if (strncmp(line, key, len) || (line[len] != '\t' && line[len] != ' ' && line[len] != ':'))
		return NULL;
	p = strchr(line, ':');
	if (!p)
		return NULL;
	p += 1 + strspn(p + 1, " ");
	p[strcspn(p, "\n")] = '\0';
	return p;
}

/* The first CPU speaks for all: mixed machines are not supported by KVM. */
static int probe_cpu(struct passport *p, struct zkz_err *err)
{
	FILE *f = fopen("/proc/cpuinfo", "re");
	size_t size = 0;
	char *line = NULL;
	const char *val;

	if (!f)
		return err_file_read(err, "/proc/cpuinfo", errno);
	while (getline(&line, &size, f) > 0 && line[0] != '\n') {
		val = value_of(line, "vendor_id");
		if (val)
			snprintf(p->vendor, sizeof(p->vendor), "%s", val);
		val = value_of(line, "model name");
		if (val)
			snprintf(p->model, sizeof(p->model), "%s", val);
	}
	free(line);
	fclose(f);
	return 0;
}

static bool is_address(const struct sockaddr *sa, const char *addr)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (sa && sa->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)sa)->sin_addr, text, sizeof(text));
	else if (sa && sa->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)sa)->sin6_addr, text, sizeof(text));
	return *text && !strcmp(text, addr);
}

/* A number that the kernel tells of a network interface. Those without a speed say -1, or nothing: 0. */
static uint32_t link_number(const char *name, const char *what)
{
	char path[64 + IFNAMSIZ];
	long long val = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/net/%.15s/%s", name, what);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fscanf(f, "%lld", &val) != 1 || val < 0 || val >= UINT32_MAX)
		val = 0;
	fclose(f);
	return (uint32_t)val;
}

uint32_t host_link_mbit(const char *addr)
{
	struct ifaddrs *all, *at;
	uint32_t mbit = 0;

	if (!addr || getifaddrs(&all))
		return 0;
	for (at = all; at; at = at->ifa_next)
		if (is_address(at->ifa_addr, addr))
			mbit = link_number(at->ifa_name, "speed");
	freeifaddrs(all);
	return mbit;
}

static void look_at_links(struct passport *p, const struct zone_model *z)
{
	static_assert(PASSPORT_MAX_LINKS >= ZONE_MAX_NICS, "a place for each anet");
	unsigned int i;

	for (i = 0; i < z->nr_nics; i++)
		p->link[i] = (struct passport_link){
			.id = z->nic[i].id, .mtu = link_number(z->nic[i].lower_link, "mtu"),
		};
	p->links = z->nr_nics;
}

static int look_at_blocks(struct passport *p, struct qmp *q, struct zkz_err *err)
{
	struct ramblock b[PASSPORT_MAX_BLOCKS];
	int i, n = machine_blocks(q, b, PASSPORT_MAX_BLOCKS, err);

	for (i = 0; i < n; i++) {
		memcpy(p->block[i].name, b[i].name, sizeof(p->block[i].name));
		p->block[i].used = b[i].used;
		p->block[i].max = b[i].max;
	}
	p->blocks = n > 0 ? (uint32_t)n : 0;
	return n < 0 ? -1 : 0;
}

static int look_at_queues(struct passport *p, struct qmp *q, struct zkz_err *err)
{
	static_assert(QUEUES_OF_DEVICE * (ZONE_MAX_NICS + ZONE_MAX_DISKS + 2) <= PASSPORT_MAX_QUEUES,
		      "a place for each queue");
	struct queue all[PASSPORT_MAX_QUEUES];
	int i, n = queues_ask(q, all, PASSPORT_MAX_QUEUES, err);

	for (i = 0; i < n; i++) {
		memcpy(p->queue[i].device, all[i].device, sizeof(p->queue[i].device));
		p->queue[i].number = all[i].number;
		p->queue[i].size = all[i].size;
	}
	p->queues = n > 0 ? (uint32_t)n : 0;
	return n < 0 ? -1 : 0;
}

/* What the QEMU that runs the zone, or is to, makes of this host. */
static int look_at_machine(struct passport *p, struct qmp *q, struct zkz_err *err)
{
	p->features = machine_features(q, err);
	if (!p->features)
		return -1;
	return machine_phys_bits(q, &p->phys_bits, err) || machine_type(q, p->machine, sizeof(p->machine), err) ||
	       look_at_blocks(p, q, err) || look_at_queues(p, q, err) ? -1 : 0;
}

int host_passport(struct passport *p, struct qmp *q, const struct zone_model *z, struct zkz_err *err)
{
	struct utsname u;

	memset(p, 0, sizeof(*p));
	uname(&u);
	snprintf(p->zkz, sizeof(p->zkz), "%s", ZKZ_VERSION);
	snprintf(p->kernel, sizeof(p->kernel), "%s", u.release);
	snprintf(p->arch, sizeof(p->arch), "%.31s", u.machine);
	p->wire = PASSPORT_WIRE_VERSION;
	p->fetch = true;
	p->cpus = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
	look_at_links(p, z);
	if (vm_version(q, p->qemu, sizeof(p->qemu), err) || probe_cpu(p, err) || look_at_machine(p, q, err)) {
		passport_fini(p);
		return -1;
	}
	return 0;
}

/* struct others - memory that zones have not taken yet, but one */
struct others {
	const char *but;
	uint64_t promised;
};

static int add_promise(const char *zone, void *arg)
{
	struct others *o = arg;
	uint64_t size, taken;

	if (strcmp(zone, o->but) && !memfs_resident(zone, &size, &taken) && size > taken)
		o->promised += size - taken;
	return 0;
}

static int mem_available(uint64_t *bytes, struct zkz_err *err)
{
	FILE *f = fopen("/proc/meminfo", "re");
	unsigned long long kib = 0;
	char line[128];
	int found = 0;

	while (f && !found && fgets(line, sizeof(line), f))
		found = sscanf(line, "MemAvailable: %llu kB", &kib) == 1;
	if (f)
		fclose(f);
	*bytes = kib << 10;
	return found ? 0 : err_host_memory_unknown(err);
}

int host_room(struct room *r, const char *zone, struct zkz_err *err)
{
	struct others o = { .but = zone };
	struct statvfs fs;

	if (mem_available(&r->available, err) || zone_walk_known(add_promise, &o, err))
		return -1;
	if (statvfs(ZKZ_MEM_DIR, &fs))
		return err_file_look(err, ZKZ_MEM_DIR, errno);
	r->limit = (uint64_t)fs.f_bavail * fs.f_frsize;
	r->promised = o.promised;
	return 0;
}

int host_judge(struct out *out, const struct passport *source, const struct passport *target, struct zkz_err *err)
{
	struct findings f;
	unsigned int i;

	compat_decide(source, target, &f);
	for (i = 0; i < f.nr; i++)
		if (!f.at[i].blocks)
			out_warning(out, &f.at[i].why);
	return compat_verdict(&f, err);
}
