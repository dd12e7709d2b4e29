// SPDX-License-Identifier: GPL-2.0
/*
 * Target: after GO, while pages still come. The guest runs; the module serves its
 * faults. The worker only watches: it tells the source how far it is, and ends the
 * zone if what is missing will never come.
 *
 *   fetching ---- connections break ----> lost ---- a new worker: "resume" ----> fetching
 *      |                                   |
 *      | all is here                       | nobody came for as long as was agreed on
 *      v                                   v
 *    ended                              the zone ends here: its memory is lost
 *
 * The zone has changed hands, so a broken control channel ends nothing. The source
 * comes again through a new one, to a new worker; both watch then, and either does
 * what is to be done if the other has died.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/hold.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "migrate/figures/fetched.h"
#include "migrate/pump.h"
#include "migrate/target/fetch.h"
#include "zone/keeper.h"
#include "zone/paths.h"

#define TELL_MS		400
#define LOSE_MS		60000

/* One look at the fetch. */
struct watch {
	struct target *t;
	struct figures fig;
	bool tell;		/* the source listens */
	deadline_t until;	/* while it stands still: when to give up */
	uint64_t stood;		/* pages that were missing when it was lost */
	uint64_t told;
};

static void on_event(const struct session_info *info, void *arg)
{
	mover_hear(arg, info);
}

/* Somebody else has removed the session: what of the memory is missing tells why. */
static int look_at_memory(struct mover *m, struct zkz_err *err)
{
	uint64_t missing = 0;
	struct stat st;

	if (fstat(m->memory, &st))
		return err_memory_look(err, errno);
	if (memory_missing(m->genl, st.st_ino, &missing, err) < 0)
		return -1;
	m->info.state = missing ? ZKZ_STATE_FAILED : ZKZ_STATE_ENDED;
	m->info.counters[ZKZ_A_COUNTERS_FETCH_MISSING] = missing;
	snprintf(m->info.reason, sizeof(m->info.reason), "given up");
	return 0;
}

static int look_at_session(struct mover *m, struct zkz_err *err)
{
	int rc = mover_listen(m, on_event, m, err);

	if (rc <= 0)
		return rc;
	err_clear(err);
	return look_at_memory(m, err);
}

static int tell(struct watch *w, const char *type, struct zkz_err *err)
{
	figures_take(&w->fig, &w->t->mover.info);
	w->told = clock_mono_ns();
	return channel_send(&w->t->ch, type, figures_json(&w->fig), err);
}

/* A source that cannot be reached any more is not the end: its module may still send. */
static void keep_told(struct watch *w)
{
	struct zkz_err err = { 0 };
	json_t *msg;
	int rc = 0;

	if (clock_mono_ns() - w->told >= TELL_MS * NSEC_PER_MSEC)
		rc = tell(w, "fetching", &err);
	while (!rc && (rc = channel_poll(&w->t->ch, &msg, &err)) > 0) {
		rc = err_source_wrong_time(&err, json_str(msg, "type"));
		json_decref(msg);
	}
	if (!rc)
		return;
	log_warn("zone %s: %s; its memory is fetched all the same", w->t->zone, err.text);
	w->tell = false;
}

/* The memory is of no use any more, and so is the guest. */
static int lose(struct watch *w, struct zkz_err *err)
{
	struct target *t = w->t;
	const struct session_info *info = &t->mover.info;
	unsigned long long missing = info->counters[ZKZ_A_COUNTERS_FETCH_MISSING];
	struct zkz_err why = { 0 };

	session_abort(t->mover.genl, t->mover.session, info->reason, NULL);
	err_memory_never_came(err, missing, t->zone, t->commit.peer, info->reason);
	log_error("zone %s: %s", t->zone, err->text);
	if (keeper_call(t->zone, "lose", json_pack("{s:s}", "why", err->text), NULL,
			deadline_in_ms(LOSE_MS), &why))
		log_warn("zone %s: %s", t->zone, why.text);
	return -1;
}

/* Nobody needs the memory of a zone that has ended, was halted, say. */
static int check_zone_runs(struct watch *w, struct zkz_err *err)
{
	struct target *t = w->t;
	char path[ZONE_PATH_MAX];
	struct stat ours, now;

	if (fstat(t->mover.memory, &ours))
		return err_memory_look(err, errno);
	if (!stat(zone_path(ZF_MEMORY, t->zone, path), &now) && now.st_ino == ours.st_ino)
		return 0;
	session_abort(t->mover.genl, t->mover.session, "the zone has ended there", NULL);
	return err_memory_fetch_ended(err, t->zone);
}

