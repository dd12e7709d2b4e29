// SPDX-License-Identifier: GPL-2.0
#include "zone/sweep.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "zone/lock.h"
#include "zone/memfs.h"
#include "zone/paths.h"

/* A keeper that is killed while it starts has made only some of these. */
static const enum zone_file files[] = {
	ZF_MEMORY, ZF_KEEPER, ZF_QMP, ZF_QMP_NEXT, ZF_CONSOLE, ZF_CONSOLE_NEXT, ZF_AGENT,
	ZF_AGENT_NEXT, ZF_NBD, ZF_RUN_CONFIG, ZF_UNSENT, ZF_STATE,
};

#define NR_FILES	(sizeof(files) / sizeof(files[0]))

bool zone_left_over(const char *zone)
{
	char path[ZONE_PATH_MAX];
	size_t i;

	for (i = 0; i < NR_FILES; i++)
		if (!access(zone_path(files[i], zone, path), F_OK))
			return !zone_alive(zone);
	return false;
}

/* For "zkz status" of a zone that does not run any more. */
static void note_end(const char *zone, const char *how, bool crashed)
{
	char path[ZONE_PATH_MAX], utc[UTC_TEXT_SIZE];
	json_t *obj;
	char *text;

	/* A deleted zone has nobody who would ask. */
	if (access(zone_path(ZF_CONFIG, zone, path), F_OK))
		return;
	obj = json_pack("{s:s, s:o, s:b}", "time", clock_utc_text(clock_real_ns(), utc),
			"text", json_text(how), "crashed", crashed);
	text = obj ? json_dumps(obj, JSON_COMPACT) : NULL;
	json_decref(obj);
	if (text && file_write_atomic(zone_path(ZF_ENDED, zone, path), text, strlen(text), 0644,
				      NULL))
		log_warn("cannot write %s", path);
	free(text);
}

void zone_clear_run(const char *zone, const char *how, bool crashed)
{
	char path[ZONE_PATH_MAX];
	struct zkz_err err;
	size_t i;

	if (memfs_remove(zone, &err))
		log_error("%s", err.text);
	for (i = 0; i < NR_FILES; i++)
		if (files[i] != ZF_MEMORY)
			unlink(zone_path(files[i], zone, path));
	if (how)
		note_end(zone, how, crashed);
}

void zone_sweep(const char *zone)
{
	if (!zone_left_over(zone))
		return;
	log_warn("zone %s: its keeper died; removing what is left of the run", zone);
	zone_clear_run(zone, "the keeper died without cleaning up", true);
}
