// SPDX-License-Identifier: GPL-2.0
#include "zkzd/dispatch.h"

#include <string.h>

#include "lib/log.h"
#include "migrate/source/verbs.h"
#include "migrate/target/verbs.h"
#include "migrate/upgrade/verbs.h"
#include "zkzd/audit.h"
#include "zone/store.h"

static const struct op ops[] = {
	{ .name = "config-get", .fn = op_config_get, .zone = true },
	{ .name = "config-put", .fn = op_config_put, .right = RIGHT_CONFIG, .zone = true },
	{ .name = "apply", .fn = op_apply, .right = RIGHT_CONFIG, .zone = true },
	{ .name = "list", .fn = op_list },
	{ .name = "status", .fn = op_status, .zone = true },
	{ .name = "attach", .fn = op_attach, .right = RIGHT_CONFIG, .zone = true },
	{ .name = "detach", .fn = op_detach, .right = RIGHT_CONFIG, .zone = true },
	{ .name = "verify", .fn = op_verify, .right = RIGHT_MANAGE, .zone = true },
	{ .name = "install", .fn = op_install, .right = RIGHT_CONFIG, .zone = true },
	{ .name = "uninstall", .fn = op_uninstall, .right = RIGHT_CONFIG, .zone = true },
	{ .name = "clone", .fn = op_clone, .right = RIGHT_CONFIG, .zone = true },
	{ .name = "rename", .fn = op_rename, .right = RIGHT_CONFIG, .zone = true },
	{ .name = "boot", .fn = op_boot, .right = RIGHT_MANAGE, .zone = true },
	{ .name = "halt", .fn = op_halt, .right = RIGHT_MANAGE, .zone = true },
	{ .name = "shutdown", .fn = op_shutdown, .right = RIGHT_MANAGE, .zone = true },
	{ .name = "reboot", .fn = op_reboot, .right = RIGHT_MANAGE, .zone = true },
	{ .name = "resume", .fn = op_resume, .right = RIGHT_MANAGE, .zone = true },
	{ .name = "console", .fn = op_console, .right = RIGHT_LOGIN, .zone = true },
	{ .name = "login", .fn = op_login, .right = RIGHT_LOGIN, .zone = true },
	{ .name = "log", .fn = op_log, .zone = true },
	{ .name = "downtime", .fn = op_downtime, .right = RIGHT_MANAGE, .zone = true },
	{ .name = "storage", .fn = op_storage, .right = RIGHT_CONFIG },
	{ .name = "migrate", .fn = op_migrate, .right = RIGHT_MIGRATE, .zone = true },
	{ .name = "upgrade", .fn = op_upgrade, .right = RIGHT_MANAGE, .zone = true },
	{ .name = "module", .fn = op_module, .right = RIGHT_ROOT },
	{ .name = "abort", .fn = op_abort, .right = RIGHT_MIGRATE, .zone = true },
	{ .name = "recover", .fn = op_recover, .right = RIGHT_ROOT, .zone = true },
	{ .name = "serve", .fn = op_serve, .right = RIGHT_CONFIG },
};

static const struct op *find(const char *name)
{
	size_t i;

	for (i = 0; name && i < sizeof(ops) / sizeof(ops[0]); i++)
		if (!strcmp(ops[i].name, name))
			return &ops[i];
	return NULL;
}

static int take_zone(struct request *rq, struct zkz_err *err)
{
	rq->zone = json_str(rq->args, "zone");
	if (!rq->zone)
		return err_usage_no_zone(err, rq->op);
	if (zone_check_name(rq->zone, err))
		return -1;
	rq->out.zone = rq->zone;
	log_zone(rq->zone);
	return 0;
}

int dispatch(struct request *rq, struct zkz_err *err)
{
	const struct op *op;

	rq->op = json_str(rq->args, "op");
	op = find(rq->op);
	if (!op)
		return err_unknown_operation(err, rq->op ? rq->op : "");
	if (op->zone && take_zone(rq, err))
		return -1;
	if (rights_check(rq, op->right, rq->zone, err) || op->fn(rq, err))
		return -1;
	if (op->right == RIGHT_LOOK)
		return 0;
	log_event(LOG_NOTE, EVENT_CHANGED, "%s%s'%s' by user %u", rq->zone ? rq->zone : "",
		  rq->zone ? ": " : "", op->name, (unsigned int)rq->uid);
	audit_tell(rq, rq->zone, true);
	return 0;
}