/*
 * Connections that were replaced are no help by themselves: what they broke of, too
 * little memory here, say, may break the next ones. Only pages that come are.
 */
static int stands_still(struct watch *w, struct zkz_err *err)
{
	const struct session_info *info = &w->t->mover.info;
	uint64_t missing = info->counters[ZKZ_A_COUNTERS_FETCH_MISSING];

	if (w->until == DEADLINE_NONE || missing < w->stood) {
		w->until = deadline_in_ms(w->t->patience_ms);
		w->stood = missing;
		log_warn("zone %s: the fetch stands still (%s); the guest waits for it, up to %u s",
			 w->t->zone, info->reason, w->t->patience_ms / 1000);
	}
	return deadline_left_ms(w->until) ? 0 : lose(w, err);
}

/* Return: 1 when all is here, 0 to go on, -1. */
static int judge(struct watch *w, struct zkz_err *err)
{
	const struct session_info *info = &w->t->mover.info;

	switch (info->state) {
	case ZKZ_STATE_ENDED:
		return 1;
	case ZKZ_STATE_FAILED:
		return lose(w, err);
	case ZKZ_STATE_LOST:
		return stands_still(w, err);
	default:
		if (w->until != DEADLINE_NONE && info->counters[ZKZ_A_COUNTERS_FETCH_MISSING] < w->stood) {
			log_note("zone %s: the fetch goes on", w->t->zone);
			w->until = DEADLINE_NONE;
		}
		return 0;
	}
}

static int watch(struct watch *w, struct zkz_err *err)
{
	int rc;

	for (;;) {
		struct pump p = { .mover = &w->t->mover };

		if (look_at_session(&w->t->mover, err))
			return -1;
		rc = judge(w, err);
		if (!rc && check_zone_runs(w, err))
			return -1;
		if (rc)
			return rc < 0 ? -1 : 0;
		if (w->tell)
			keep_told(w);
		p.peer = w->tell ? &w->t->ch : NULL;
		pump_wait(&p, DEADLINE_NONE);
	}
}

static void all_is_here(struct watch *w)
{
	struct target *t = w->t;
	struct zkz_err err = { 0 };

	figures_take(&w->fig, &w->t->mover.info);
	log_note("zone %s: all memory has come; %llu waits for a page, half of them at most %llu us, 99%% at most %llu us, %llu ms in all",
		 t->zone, (unsigned long long)w->fig.waits, (unsigned long long)w->fig.p50_us,
		 (unsigned long long)w->fig.p99_us,
		 (unsigned long long)(w->fig.blocked_ns / NSEC_PER_MSEC));
	if (w->tell && tell(w, "fetch-ok", &err))
		log_warn("zone %s: %s", t->zone, err.text);
	session_close(t->mover.genl, t->mover.session, NULL);
	t->mover.session = 0;
	t->mover.fetching = false;
}

static int run(struct target *t, bool told, struct zkz_err *err)
{
	struct watch w = { .t = t, .tell = told, .until = DEADLINE_NONE };

	HOLD("target.fetch");
	/* What was heard of it may be old: the session is looked at first of all. */
	t->mover.ended = false;
	t->mover.heard_ns = 0;
	if (watch(&w, err)) {
		t->mover.fetching = false;
		return -1;
	}
	all_is_here(&w);
	return 0;
}

int target_fetch(struct target *t, const json_t *msg, struct zkz_err *err)
{
	(void)msg;
	/* It may have been over before GO. */
	if (!t->mover.fetching)
		return channel_send(&t->ch, "fetch-ok", NULL, err);
	return run(t, true, err);
}

void target_fetch_alone(struct target *t)
{
	struct zkz_err err = { 0 };

	/* One that was undone has closed everything. */
	if (!t->mover.fetching || !t->owned)
		return;
	log_warn("zone %s: the source's worker is gone; its memory is fetched all the same", t->zone);
	run(t, false, &err);
}

int target_fetch_agreed(struct mover *m, const struct go *go, struct zkz_err *err)
{
	/* The event may still be under way, or lost. */
	if (go->fetch && !m->ended)
		m->fetching = true;
	if (!m->fetching || go->fetch)
		return 0;
	return err_source_go_no_fetch(err);
}

int target_patience(unsigned int *ms, const json_t *msg, struct zkz_err *err)
{
	long long s = json_int(msg, "fetch-timeout", FETCH_TIMEOUT_S);

	if (s < 1 || s > FETCH_TIMEOUT_MAX_S)
		return err_source_request(err, "fetch-timeout");
	*ms = (unsigned int)s * 1000;
	return 0;
}
