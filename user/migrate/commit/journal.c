// SPDX-License-Identifier: GPL-2.0
#include "migrate/commit/journal.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "lib/id.h"
#include "lib/jsonl.h"

#define JOURNAL_DIR	"/var/lib/zkz/migrations"
#define MAX_RECORD	4096

#define KEEP_REFUSED_S	(90 * 24 * 3600)
#define KEEP_TEMP_S	3600

static const char * const texts[] = {
	[OUTCOME_NONE] = "none",
	[OUTCOME_OWNED] = "owned",
	[OUTCOME_REFUSED] = "refused",
};

const char *outcome_text(enum outcome o)
{
	return texts[o];
}

enum outcome outcome_parse(const char *text)
{
	int i;

	for (i = OUTCOME_OWNED; text && i <= OUTCOME_REFUSED; i++)
		if (!strcmp(text, texts[i]))
			return i;
	return OUTCOME_NONE;
}

enum outcome journal_decide(enum outcome written, const struct zone_owner *owner,
			    const char *migration)
{
	if (written != OUTCOME_NONE)
		return written;
	/*
	 * A crash may have come between the commit and the journal. While the
	 * zone is incoming nothing is committed.
	 */
	if (owner->kind == OWNER_HERE && !strcmp(owner->migration, migration))
		return OUTCOME_OWNED;
	return OUTCOME_REFUSED;
}

static void record_path(const char *migration, char *path, size_t size)
{
	snprintf(path, size, JOURNAL_DIR "/%.32s", migration);
}

int journal_read(const char *migration, enum outcome *o, struct zkz_err *err)
{
	char path[128], *text;
	json_t *obj;
	size_t len;

	*o = OUTCOME_NONE;
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
	*o = outcome_parse(obj ? json_str(obj, "outcome") : NULL);
	json_decref(obj);
	if (*o == OUTCOME_NONE)
		return err_set(err, ERR_IN_DOUBT, "File %s is damaged", path);
	return 0;
}

int journal_write(const char *migration, const char *zone, enum outcome o,
		  struct zkz_err *err)
{
	char path[128], when[UTC_TEXT_SIZE], *text;
	json_t *obj;
	int rc;

	if (file_mkdirs(JOURNAL_DIR, 0700, err))
		return -1;
	obj = json_pack("{s:s, s:s, s:s}", "zone", zone, "outcome", texts[o],
			"time", clock_utc_text(clock_real_ns(), when));
	text = obj ? json_dumps(obj, JSON_COMPACT) : NULL;
	json_decref(obj);
	if (!text)
		return err_set(err, ERR_NO_MEMORY, "Cannot format a journal record");
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

static void prune_one(const char *migration)
{
	time_t now = (time_t)(clock_real_ns() / NSEC_PER_SEC);
	enum outcome o;
	char path[128];
	struct stat st;

	record_path(migration, path, sizeof(path));
	if (stat(path, &st) || st.st_mtime + KEEP_REFUSED_S > now)
		return;
	if (!journal_read(migration, &o, NULL) && o == OUTCOME_REFUSED)
		file_remove(path, NULL);
}

void journal_prune(void)
{
	DIR *d = opendir(JOURNAL_DIR);
	const struct dirent *e;

	if (!d)
		return;
	while ((e = readdir(d)))
		if (id_ok(e->d_name))
			prune_one(e->d_name);
	closedir(d);
	file_tidy(JOURNAL_DIR, KEEP_TEMP_S);
}
