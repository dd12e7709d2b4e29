// SPDX-License-Identifier: GPL-2.0
#include "conf/ports.h"

#include <stdio.h>
#include <string.h>

/* The first before @end, NULL: of all, that has the port. */
static const struct conf_res *at_port(const struct conf *c, const char *port, const struct conf_res *end)
{
	const struct conf_res *r;

	for (r = c->first; r && r != end; r = r->next)
		if (conf_res_is(r, "port", port))
			return r;
	return NULL;
}

static int check(const struct conf *c, const struct conf_res *r, const char *port, struct zkz_err *err)
{
	const char *type = r->type->name, *id = conf_res_get(r, "id");
	const struct conf_res *other;

	if (!conf_res_is(&c->global, "hot-plug", "true"))
		return err_config_port_none(err, type, id);
	if (conf_res_is(r, "cdrom", "true"))
		return err_config_port_cdrom(err, id);
	other = strcmp(port, "auto") ? at_port(c, port, r) : NULL;
	return other ? err_config_port_twice(err, port, other->type->name, conf_res_get(other, "id"), type, id) : 0;
}

int conf_ports_check(const struct conf *c, struct zkz_err *err)
{
	const struct conf_res *r;

	for (r = c->first; r; r = r->next) {
		const char *port = conf_res_get(r, "port");

		if (port && check(c, r, port, err))
			return -1;
	}
	return 0;
}

static int assign(const struct conf *c, struct conf_res *r, struct zkz_err *err)
{
	unsigned int port;
	char text[8];

	for (port = 0; port < CONF_MAX_PORTS; port++) {
		snprintf(text, sizeof(text), "%u", port);
		if (at_port(c, text, NULL))
			continue;
		conf_res_set(r, conf_prop_find(r->type, "port"), text);
		return 0;
	}
	return err_config_ports_taken(err, r->type->name, conf_res_get(r, "id"), CONF_MAX_PORTS);
}

int conf_ports_assign(struct conf *c, struct zkz_err *err)
{
	struct conf_res *r;

	for (r = c->first; r; r = r->next)
		if (conf_res_is(r, "port", "auto") && assign(c, r, err))
			return -1;
	return 0;
}
