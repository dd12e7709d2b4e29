// SPDX-License-Identifier: GPL-2.0
#include "zkzd/live.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/clock.h"
#include "zone/keeper.h"
#include "zone/model.h"
#include "zone/store.h"

/* Storage is opened and looked at, as for a boot. */
#define STEP_MS		90000
#define ASK_MS		20000
#define GO_MS		60000
/* Without any progress. */
#define GIVE_MS		10000
#define LOOK_MS		100

static json_t *named(const struct live_step *s)
{
	return json_pack("{s:s, s:I}", "type", s->type->name, "id", (json_int_t)strtoul(s->id, NULL, 10));
}

/* A keeper's operation that makes QEMU's machine that of @to. */
static int ask(const struct request *rq, const char *op, const struct live_step *s, const struct conf *to,
	       struct zkz_err *err)
{
	char *text = zone_conf_text(to);
	json_t *args;

	if (!text)
		return err_no_memory(err);
	args = named(s);
	json_object_set_new(args, "text", json_string(text));
	free(text);
	return keeper_call(rq->zone, op, args, NULL, deadline_in_ms(STEP_MS), err);
}

static int heed_client(const struct request *rq, struct zkz_err *err)
{
	struct pollfd p = { .fd = rq->fd, .events = POLLRDHUP };

	return poll(&p, 1, 0) > 0 ? err_cancelled(err) : 0;
}

/* Return: 1 or 0, or -1. */
static int is_there(const struct request *rq, const struct live_step *s, struct zkz_err *err)
{
	json_t *ans;
	int there;

	if (keeper_call(rq->zone, "plugged", named(s), &ans, deadline_in_ms(ASK_MS), err))
		return -1;
	there = json_bool(ans, "there", true);
	json_decref(ans);
	return there;
}

/* The guest decides, and is asked once: it may let go of the device later, which its keeper sees. */
static int unplug(const struct request *rq, const struct live_step *s, bool heed, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(GO_MS);
	int there;

	if (keeper_call(rq->zone, "unplug", named(s), NULL, deadline_in_ms(ASK_MS), err))
		return -1;
	while ((there = is_there(rq, s, err)) > 0) {
		if (!deadline_left_ms(dl))
			return err_live_kept(err, rq->zone, s->type->name, s->id, GO_MS / 1000);
		if (heed && heed_client(rq, err))
			return -1;
		clock_sleep_ms(LOOK_MS);
	}
	return there;
}

static int memory_now(const struct request *rq, uint64_t *bytes, struct zkz_err *err)
{
	json_t *ans;

	if (keeper_call(rq->zone, "memory", NULL, &ans, deadline_in_ms(ASK_MS), err))
		return -1;
	*bytes = (uint64_t)json_int(ans, "current", 0);
	json_decref(ans);
	return 0;
}

static void tell_partly(struct request *rq, uint64_t want, uint64_t now)
{
	struct zkz_err warning = { 0 };
	char wanted[24], got[24];

	snprintf(wanted, sizeof(wanted), "%lluM", (unsigned long long)want >> 20);
	snprintf(got, sizeof(got), "%lluM", (unsigned long long)now >> 20);
	err_live_partly(&warning, wanted, got);
	out_warning(&rq->out, &warning);
}

/* As long as it gets on. What the guest cannot spare is no failure, and is told. */
static int wait_memory(struct request *rq, uint64_t want, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(GIVE_MS);
	uint64_t now = 0, before = 0;

	for (;;) {
		if (memory_now(rq, &now, err) || heed_client(rq, err))
			return -1;
		if (now == want)
			return 0;
		if (now != before)
			dl = deadline_in_ms(GIVE_MS);
		if (!deadline_left_ms(dl))
			break;
		before = now;
		clock_sleep_ms(LOOK_MS);
	}
	tell_partly(rq, want, now);
	return 0;
}

static int resize(struct request *rq, const struct live_step *s, const struct conf *from, const struct conf *to,
		  struct zkz_err *err)
{
	struct zone_model z;

	if (zone_model_from_conf(rq->zone, to, &z, err) || ask(rq, "resize", s, to, err))
		return -1;
	if (!wait_memory(rq, z.current, err))
		return 0;
	ask(rq, "resize", s, from, NULL);
	return -1;
}

int live_do(struct request *rq, const struct live_step *s, const struct conf *from, const struct conf *to,
	    struct zkz_err *err)
{
	if (heed_client(rq, err))
		return -1;
	switch (s->how) {
	case LIVE_REMOVE:
		return unplug(rq, s, true, err);
	case LIVE_CHANGE:
		return s->id[0] ? ask(rq, "relink", s, to, err) : resize(rq, s, from, to, err);
	case LIVE_ADD:
		break;
	}
	return ask(rq, "plug", s, to, err);
}

int live_undo(struct request *rq, const struct live_step *s, const struct conf *from, struct zkz_err *err)
{
	switch (s->how) {
	case LIVE_REMOVE:
		return ask(rq, "plug", s, from, err);
	case LIVE_CHANGE:
		return ask(rq, s->id[0] ? "relink" : "resize", s, from, err);
	case LIVE_ADD:
		break;
	}
	return unplug(rq, s, false, err);
}
