// SPDX-License-Identifier: GPL-2.0
#include "zkzd/sweep.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/io.h"
#include "lib/log.h"
#include "migrate/undo.h"
#include "zone/lock.h"
#include "zone/memfs.h"
#include "zone/paths.h"
#include "zone/store.h"

/* A keeper whose QEMU does not quit takes this long at most. */
#define ENDING_MS	45000

static void note_end(const char *zone)
{
	char path[ZONE_PATH_MAX], utc[UTC_TEXT_SIZE];
	json_t *obj;
	char *text;

	obj = json_pack("{s:s, s:s, s:b}", "time", clock_utc_text(clock_real_ns(), utc),
			"text", "the keeper died without cleaning up", "crashed", 1);
	text = obj ? json_dumps(obj, JSON_COMPACT) : NULL;
	json_decref(obj);
	if (text)
		file_write_atomic(zone_path(ZF_ENDED, zone, path), text, strlen(text), 0644, NULL);
	free(text);
}

void sweep_zone(const char *zone)
{
	static const enum zone_file files[] = {
		ZF_KEEPER, ZF_QMP, ZF_CONSOLE, ZF_RUN_CONFIG, ZF_STATE,
	};
	char path[ZONE_PATH_MAX];
	struct zkz_err err;
	size_t i;

	if (zone_alive(zone) || access(zone_path(ZF_STATE, zone, path), F_OK))
		return;
	log_warn("zone %s: its keeper died; removing what is left of the run", zone);
	if (memfs_remove(zone, &err))
		log_error("%s", err.text);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(zone_path(files[i], zone, path));
	note_end(zone);
}

static int sweep_one(const char *zone, void *arg)
{
	int lock = zone_lock(zone, deadline_in_ms(0), NULL);
	struct zkz_err err;

	if (lock < 0)
		return 0;
	if (*(const bool *)arg)
		undo_wait(zone, deadline_in_ms(ENDING_MS));
	sweep_zone(zone);
	if (undo_run(zone, &err))
		log_error("zone %s: %s", zone, err.text);
	io_close(&lock);
	return 0;
}

void sweep_dead_runs(bool wait)
{
	struct zkz_err err;

	if (zone_for_each(sweep_one, &wait, &err))
		log_error("%s", err.text);
}
