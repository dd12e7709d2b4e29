// SPDX-License-Identifier: GPL-2.0
#include "compat/passport.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/jsonl.h"

#define MAX_FEATURES	16384

void passport_fini(struct passport *p)
{
	free(p->features);
	p->features = NULL;
}

static json_t *blocks_to_json(const struct passport *p)
{
	json_t *all = json_array();
	uint32_t i;

	for (i = 0; i < p->blocks; i++)
		json_array_append_new(all, json_pack("{s:s, s:I, s:I}", "name", p->block[i].name,
						     "used", (json_int_t)p->block[i].used,
						     "max", (json_int_t)p->block[i].max));
	return all;
}

static json_t *links_to_json(const struct passport *p)
{
	json_t *all = json_array();
	uint32_t i;

	for (i = 0; i < p->links; i++)
		json_array_append_new(all, json_pack("{s:I, s:I}", "id", (json_int_t)p->link[i].id,
						     "mtu", (json_int_t)p->link[i].mtu));
	return all;
}

static json_t *queues_to_json(const struct passport *p)
{
	json_t *all = json_array();
	uint32_t i;

	for (i = 0; i < p->queues; i++)
		json_array_append_new(all, json_pack("{s:s, s:I, s:I}", "device", p->queue[i].device,
						     "number", (json_int_t)p->queue[i].number,
						     "size", (json_int_t)p->queue[i].size));
	return all;
}

json_t *passport_to_json(const struct passport *p)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:b, s:I, s:I, s:s, s:s, s:s, s:I, s:o, s:o, s:o}",
			 "zkz", p->zkz, "kernel", p->kernel, "arch", p->arch,
			 "qemu", p->qemu, "machine", p->machine, "wire", (int)p->wire, "fetch", p->fetch,
			 "cpus", (json_int_t)p->cpus, "link-mbit", (json_int_t)p->mbit,
			 "vendor", p->vendor, "model", p->model, "features", p->features,
			 "phys-bits", (json_int_t)p->phys_bits, "blocks", blocks_to_json(p),
			 "links", links_to_json(p), "queues", queues_to_json(p));
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

static bool take_blocks(const json_t *all, struct passport *p)
{
	const json_t *one;
	size_t i;

	if (!json_is_array(all) || json_array_size(all) > PASSPORT_MAX_BLOCKS)
		return false;
	json_array_foreach(all, i, one) {
		long long used = json_int(one, "used", -1), max = json_int(one, "max", -1);

		if (!take(one, "name", p->block[i].name, sizeof(p->block[i].name)) || used < 0 || max < used)
			return false;
		p->block[i].used = (uint64_t)used;
		p->block[i].max = (uint64_t)max;
	}
	p->blocks = (uint32_t)json_array_size(all);
	return true;
}

static bool take_links(const json_t *all, struct passport *p)
{
	const json_t *one;
	size_t i;

	if (!json_is_array(all) || json_array_size(all) > PASSPORT_MAX_LINKS)
		return false;
	json_array_foreach(all, i, one) {
		p->link[i].id = take_number(one, "id");
		p->link[i].mtu = take_number(one, "mtu");
	}
	p->links = (uint32_t)json_array_size(all);
	return true;
}

/* Of a host that does not tell there are none. */
static bool take_queues(const json_t *all, struct passport *p)
{
	const json_t *one;
	size_t i;

	if (!all)
		return true;
	if (!json_is_array(all) || json_array_size(all) > PASSPORT_MAX_QUEUES)
		return false;
	json_array_foreach(all, i, one) {
		if (!take(one, "device", p->queue[i].device, sizeof(p->queue[i].device)))
			return false;
		p->queue[i].number = take_number(one, "number");
		p->queue[i].size = take_number(one, "size");
	}
	p->queues = (uint32_t)json_array_size(all);
	return true;
}

int passport_from_json(const json_t *obj, struct passport *p, struct zkz_err *err)
{
	const char *features = json_str(obj, "features");

	memset(p, 0, sizeof(*p));
	if (!take(obj, "machine", p->machine, sizeof(p->machine)))
		strcpy(p->machine, PASSPORT_MACHINE);
	p->wire = json_int(obj, "wire", 0);
	p->fetch = json_bool(obj, "fetch", false);
	p->cpus = take_number(obj, "cpus");
	p->mbit = take_number(obj, "link-mbit");
	p->phys_bits = take_number(obj, "phys-bits");
	if (!take(obj, "zkz", p->zkz, sizeof(p->zkz)) ||
	    !take(obj, "kernel", p->kernel, sizeof(p->kernel)) ||
	    !take(obj, "arch", p->arch, sizeof(p->arch)) ||
	    !take(obj, "qemu", p->qemu, sizeof(p->qemu)) ||
	    !take(obj, "vendor", p->vendor, sizeof(p->vendor)) ||
	    !take(obj, "model", p->model, sizeof(p->model)) ||
	    !take_blocks(json_object_get(obj, "blocks"), p) ||
	    !take_links(json_object_get(obj, "links"), p) ||
	    !take_queues(json_object_get(obj, "queues"), p) ||
	    !p->phys_bits || !features || strlen(features) > MAX_FEATURES)
		return err_passport(err);
	p->features = strdup(features);
	if (!p->features)
		return err_no_memory(err);
	return 0;
}
