// SPDX-License-Identifier: GPL-2.0
#include "compat/probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "lib/jsonl.h"

#define MAX_FLAGS	16384

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

int passport_probe(struct passport *p, const char *qemu, struct zkz_err *err)
{
	struct utsname u;

	memset(p, 0, sizeof(*p));
	uname(&u);
	snprintf(p->zkz, sizeof(p->zkz), "%s", ZKZ_VERSION);
	snprintf(p->kernel, sizeof(p->kernel), "%s", u.release);
	snprintf(p->arch, sizeof(p->arch), "%.31s", u.machine);
	snprintf(p->qemu, sizeof(p->qemu), "%.60s", qemu);
	p->wire = PASSPORT_WIRE_VERSION;
	if (probe_cpu(p, err)) {
		passport_fini(p);
		return -1;
	}
	return 0;
}

json_t *passport_to_json(const struct passport *p)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:s}",
			 "zkz", p->zkz, "kernel", p->kernel, "arch", p->arch,
			 "qemu", p->qemu, "wire", (int)p->wire, "vendor", p->vendor,
			 "model", p->model, "flags", p->flags);
}

static bool take(const json_t *obj, const char *key, char *dst, size_t size)
{
	const char *val = json_str(obj, key);

	return val && (size_t)snprintf(dst, size, "%s", val) < size;
}

int passport_from_json(const json_t *obj, struct passport *p, struct zkz_err *err)
{
	const char *flags = json_str(obj, "flags");

	memset(p, 0, sizeof(*p));
	p->wire = json_int(obj, "wire", 0);
	if (!take(obj, "zkz", p->zkz, sizeof(p->zkz)) ||
	    !take(obj, "kernel", p->kernel, sizeof(p->kernel)) ||
	    !take(obj, "arch", p->arch, sizeof(p->arch)) ||
	    !take(obj, "qemu", p->qemu, sizeof(p->qemu)) ||
	    !take(obj, "vendor", p->vendor, sizeof(p->vendor)) ||
	    !take(obj, "model", p->model, sizeof(p->model)) ||
	    !flags || strlen(flags) > MAX_FLAGS)
		return err_set(err, ERR_PROTOCOL, "The passport of the other host is incomplete");
	p->flags = strdup(flags);
	if (!p->flags)
		return err_set(err, ERR_NO_MEMORY, "No memory for a passport");
	return 0;
}
