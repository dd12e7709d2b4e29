// SPDX-License-Identifier: GPL-2.0
#include "migrate/host.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

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
		return err_errno(err, ERR_IO, errno, "Cannot read /proc/cpuinfo");
	while (getline(&line, &size, f) > 0 && line[0] != '\n') {
		val = value_of(line, "vendor_id");
		if (val)
			snprintf(p->vendor, sizeof(p->vendor), "%s", val);
		val = value_of(line, "model name");
		if (val)
			snprintf(p->model, sizeof(p->model), "%s", val);
		val = value_of(line, "flags");
		if (val && !p->flags)
			p->flags = strdup(val);
	}
	free(line);
	fclose(f);
	if (!p->flags)
		return err_set(err, ERR_INTERNAL, "/proc/cpuinfo does not show CPU flags");
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

/* Interfaces without a speed of their own say -1, or nothing. */
static uint32_t speed_of(const char *name)
{
	char path[64 + IFNAMSIZ];
	long long mbit = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/net/%s/speed", name);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fscanf(f, "%lld", &mbit) != 1 || mbit < 0 || mbit >= UINT32_MAX)
		mbit = 0;
	fclose(f);
	return (uint32_t)mbit;
}

uint32_t host_link_mbit(const char *addr)
{
	struct ifaddrs *all, *at;
	uint32_t mbit = 0;

	if (!addr || getifaddrs(&all))
		return 0;
	for (at = all; at; at = at->ifa_next)
		if (is_address(at->ifa_addr, addr))
			mbit = speed_of(at->ifa_name);
	freeifaddrs(all);
	return mbit;
}

int host_passport(struct passport *p, const char *qemu, struct zkz_err *err)
{
	struct utsname u;

	memset(p, 0, sizeof(*p));
	uname(&u);
	snprintf(p->zkz, sizeof(p->zkz), "%s", ZKZ_VERSION);
	snprintf(p->kernel, sizeof(p->kernel), "%s", u.release);
	snprintf(p->arch, sizeof(p->arch), "%.31s", u.machine);
	snprintf(p->qemu, sizeof(p->qemu), "%.60s", qemu);
	p->wire = PASSPORT_WIRE_VERSION;
	p->fetch = true;
	p->cpus = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
	if (probe_cpu(p, err)) {
		passport_fini(p);
		return -1;
	}
	return 0;
}
