// SPDX-License-Identifier: GPL-2.0
/*
 * Source: the commit. Once all memory is at the target, the decision passes to it:
 * GO tells it to take the zone over when its QEMU has loaded the devices, or to
 * give it back. It need not ask again then, which would cost the guest a round
 * trip. (Among databases this is two-phase commit with the "last agent"
 * optimization.) The devices follow, so the target makes its decision durable
 * while it would have nothing else to do. It says so, and only then the last byte of
 * the devices leaves, with which its QEMU starts the guest.
 *
 * The owner file says "in doubt" before GO leaves, so from there on nothing on this
 * host starts the guest by itself. What the target answers, now or when asked later,
 * decides. Where something fails here before the last byte of the devices was sent,
 * the target cannot start the guest; but it is the target that must say so, because
 * what it wrote down would survive a crash.
 */
#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "lib/hold.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "migrate/commit/resolve.h"
#include "migrate/source/source.h"
#include "qemu/vm.h"

#define STARTED_MS	90000
#define ASK_MS		90000
#define ROUND_MS	500
/* QEMU of the target sees its stream end, and the keeper removes it. */
#define GIVE_BACK_MS	15000
#define STOP_MS		1000

static struct zone_owner next_owner(const struct source *s, enum zone_owner_kind kind)
{
	struct zone_owner o = { .kind = kind, .epoch = s->owner.epoch + 1 };

	static_assert(sizeof(o.peer) > HOST_URI_MAX, "an address fits");
	memcpy(o.migration, s->migration, sizeof(o.migration));
	snprintf(o.peer, sizeof(o.peer), "%s", s->opt.to);
	return o;
}

int source_stage(struct source *s, struct zkz_err *err)
{
	struct zone_owner o = next_owner(s, OWNER_IN_DOUBT);

	return zone_owner_stage(s->rq->zone, &o, err);
}

int source_doubt(struct source *s, struct zkz_err *err)
{
	if (s->doubt)
		return 0;
	s->doubt = true;
	return zone_owner_commit(s->rq->zone, err);
}

int source_no_doubt(struct source *s, struct zkz_err *err)
{
	if (s->doubt && zone_owner_write(s->rq->zone, &s->owner, err))
		return -1;
	s->doubt = false;
	return 0;
}

static int take_back(struct source *s, struct zkz_err *err)
{
	struct zkz_err why = { 0 };

	if (zone_owner_write(s->rq->zone, &s->owner, &why)) {
		*err = why;
		return err_prefix(err, "The target gave zone %s back", s->rq->zone);
	}
	return -1;
}

/* The answer to GO; where memory follows, no longer than it may still come. */
static int wait_answer(struct source *s, json_t **ans, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(STARTED_MS);
	int rc;

	if (!s->fetching)
		return channel_recv_type(&s->ch, "go-ok", ans, dl, err);
	while (!(rc = channel_poll(&s->ch, ans, err))) {
		struct pollfd p[] = {
			{ .fd = s->ch.in, .events = POLLIN },
			{ .fd = genl_events_fd(s->genl), .events = POLLIN },
		};

		if (!deadline_left_ms(dl))
			return err_set(err, ERR_TIMEOUT, "No answer from %s in time", s->ch.peer);
		poll(p, 2, ROUND_MS);
		if (source_fetch_broke(s, err))
			return -1;
	}
	if (rc > 0 && strcmp(json_str(*ans, "type"), "go-ok")) {
		rc = err_set(err, ERR_PROTOCOL, "%s sent '%.40s' instead of an answer", s->ch.peer,
			     json_str(*ans, "type"));
		json_decref(*ans);
	}
	return rc < 0 ? -1 : 0;
}

static int answer(struct source *s, struct zkz_err *err)
{
	const char *failure;
	json_t *ans;

	if (wait_answer(s, &ans, err))
		return -1;
	s->loaded_ns = json_int(ans, "loaded-ns", 0);
	s->resume_ns = json_int(ans, "resume-ns", 0);
	failure = json_str(ans, "failure");
	if (failure)
		snprintf(s->failure, sizeof(s->failure), "%s", failure);
	json_decref(ans);
	return 0;
}

static bool given_back(const struct zkz_err *err)
{
	return !strcmp(err->code, ERR_GIVEN_BACK);
}

/*
 * Something failed here, and the target waits for devices that will not come: it
 * learns that from the end of their stream. A QEMU that failed lets the guest run on,
 * which is too early. Return: true if the zone is given back.
 */
static bool withhold(struct source *s)
{
	struct zkz_err err = { 0 };
	json_t *ans;

	if (vm_stop(s->qmp, deadline_in_ms(STOP_MS), &err))
		log_warn("zone %s: %s", s->rq->zone, err.text);
	io_close(&s->state.out);
	if (channel_recv_type(&s->ch, "go-ok", &ans, deadline_in_ms(GIVE_BACK_MS), &err))
		return given_back(&err);
	json_decref(ans);
	return false;
}

/* GO was not followed by what should follow. Return: 0 if the target has the zone. */
static int find_out(struct source *s, struct zkz_err *err)
{
	struct zkz_err first = *err;
	enum outcome o;

	if (given_back(err) || (s->state.phase != STATE_SENT && withhold(s)))
		return take_back(s, err);
	out_warning(&s->rq->out, "%s. Asking the target who owns the zone.", err->text);
	channel_fini(&s->ch);
	ssh_close(&s->ssh);
	s->linked = false;
	/* The guest may need its memory to start there. One that cannot start needs none. */
	if (s->state.phase == STATE_SENT)
		source_fetch_reconnect(s);
	if (resolve_ask(s->opt.to, s->rq->zone, s->migration, deadline_in_ms(ASK_MS), &o, err))
		return -1;
	if (o == OUTCOME_OWNED)
		return 0;
	*err = first;
	return take_back(s, err);
}

static int go(struct source *s, struct zkz_err *err)
{
	json_int_t epoch = (json_int_t)s->owner.epoch + 1;

	s->at.go = clock_real_ns();
	if (channel_send(&s->decision, "go", json_pack("{s:I, s:b, s:O*}", "epoch", epoch, "fetch", s->policy.fetch,
						       "guest", s->guest), err))
		return -1;
	HOLD("source.after-go");
	if (source_send_devices(s, err))
		return -1;
	out_step(&s->rq->out, "Waiting for migration to complete.");
	return answer(s, err);
}

int source_commit(struct source *s, struct zkz_err *err)
{
	struct zone_owner o = next_owner(s, OWNER_ELSEWHERE);

	if (source_doubt(s, err))
		return -1;
	HOLD("source.before-go");
	/* From here on neither the user nor a failure takes GO back. */
	s->ch.watch = -1;
	s->doubt = false;
	if (go(s, err) && find_out(s, err))
		return -1;
	HOLD("source.answered");
	s->done_ns = clock_mono_ns();
	/* A link full of pages would say little of clocks, and the fetch needs us. */
	if (!s->fetching)
		source_compare_after(s);
	s->settled = !zone_owner_write(s->rq->zone, &o, err);
	if (!s->settled) {
		log_error("zone %s: %s", s->rq->zone, err->text);
		out_warning(&s->rq->out, "%s. The target owns the zone, which is in doubt here until 'zkz recover %s' has written that down.",
			    err->text, s->rq->zone);
	}
	return 0;
}
