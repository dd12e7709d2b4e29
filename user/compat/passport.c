// SPDX-License-Identifier: GPL-2.0
#include "compat/passport.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/jsonl.h"

#define MAX_FLAGS	16384

void passport_fini(struct passport *p)
{
	free(p->flags);
	p->flags = NULL;
}

json_t *passport_to_json(const struct passport *p)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:i, s:b, s:I, s:I, s:s, s:s, s:s}",
			 "zkz", p->zkz, "kernel", p->kernel, "arch", p->arch,
			 "qemu", p->qemu, "wire", (int)p->wire, "fetch", p->fetch,
			 "cpus", (json_int_t)p->cpus, "link-mbit", (json_int_t)p->mbit,
			 "vendor", p->vendor, "model", p->model, "flags", p->flags);
}

/* What is not a sensible number is not known. */
static uint32_t take_number(const json_t *obj, const char *key)
{
	long long val = json_int(obj, key, 0);

	return val > 0 && val <= UINT32_MAX ? (uint32_t)val : 0;
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
	p->fetch = json_bool(obj, "fetch", false);
	p->cpus = take_number(obj, "cpus");
	p->mbit = take_number(obj, "link-mbit");
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
