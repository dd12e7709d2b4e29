// SPDX-License-Identifier: GPL-2.0
#include "libvirt/import.h"

#include <string.h>

/* The language has no other characters. */
static bool is_text(const char *value)
{
	for (; *value; value++)
		if (*value < 0x20 || *value > 0x7e)
			return false;
	return true;
}

bool import_set(struct conf_res *r, const char *name, const char *value)
{
	int prop = conf_prop_find(r->type, name);
	char val[CONF_MAX_VALUE];

	if (value && !is_text(value))
		return false;
	if (value && conf_canon(&r->type->prop[prop], value, val, NULL))
		return false;
	conf_res_set(r, prop, value ? val : NULL);
	return true;
}

void import_tell_virtio(const struct import *im, const char *type, unsigned int id, const char *was,
			const char *driver)
{
	struct zkz_err warning = { 0 };

	if (!strcmp(was, "virtio"))
		return;
	err_import_bus(&warning, type, id, was, driver);
	im->tell(&warning, im->arg);
}
