// SPDX-License-Identifier: GPL-2.0
#include "migrate/upgrade/old.h"

#include <errno.h>
#include <stdio.h>

#include "lib/jsonl.h"
#include "zone/keeper.h"

#define STATUS_MS	15000

/* As the keeper tells, which has started it. */
static int ask_version(const char *zone, struct old *o, struct zkz_err *err)
{
	const char *version;
	json_t *run;

	if (keeper_call(zone, "status", NULL, &run, deadline_in_ms(STATUS_MS), err))
		return -1;
	version = json_str(run, "qemu-version");
	snprintf(o->runs, sizeof(o->runs), "%s", version ? version : "");
	json_decref(run);
	return 0;
}

int old_look(const char *zone, const struct zone_status *st, struct old *o, struct zkz_err *err)
{
	if (installed_qemu(&o->installed, 0, zone, err) || ask_version(zone, o, err))
		return -1;
	if (stale_look(st->keeper, KEEPER_PROGRAM, &o->keeper) ||
	    stale_look(st->qemu, o->installed.program.path, &o->qemu))
		return err_zone_not_running(err, zone);
	return 0;
}

static json_t *stale_json(const struct stale *s)
{
	return json_pack("{s:b, s:b, s:o}", "old", stale_any(s), "program", s->program,
			 "library", json_text(s->library));
}

json_t *old_json(const struct old *o)
{
	return json_pack("{s:o, s:o, s:s, s:s}", "keeper", stale_json(&o->keeper), "qemu", stale_json(&o->qemu),
			 "qemu-runs", o->runs, "qemu-installed", o->installed.able.version);
}
