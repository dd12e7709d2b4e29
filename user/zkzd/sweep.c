// SPDX-License-Identifier: GPL-2.0
#include "zkzd/sweep.h"

#include "lib/file.h"
#include "lib/io.h"
#include "lib/log.h"
#include "migrate/commit/journal.h"
#include "migrate/commit/note.h"
#include "migrate/commit/undo.h"
#include "zone/lock.h"
#include "zone/owner.h"
#include "zone/paths.h"
#include "zone/store.h"
#include "zone/sweep.h"

/* A file that is being written is not as old as this. */
#define KEEP_TEMP_S	3600

/* A keeper whose QEMU does not quit takes this long at most. */
#define ENDING_MS	45000

/* It came here, or was on its way, and nobody may be left who writes down what became of it. */
static bool unsettled(const char *zone)
{
	struct zone_owner o;

	return !zone_owner_read(zone, &o, NULL) && (o.kind == OWNER_ARRIVED || o.kind == OWNER_INCOMING);
}

static int sweep_one(const char *zone, void *arg)
{
	struct zkz_err err;
	int lock;

	if (!zone_left_over(zone) && !note_pending(zone) && !unsettled(zone))
		return 0;
	lock = zone_lock_new(zone, deadline_in_ms(0), NULL);
	if (lock < 0)
		return 0;
	log_zone(zone);
	if (*(const bool *)arg)
		undo_wait(zone, deadline_in_ms(ENDING_MS));
	zone_sweep(zone);
	if (undo_run(zone, &err))
		log_error("zone %s: %s", zone, err.text);
	log_zone(NULL);
	io_close(&lock);
	return 0;
}

void sweep_all(bool wait)
{
	struct zkz_err err;

	if (zone_walk_known(sweep_one, &wait, &err))
		log_error("%s", err.text);
}

static int protect_one(const char *zone, void *arg)
{
	(void)arg;
	zone_conf_protect(zone);
	return 0;
}

void sweep_modes(void)
{
	struct zkz_err err;

	if (zone_for_each(protect_one, NULL, &err))
		log_error("%s", err.text);
}

static int tidy_one(const char *zone, void *arg)
{
	char path[ZONE_PATH_MAX];

	(void)arg;
	file_tidy(zone_path(ZF_DIR, zone, path), KEEP_TEMP_S);
	file_tidy(zone_path(ZF_RUN, zone, path), KEEP_TEMP_S);
	return 0;
}

void sweep_files(void)
{
	struct zkz_err err;

	journal_prune();
	file_tidy(ZKZ_CONFIG_DIR, KEEP_TEMP_S);
	if (zone_walk_known(tidy_one, NULL, &err))
		log_error("%s", err.text);
}
