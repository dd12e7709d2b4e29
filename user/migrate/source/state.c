// SPDX-License-Identifier: GPL-2.0
#include "migrate/source/state.h"

#include "lib/io.h"

#define CONNECT_MS	15000
#define ANSWER_MS	30000

int state_connect(struct devstate *st, struct link *l, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(CONNECT_MS);
	json_t *ans;

	if (channel_send(&l->ch, "state", NULL, err))
		return -1;
	st->out = stream_connect(&l->plan, STREAM_STATE, l->addr, l->port, l->ch.watch, dl, err);
	if (st->out < 0)
		return -1;
	l->decision.in = stream_connect(&l->plan, STREAM_DECISION, l->addr, l->port, l->ch.watch, dl, err);
	l->decision.out = l->decision.in;
	if (l->decision.in < 0 || channel_recv_type(&l->ch, "state-ok", &ans, deadline_in_ms(ANSWER_MS), err))
		return -1;
	json_decref(ans);
	return 0;
}

void state_close(struct devstate *st, struct link *l)
{
	channel_fini(&l->decision);
	devstate_close(st);
}
