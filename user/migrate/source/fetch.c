// SPDX-License-Identifier: GPL-2.0
/*
 * Source: a last pass that is a fetch. Until GO it is like any other last pass, and
 * every failure leaves the guest here. After GO the guest runs on the target, and
 * needs this host until all of its memory has come:
 *
 *   both modules fetch, GO            the guest runs there
 *   "fetch"                           the target tells how far it is
 *   connections break                 a new control channel, "resume", new streams
 *   the module says: ended            nothing is missing there
 *
 * The stopped copy is kept until then. It is never started again: the target's is
 * the true one.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/hold.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "migrate/commit/resolve.h"
#include "migrate/pump.h"
#include "migrate/source/clocks.h"
#include "migrate/source/fetch.h"
#include "migrate/source/report.h"
#include "zone/paths.h"

#define PAUSE_MS	1000
#define CONNECT_MS	30000
/* The target's module has to notice, too, that the connections are of no use. */
#define RESUME_MS	60000
#define LAST_WORDS_MS	5000
#define PAGE		4096

/* The caller has the zone's lock: no worker cares for what is found. */
static int end_leftover(const char *zone, struct genl *g, uint64_t memory, struct zkz_err *err)
{
	struct session_info info;
	int rc = session_find(g, memory, &info, err);

	if (rc <= 0)
		return rc;
	if (info.role == ZKZ_ROLE_SOURCE)
		return session_abort(g, info.id, "the migration did not take place", err);
	return err_memory_on_its_way(err, zone);
}

int source_fetch_over(const char *zone, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	struct genl *g;
	struct stat st;
	int rc;

	if (stat(zone_path(ZF_MEMORY, zone, path), &st))
		return err_file_look(err, path, errno);
	g = genl_open(err);
	if (!g)
		return -1;
	rc = end_leftover(zone, g, st.st_ino, err);
	genl_close(g);
	return rc;
}

static void on_event(const struct session_info *info, void *arg)
{
	mover_hear(arg, info);
}

static void listen_to_target(struct source *s)
{
	struct zkz_err err = { 0 };
	json_t *msg;
	int rc = 0;

	while (s->link.up && (rc = channel_poll(&s->link.ch, &msg, &err)) > 0) {
		if (!strcmp(json_str(msg, "type"), "fetch-ok"))
			s->fetch.told_all = true;
		figures_read(&s->fetch.figures, msg);
		json_decref(msg);
	}
	if (rc < 0) {
		/* The modules may go on without it. */
		log_warn("zone %s: %s", s->rq->zone, err.text);
		link_close(&s->link);
	}
}

static int ask_for_figures(struct source *s)
{
	struct zkz_err err;

	s->fetch.told_all = false;
	if (!s->link.up || !channel_send(&s->link.ch, "fetch", NULL, &err))
		return 0;
	log_warn("zone %s: %s", s->rq->zone, err.text);
	link_close(&s->link);
	return 0;
}

static int connect_again(struct link *l, deadline_t dl, struct zkz_err *err)
{
	deadline_t soon = deadline_in_ms(CONNECT_MS);

	link_close(l);
	return link_open(l, -1, soon < dl ? soon : dl, err) || link_settle(l, err) ? -1 : 0;
}

static int give_streams(struct link *l, struct mover *m, unsigned int nr, struct zkz_err *err)
{
	if (!link_join_streams(l, nr, err))
		return mover_resume(m, l->fd, nr, err);
	link_drop_streams(l);
	return -1;
}

/* Until the modules have found each other, or not. */
static int wait_found(struct mover *m, const char *zone, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(RESUME_MS);
	struct pump p = { .mover = m };

	do {
		if (session_look(m->genl, m->session, on_event, m, err))
			return -1;
		if (m->info.state != ZKZ_STATE_LOST)
			return 0;
		if (m->info.error != -EINPROGRESS)
			return err_memory_stream(err, m->info.reason);
		pump_wait(&p, dl);
		session_events(m->genl, m->session, on_event, m, NULL);
	} while (deadline_left_ms(dl));
	return err_fetch_stands(err, zone);
}

static int try_again(struct source *s, deadline_t dl, struct zkz_err *err)
{
	char host[128] = "";
	json_t *ans;
	int rc;

	gethostname(host, sizeof(host) - 1);
	if (connect_again(&s->link, dl, err) || resolve_right_host(&s->commit, &s->link.ssh, err) ||
	    channel_call(&s->link.ch, "resume",
			 json_pack("{s:I, s:s, s:s, s:s, s:i, s:s, s:i}",
				   "protocol", (json_int_t)s->link.ssh.speaks, "zone", s->rq->zone,
				   "migration", s->commit.migration, "source", host,
				   "count", (int)s->opt.streams,
				   "cipher", cipher_name(s->opt.cipher),
				   "fetch-timeout", (int)s->opt.patience_s),
			 &ans, deadline_in_ms(RESUME_MS), err))
		return -1;
	s->mover.ended = json_bool(ans, "complete", false);
	rc = s->mover.ended ? 0 : link_take_streams(&s->link, s->commit.migration, s->opt.cipher, ans, err);
	json_decref(ans);
	if (rc || s->mover.ended)
		return rc;
	if (give_streams(&s->link, &s->mover, s->opt.streams, err))
		return -1;
	return wait_found(&s->mover, s->rq->zone, err);
}

