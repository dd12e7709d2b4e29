// SPDX-License-Identifier: GPL-2.0
/* What no single value can show: missing parts and contradictions. */
#include "conf/model.h"

#include <stdio.h>
#include <string.h>

#include "conf/multi.h"
#include "conf/ports.h"
#include "conf/set.h"

/**
 * struct need - a property means nothing without another one of the same resource
 * @type:  of the resource
 * @prop:  property
 * @value: which must be in it, NULL: whatever it is
 * @other: the property that it needs
 * @with:  and what must be in that, NULL: anything
 */
struct need {
	const char *type;
	const char *prop;
	const char *value;
	const char *other;
	const char *with;
};

static const struct need needs[] = {
	{ "anet", "allowed-address", NULL, "link-protection", "ip-nospoof" },
	{ "anet", "link-protection", "ip-nospoof", "allowed-address", NULL },
	{ "device", "seed", "true", "format", "raw" },
};

static bool has(const struct conf_res *r, const char *prop, const char *value)
{
	const char *val = conf_res_get(r, prop);

	return val && (!value || conf_multi_has(val, value));
}

/* "link-protection=ip-nospoof" */
static const char *name_of(const char *prop, const char *value, char *out, size_t size)
{
	snprintf(out, size, "%s%s%s", prop, value ? "=" : "", value ? value : "");
	return out;
}

static int check_needs(const struct conf_res *r, struct zkz_err *err)
{
	char prop[64], other[64];
	size_t i;

	for (i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		const struct need *n = needs + i;

		if (strcmp(r->type->name, n->type) || !has(r, n->prop, n->value) || has(r, n->other, n->with))
			continue;
		return err_config_needs(err, r->type->name, name_of(n->prop, n->value, prop, sizeof(prop)),
					name_of(n->other, n->with, other, sizeof(other)));
	}
	return 0;
}

/* The guest cannot get the same packets with a tag and without. */
static int check_vlans(const struct conf_res *r, struct zkz_err *err)
{
	const char *vlan = conf_res_get(r, "vlan-id"), *list = conf_res_get(r, "allowed-vlan-ids");
	struct conf_set set;
	uint64_t id;

	if (!vlan || !list || !conf_parse_number(vlan, &id) || !conf_set_parse(list, CONF_SET_MAX - 1, &set) ||
	    !conf_set_has(&set, (unsigned int)id))
		return 0;
	return err_config_vlan_twice(err, vlan);
}

static int check_memory(const struct conf_res *r, struct zkz_err *err)
{
	const char *all = conf_res_get(r, "physical"), *now = conf_res_get(r, "current");
	uint64_t most, least;

	if (!all || !now || !conf_parse_size(all, &most) || !conf_parse_size(now, &least) || least <= most)
		return 0;
	return err_config_memory_current(err, now, all);
}

/* Each has its place at a controller, which has six. */
static int check_cdrom(const struct conf_res *r, struct zkz_err *err)
{
	uint64_t id;

	if (!conf_res_is(r, "cdrom", "true") || !conf_parse_number(conf_res_get(r, "id"), &id) || id < CONF_MAX_CDROMS)
		return 0;
	return err_config_cdrom_id(err, CONF_MAX_CDROMS - 1);
}

int conf_check_res(const struct conf_res *r, struct zkz_err *err)
{
	const struct conf_type *t = r->type;
	int i;

	for (i = 0; i < CONF_MAX_PROPS && t->prop[i].name; i++) {
		if (r->val[i] || !t->prop[i].needed)
			continue;
		return err_config_property_missing(err, t->name, t->prop[i].name, t->prop[i].help);
	}
	return check_needs(r, err) || check_vlans(r, err) || check_memory(r, err) || check_cdrom(r, err) ? -1 : 0;
}

static int check_needed_types(const struct conf *c, struct zkz_err *err)
{
	const struct conf_type *t;

	for (t = conf_types; t->name; t++) {
		if (!t->needed || conf_count(c, t))
			continue;
		return err_config_resource_missing(err, t->name, t->prop[0].name);
	}
	return 0;
}

/* No two resources of a type may agree in what tells them apart. */
static int check_same(const struct conf *c, const char *type, const char *prop,
		      struct zkz_err *err)
{
	const struct conf_res *a, *b;

	for (a = conf_first(c, type); a; a = conf_next(a)) {
		const char *x = conf_res_get(a, prop);

		for (b = conf_next(a); x && b; b = conf_next(b)) {
			const char *y = conf_res_get(b, prop);

			if (!y || strcmp(x, y) || !strcmp(x, "auto"))
				continue;
			return err_config_same(err, type, prop, x);
		}
	}
	return 0;
}

static int check_boot(const struct conf *c, struct zkz_err *err)
{
	const struct conf_res *d;

	if (conf_res_get(&c->global, "kernel"))
		return 0;
	if (conf_res_get(&c->global, "initrd") || conf_res_get(&c->global, "bootargs"))
		return err_config_needs_kernel(err);
	for (d = conf_first(c, "device"); d; d = conf_next(d))
		if (conf_res_get(d, "bootpri"))
			return 0;
	return err_config_no_boot(err);
}

int conf_check(const struct conf *c, struct zkz_err *err)
{
	const struct conf_res *r;

	if (conf_check_res(&c->global, err) || check_needed_types(c, err))
		return -1;
	for (r = c->first; r; r = r->next)
		if (conf_check_res(r, err))
			return -1;
	if (check_same(c, "anet", "id", err) ||
	    check_same(c, "anet", "mac-address", err) ||
	    check_same(c, "device", "id", err) ||
	    check_same(c, "device", "storage", err) ||
	    check_same(c, "device", "bootpri", err) ||
	    check_same(c, "admin", "user", err) || check_same(c, "attr", "name", err) ||
	    conf_ports_check(c, err))
		return -1;
	return check_boot(c, err);
}
