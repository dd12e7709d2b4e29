// SPDX-License-Identifier: GPL-2.0
#include "migrate/source/source.h"

#include <string.h>

#include "lib/io.h"
#include "lib/log.h"
#include "migrate/source/steps.h"
#include "migrate/source/verbs.h"
#include "zone/lock.h"

#define LOCK_MS	5000

void source_init(struct source *s, struct request *rq)
{
	memset(s, 0, sizeof(*s));
	s->rq = rq;
	s->lock = s->guard = s->vm.state.in = s->vm.state.out = -1;
	link_init(&s->link);
	mover_init(&s->mover);
	mirror_init(&s->mirror);
	s->times.start_ns = clock_mono_ns();
}

/* With what administrators look for in the journal. */
static int move(struct source *s, struct zkz_err *err)
{
	const char *zone = s->rq->zone, *host = s->link.uri.host;
	int rc;

	log_event(LOG_NOTE, EVENT_MIGRATION, "zone %s: user %u migrates it to %s", zone, (unsigned int)s->rq->uid,
		  host);
	rc = steps_walk(s, err);
	if (rc)
		log_event(LOG_WARN, EVENT_MIGRATION_FAILED, "zone %s: its migration to %s has failed: %s", zone, host,
			  err->text);
	else
		log_event(LOG_NOTE, EVENT_MIGRATED, "zone %s: it was migrated to %s", zone, host);
	return rc;
}

int op_migrate(struct request *rq, struct zkz_err *err)
{
	struct source s;
	int rc;

	source_init(&s, rq);
	if (source_options_read(&s.opt, rq->args, err) || host_uri_parse(s.opt.to, &s.link.uri, err))
		return -1;
	log_peer(s.link.uri.host);
	s.lock = zone_lock(rq->zone, deadline_in_ms(LOCK_MS), err);
	if (s.lock < 0)
		return -1;
	rc = s.opt.dry_run ? steps_walk(&s, err) : move(&s, err);
	qmp_close(s.vm.qmp);
	state_close(&s.vm.state, &s.link);
	json_decref(s.digest);
	json_decref(s.guest);
	conf_free(s.running);
	stream_secret_wipe(s.link.plan.secret);
	io_close(&s.lock);
	return rc;
}
