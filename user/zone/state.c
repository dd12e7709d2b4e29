// SPDX-License-Identifier: GPL-2.0
#include "zone/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "zone/incomplete.h"
#include "zone/lock.h"
#include "zone/owner.h"
#include "zone/paths.h"
#include "zone/store.h"

#define MAX_STATE_FILE	4096

static const char *const states[] = {
	[ZONE_UNAVAILABLE] = "unavailable",
	[ZONE_CONFIGURED] = "configured",
	[ZONE_INCOMPLETE] = "incomplete",
	[ZONE_INSTALLED] = "installed",
	[ZONE_RUNNING] = "running",
};

static const char *const auxes[] = {
	[AUX_NONE] = "",
	[AUX_MIGRATING_IN] = "migrating-in",
	[AUX_MIGRATING_OUT] = "migrating-out",
	[AUX_PANICKED] = "panicked",
	[AUX_SHUTTING_DOWN] = "shutting-down",
	[AUX_IN_DOUBT] = "in-doubt",
	[AUX_PAUSED] = "paused",
	[AUX_UPGRADING] = "upgrading",
};

#define COUNT(a)	((int)(sizeof(a) / sizeof((a)[0])))

const char *zone_state_text(enum zone_state s)
{
	return states[s];
}

const char *zone_aux_text(enum zone_aux a)
{
	return auxes[a];
}

static int find(const char *const *names, int n, const char *text)
{
	int i;

	for (i = 0; text && i < n; i++)
		if (!strcmp(names[i], text))
			return i;
	return -1;
}

int zone_status_write(const char *zone, const struct zone_status *st,
		      struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	json_t *obj;
	char *text;
	int rc;

	obj = json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:I, s:I}", "why", st->why, "machine", st->machine,
			"state", states[st->state], "aux", auxes[st->aux],
			"id", (int)st->id, "keeper", (int)st->keeper,
			"qemu", (int)st->qemu, "epoch", (json_int_t)st->epoch,
			"since", (json_int_t)st->since);
	text = obj ? json_dumps(obj, JSON_COMPACT) : NULL;
	json_decref(obj);
	if (!text)
		return err_no_memory(err);
	rc = file_write_atomic(zone_path(ZF_STATE, zone, path), text,
			       strlen(text), 0644, err);
	free(text);
	return rc;
}

int zone_status_from_json(const json_t *obj, struct zone_status *st)
{
	const char *state = json_str(obj, "state"), *aux = json_str(obj, "aux");
	const char *why = json_str(obj, "why"), *machine = json_str(obj, "machine");
	int known;

	if (!state || !aux)
		return -1;
	/* What only a keeper of a newer zkz says: it has a QEMU. */
	known = find(states, COUNT(states), state);
	st->state = known < 0 ? ZONE_RUNNING : (enum zone_state)known;
	known = find(auxes, COUNT(auxes), aux);
	st->aux = known < 0 ? AUX_NONE : (enum zone_aux)known;
	st->id = (unsigned int)json_int(obj, "id", 0);
	st->keeper = (pid_t)json_int(obj, "keeper", 0);
	st->qemu = (pid_t)json_int(obj, "qemu", 0);
	st->since = (uint64_t)json_int(obj, "since", 0);
	snprintf(st->why, sizeof(st->why), "%s", why ? why : "");
	snprintf(st->machine, sizeof(st->machine), "%s", machine ? machine : "");
	return 0;
}

static int decode(const char *text, size_t len, struct zone_status *st)
{
	json_t *obj = jsonl_parse(text, len, NULL);
	int rc = zone_status_from_json(obj, st);

	json_decref(obj);
	return rc;
}

static int read_keeper_file(const char *zone, struct zone_status *st,
			    struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	char *text;
	size_t len;
	int rc;

	text = file_read(zone_path(ZF_STATE, zone, path), MAX_STATE_FILE, &len, err);
	if (!text) {
		/* The keeper has only just begun. */
		if (errno != ENOENT)
			return -1;
		err_clear(err);
		st->state = ZONE_RUNNING;
		return 0;
	}
	rc = decode(text, len, st);
	free(text);
	if (rc)
		return err_zone_state_damaged(err, path);
	return 0;
}

static enum zone_state at_rest(const char *zone, enum zone_owner_kind owner)
{
	if (zone_incomplete(zone))
		return ZONE_INCOMPLETE;
	return owner == OWNER_HERE ? ZONE_INSTALLED : ZONE_CONFIGURED;
}

int zone_status_read(const char *zone, struct zone_status *st,
		     struct zkz_err *err)
{
	struct zone_owner o;

	memset(st, 0, sizeof(*st));
	if (!zone_configured(zone))
		return zone_unknown(zone, err);
	/* A zone whose owner is unknown can still be seen, and halted. */
	if (zone_owner_read(zone, &o, NULL)) {
		memset(&o, 0, sizeof(o));
		st->state = ZONE_UNAVAILABLE;
	} else {
		st->state = at_rest(zone, o.kind);
	}
	if (zone_alive(zone) && read_keeper_file(zone, st, err))
		return -1;
	if (o.kind == OWNER_IN_DOUBT) {
		st->aux = AUX_IN_DOUBT;
		st->why[0] = '\0';
	}
	st->epoch = o.epoch;
	return 0;
}

int zone_next_id(unsigned int *id, struct zkz_err *err)
{
	static const char path[] = ZKZ_RUN_DIR "/next-id";
	char text[16];
	unsigned long last = 0;
	ssize_t n;
	int fd;

	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || flock(fd, LOCK_EX))
		goto fail;
	n = pread(fd, text, sizeof(text) - 1, 0);
	if (n < 0)
		goto fail;
	text[n] = '\0';
	last = strtoul(text, NULL, 10);
	*id = (unsigned int)last + 1;
	n = snprintf(text, sizeof(text), "%u\n", *id);
	if (pwrite(fd, text, (size_t)n, 0) != n)
		goto fail;
	io_close(&fd);
	return 0;

fail:
	err_file_write(err, path, errno);
	io_close(&fd);
	return -1;
}
