// SPDX-License-Identifier: GPL-2.0
/* The verb that changes the kernel module for the one that is installed now. */
#include <stdio.h>
#include <string.h>

#include "lib/log.h"
#include "lib/module.h"
#include "zkzd/dispatch.h"
#include "zone/lock.h"
#include "zone/memfs.h"
#include "zone/store.h"

/**
 * struct users - zones that have their memory in the module
 * @nr:   how many
 * @text: their names, as many as there is room for
 */
struct users {
	unsigned int nr;
	char text[ERR_ARG_MAX];
};

static int add_user(const char *zone, void *arg)
{
	struct users *u = arg;
	size_t len = strlen(u->text);

	if (!zone_alive(zone))
		return 0;
	if (len + strlen(zone) + 3 < sizeof(u->text))
		snprintf(u->text + len, sizeof(u->text) - len, "%s%s", u->nr ? ", " : "", zone);
	u->nr++;
	return 0;
}

static int change(struct request *rq, struct zkz_err *err)
{
	log_note("user %u changes the module", (unsigned int)rq->uid);
	out_step(&rq->out, "Removing the module that is loaded.");
	if (memfs_unmount(err) || module_unload(err))
		return -1;
	out_step(&rq->out, "Loading the one that is installed.");
	return memfs_mount(err);
}

int op_module(struct request *rq, struct zkz_err *err)
{
	struct module_versions v;
	struct users u = { .nr = 0 };
	json_t *res;

	if (module_versions(&v, err) || zone_for_each(add_user, &u, err))
		return -1;
	res = json_pack("{s:s, s:s, s:i}", "loaded", v.loaded, "installed", v.installed, "zones", (int)u.nr);
	if (!strcmp(v.loaded, v.installed) && !json_bool(rq->args, "force", false)) {
		out_result(&rq->out, res, "The module that is loaded is the one that is installed.");
		return 0;
	}
	if (u.nr) {
		json_decref(res);
		return err_module_has_zones(err, u.nr, u.text);
	}
	if (json_bool(rq->args, "check", false)) {
		out_result(&rq->out, res, "No zone runs: the module can be changed.");
		return 0;
	}
	if (change(rq, err)) {
		json_decref(res);
		return -1;
	}
	out_result(&rq->out, res, "The module that is installed is loaded.");
	return 0;
}
