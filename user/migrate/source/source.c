// SPDX-License-Identifier: GPL-2.0
#include "migrate/source/source.h"

#include <string.h>

#include "lib/io.h"
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
	s->times.start_ns = clock_mono_ns();
}

int op_migrate(struct request *rq, struct zkz_err *err)
{
	struct source s;
	int rc;

	source_init(&s, rq);
	if (source_options_read(&s.opt, rq->args, err) || host_uri_parse(s.opt.to, &s.link.uri, err))
		return -1;
	s.lock = zone_lock(rq->zone, deadline_in_ms(LOCK_MS), err);
	if (s.lock < 0)
		return -1;
	rc = steps_walk(&s, err);
	qmp_close(s.vm.qmp);
	state_close(&s.vm.state, &s.link);
	json_decref(s.digest);
	json_decref(s.guest);
	stream_secret_wipe(s.link.plan.secret);
	io_close(&s.lock);
	return rc;
}
