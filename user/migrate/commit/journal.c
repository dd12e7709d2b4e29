// SPDX-License-Identifier: GPL-2.0
#include "migrate/commit/journal.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "lib/id.h"
#include "lib/jsonl.h"
#include "zone/paths.h"

#define MAX_RECORD	4096
#define KEEP_TEMP_S	3600

static void record_path(const char *migration, char *path, size_t size)
{
	snprintf(path, size, ZKZ_MIGRATIONS_DIR "/%.32s", migration);
}

int journal_read(const char *migration, bool *owned, struct zkz_err *err)
{
	char path[128], *text;
	const char *outcome;
	json_t *obj;
	size_t len;
	int rc = 0;

	*owned = false;
	record_path(migration, path, sizeof(path));
	text = file_read(path, MAX_RECORD, &len, err);
	if (!text) {
		if (errno != ENOENT)
			return -1;
		err_clear(err);
		return 0;
	}
	obj = jsonl_parse(text, len, NULL);
	free(text);
	outcome = json_str(obj, "outcome");
	*owned = outcome && !strcmp(outcome, "owned");
	/* Refusals were written down once. */
	if (!outcome || (!*owned && strcmp(outcome, "refused")))
		rc = err_journal_damaged(err, path);
	json_decref(obj);
	return rc;
}

int journal_write(const char *migration, const char *zone, struct zkz_err *err)
{
	char path[128], when[UTC_TEXT_SIZE], *text;
	json_t *obj;
	int rc;

	if (file_mkdirs(ZKZ_MIGRATIONS_DIR, 0700, err))
		return -1;
	obj = json_pack("{s:s, s:s, s:s}", "zone", zone, "outcome", "owned",
			"time", clock_utc_text(clock_real_ns(), when));
	text = obj ? json_dumps(obj, JSON_COMPACT) : NULL;
	json_decref(obj);
	if (!text)
		return err_no_memory(err);
	record_path(migration, path, sizeof(path));
	rc = file_write_atomic(path, text, strlen(text), 0600, err);
	free(text);
	return rc;
}

int journal_forget(const char *migration, struct zkz_err *err)
{
	char path[128];

	record_path(migration, path, sizeof(path));
	return file_remove(path, err);
}

void journal_prune(void)
{
	DIR *d = opendir(ZKZ_MIGRATIONS_DIR);
	const struct dirent *e;
	bool owned;

	if (!d)
		return;
	while ((e = readdir(d)))
		if (id_ok(e->d_name) && !journal_read(e->d_name, &owned, NULL) && !owned)
			journal_forget(e->d_name, NULL);
	closedir(d);
	file_tidy(ZKZ_MIGRATIONS_DIR, KEEP_TEMP_S);
}
