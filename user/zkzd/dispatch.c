// SPDX-License-Identifier: GPL-2.0
#include "zkzd/dispatch.h"

#include <string.h>

#include "lib/log.h"
#include "migrate/source/verbs.h"
#include "migrate/target/verbs.h"
#include "migrate/upgrade/verbs.h"
#include "zone/store.h"

static const struct op ops[] = {
	{ .name = "config-get", .fn = op_config_get, .zone = true },
	{ .name = "config-put", .fn = op_config_put, .zone = true },
	{ .name = "list", .fn = op_list },
	{ .name = "status", .fn = op_status, .zone = true },
	{ .name = "attach", .fn = op_attach, .change = true, .zone = true },
	{ .name = "detach", .fn = op_detach, .change = true, .zone = true },
	{ .name = "verify", .fn = op_verify, .change = true, .zone = true },
	{ .name = "install", .fn = op_install, .change = true, .zone = true },
	{ .name = "uninstall", .fn = op_uninstall, .change = true, .zone = true },
	{ .name = "clone", .fn = op_clone, .change = true, .zone = true },
	{ .name = "rename", .fn = op_rename, .change = true, .zone = true },
	{ .name = "boot", .fn = op_boot, .change = true, .zone = true },
	{ .name = "halt", .fn = op_halt, .change = true, .zone = true },
	{ .name = "shutdown", .fn = op_shutdown, .change = true, .zone = true },
	{ .name = "reboot", .fn = op_reboot, .change = true, .zone = true },
	{ .name = "resume", .fn = op_resume, .change = true, .zone = true },
	{ .name = "console", .fn = op_console, .change = true, .zone = true },
	{ .name = "log", .fn = op_log, .zone = true },
	{ .name = "downtime", .fn = op_downtime, .change = true, .zone = true },
	{ .name = "storage", .fn = op_storage, .change = true },
	{ .name = "migrate", .fn = op_migrate, .change = true, .zone = true },
	{ .name = "upgrade", .fn = op_upgrade, .change = true, .zone = true },
	{ .name = "module", .fn = op_module, .change = true },
	{ .name = "abort", .fn = op_abort, .change = true, .zone = true },
	{ .name = "recover", .fn = op_recover, .change = true, .zone = true },
	{ .name = "serve", .fn = op_serve, .change = true },
};

static const struct op *find(const char *name)
{
	size_t i;

	for (i = 0; name && i < sizeof(ops) / sizeof(ops[0]); i++)
		if (!strcmp(ops[i].name, name))
			return &ops[i];
	return NULL;
}

int dispatch(struct request *rq, struct zkz_err *err)
{
	const struct op *op;

	rq->op = json_str(rq->args, "op");
	op = find(rq->op);
	if (!op)
		return err_unknown_operation(err, rq->op ? rq->op : "");
	if (op->change && !rq->admin)
		return err_denied_operation(err, rq->uid, op->name);
	if (op->zone) {
		rq->zone = json_str(rq->args, "zone");
		if (!rq->zone)
			return err_usage_no_zone(err, op->name);
		if (zone_check_name(rq->zone, err))
			return -1;
		rq->out.zone = rq->zone;
		log_zone(rq->zone);
	}
	return op->fn(rq, err);
}