bool source_fetch_broke(struct source *s, struct zkz_err *err)
{
	struct zkz_err why = { 0 };

	if (!s->mover.fetching || s->mover.ended || mover_listen(&s->mover, on_event, &s->mover, &why) ||
	    s->mover.info.state != ZKZ_STATE_LOST)
		return false;
	err_fetch_broke(err, s->link.uri.host, s->mover.info.reason);
	return true;
}

void source_fetch_reconnect(struct source *s)
{
	struct zkz_err err = { 0 };

	if (!source_fetch_broke(s, &err))
		return;
	if (try_again(s, deadline_in_ms(CONNECT_MS), &err))
		log_warn("zone %s: going on with the fetch: %s", s->rq->zone, err.text);
	else
		s->fetch.resumes++;
}

static int lost(struct source *s, const struct zkz_err *why, struct zkz_err *err)
{
	err_memory_lost(err, s->rq->zone, s->link.uri.host,
			s->mover.info.counters[ZKZ_A_COUNTERS_FETCH_MISSING]);
	return err_cause(err, why);
}

static int lost_by_module(struct source *s, struct zkz_err *err)
{
	struct zkz_err why = { 0 };

	err_memory_stream(&why, s->mover.info.reason);
	return lost(s, &why, err);
}

/* The target has no guest any more, or has stopped waiting for its memory. */
static bool given_up(const struct zkz_err *why)
{
	return err_is(why, ERR_MEMORY_NOT_BY_THIS) || err_is(why, ERR_MEMORY_ZONE_GONE) ||
		err_is(why, ERR_MEMORY_GIVEN_UP) || err_is(why, ERR_MEMORY_NEVER_CAME);
}

/* The guest waits meanwhile, wherever it needs something that is missing. */
static int resume(struct source *s, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(s->opt.patience_s * UINT64_C(1000));
	struct zkz_err why = { 0 };

	err_fetch_waits(&why, s->mover.info.reason, s->opt.patience_s);
	out_warning(&s->rq->out, &why);
	err_clear(&why);
	while (try_again(s, dl, &why)) {
		log_warn("zone %s: going on with the fetch: %s", s->rq->zone, why.text);
		if (given_up(&why))
			break;
		if (deadline_left_ms(dl) <= PAUSE_MS)
			break;
		clock_sleep_ms(PAUSE_MS);
	}
	if (!s->mover.ended && s->mover.info.state == ZKZ_STATE_LOST)
		return lost(s, &why, err);
	s->fetch.resumes++;
	out_step(&s->rq->out, "The fetch goes on over new connections.");
	return ask_for_figures(s);
}

static int one_round(struct source *s, struct zkz_err *err)
{
	struct pump p = { .mover = &s->mover, .peer = s->link.up ? &s->link.ch : NULL };

	pump_wait(&p, DEADLINE_NONE);
	listen_to_target(s);
	if (mover_listen(&s->mover, on_event, &s->mover, err)) {
		/* It is not aborted: the guest needs it, and it goes on without an owner. */
		s->mover.session = 0;
		return -1;
	}
	source_fetch_progress(s);
	switch (s->mover.info.state) {
	case ZKZ_STATE_ENDED:
		s->mover.ended = true;
		return 0;
	case ZKZ_STATE_FAILED:
		return lost_by_module(s, err);
	case ZKZ_STATE_LOST:
		return resume(s, err);
	default:
		return 0;
	}
}

/* The figures of all of it, if the target still tells them. */
static void hear_the_end(struct source *s)
{
	deadline_t dl = deadline_in_ms(LAST_WORDS_MS);
	struct pump p = { .peer = &s->link.ch };

	while (s->link.up && !s->fetch.told_all && deadline_left_ms(dl)) {
		pump_wait(&p, dl);
		listen_to_target(s);
	}
}

int source_fetch_rest(struct source *s, struct zkz_err *err)
{
	uint64_t began = clock_mono_ns();

	if (!s->verdict.failure.links)
		out_step(&s->rq->out, "The guest runs on %s; %.1f MiB of its memory follow.", s->link.uri.host,
			 (double)s->fetch.pages * PAGE / 1048576);
	s->mover.ended = false;
	HOLD("source.fetch");
	ask_for_figures(s);
	while (!s->mover.ended)
		if (one_round(s, err))
			return -1;
	s->times.done_ns = clock_mono_ns();
	s->fetch.ns = s->times.done_ns - began;
	hear_the_end(s);
	/* Not before: the link was full of pages. Other connections than at first do not have the one for it. */
	if (!s->fetch.resumes)
		source_compare_after(&s->link, s->rq->zone, &s->times.after);
	return 0;
}

int source_fetch_left(struct source *s, struct zkz_err *err)
{
	if (session_look(s->mover.genl, s->mover.session, on_event, &s->mover, err))
		return -1;
	s->opt.streams = s->mover.info.streams;
	s->fetch.pages = s->mover.info.counters[ZKZ_A_COUNTERS_FETCH_MISSING];
	s->times.memory_ns = clock_real_ns();
	while (!s->mover.ended)
		if (one_round(s, err))
			break;
	link_close(&s->link);
	if (s->mover.session)
		session_close(s->mover.genl, s->mover.session, NULL);
	return s->mover.ended ? 0 : -1;
}
