// SPDX-License-Identifier: GPL-2.0
/* Target: streams, memory and device state, up to the decision. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "lib/hex.h"
#include "lib/hold.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "migrate/figures/digest.h"
#include "migrate/figures/rate.h"
#include "migrate/target/target.h"
#include "qemu/vm.h"
#include "wire/ping.h"
#include "zone/paths.h"

#define STREAMS_MS	30000
#define PINGS_MS	20000

/* Look at the peer's pulse at least this often. */
#define ROUND_MS	500

int target_listen(struct target *t, const json_t *msg, const char *answer, struct zkz_err *err)
{
	const char *cipher = json_str(msg, "cipher"), *addr;
	char secret[2 * STREAM_SECRET_SIZE + 1];
	uint16_t port = 0;
	int rc;

	t->streams = json_int(msg, "count", 0);
	if (t->streams < 1 || t->streams > ZKZ_MAX_STREAMS || !cipher)
		return err_set(err, ERR_PROTOCOL, "The request for streams is malformed");
	if (cipher_parse(cipher, &t->plan.cipher, err) ||
	    stream_secret_new(t->plan.secret, err))
		return -1;
	memcpy(t->plan.uuid, t->commit.migration, sizeof(t->plan.uuid));
	addr = json_str(t->rq->args, "address");
	t->lsock = io_listen_tcp(addr, &port, err);
	if (t->lsock < 0)
		return -1;
	hex_encode(t->plan.secret, STREAM_SECRET_SIZE, secret);
	rc = channel_send(&t->ch, answer,
			  json_pack("{s:s, s:i, s:s}", "address", addr ? addr : "",
				    "port", port, "secret", secret), err);
	explicit_bzero(secret, sizeof(secret));
	return rc;
}

int target_streams(struct target *t, const json_t *msg, struct zkz_err *err)
{
	return target_listen(t, msg, "streams-ok", err);
}

int target_join(struct target *t, const json_t *msg, struct zkz_err *err)
{
	(void)msg;
	if (stream_accept(&t->plan, t->lsock, 0, t->streams, t->fd, &t->ch,
			  deadline_in_ms(STREAMS_MS), err))
		return -1;
	HOLD("target.streams");
	return channel_send(&t->ch, "join-ok", NULL, err);
}

int target_state(struct target *t, const json_t *msg, struct zkz_err *err)
{
	int fd[2];

	(void)msg;
	static_assert(STREAM_STATE + 1 == STREAM_DECISION, "they are taken together");
	if (stream_accept(&t->plan, t->lsock, STREAM_STATE, 2, fd, &t->ch,
			  deadline_in_ms(STREAMS_MS), err))
		return -1;
	t->state = fd[0];
	t->decision.in = t->decision.out = fd[1];
	if (vm_incoming(t->qmp, t->state, err))
		return -1;
	HOLD("target.state");
	return channel_send(&t->ch, "state-ok", NULL, err);
}

int target_rate(struct target *t, const json_t *msg, struct zkz_err *err)
{
	uint64_t rate = 0;

	(void)msg;
	if (rate_take(t->fd[0], &rate, err))
		return -1;
	return channel_send(&t->ch, "rate-ok",
			    json_pack("{s:I}", "bytes-per-second", (json_int_t)rate), err);
}

int target_clocks(struct target *t, const json_t *msg, struct zkz_err *err)
{
	int fd = t->decision.in >= 0 ? t->decision.in : t->fd[0];
	long long pings = json_int(msg, "pings", 0);

	if (fd < 0 || pings < 1 || pings > PING_MOST)
		return err_set(err, ERR_PROTOCOL, "The source wants to compare clocks at the wrong time, or for too long");
	if (ping_answer(fd, (unsigned int)pings, deadline_in_ms(PINGS_MS), err)) {
		if (!t->owned)
			return -1;
		/* Figures are all that is lost. */
		log_warn("zone %s: %s", t->zone, err->text);
	}
	return channel_send(&t->ch, "clocks-ok", NULL, err);
}

static int begin_session(struct target *t, struct zkz_err *err)
{
	struct session_want want = {
		.role = ZKZ_ROLE_TARGET, .stream_fd = t->fd, .streams = t->streams,
		.cookie = session_cookie(t->commit.migration), .timeout_ms = SESSION_TIMEOUT_MS,
		.limit = cipher_limit(t->plan.cipher),
	};
	char path[ZONE_PATH_MAX];
	unsigned int i;
	int rc;

	t->memory = open(zone_path(ZF_MEMORY, t->zone, path), O_RDWR | O_CLOEXEC);
	if (t->memory < 0)
		return err_errno(err, ERR_IO, errno, "Cannot open %s", path);
	t->genl = genl_open(err);
	if (!t->genl)
		return -1;
	want.memory_fd = t->memory;
	rc = session_new(t->genl, &want, &t->session, err);
	for (i = 0; i < t->streams; i++)
		io_close(&t->fd[i]);
	return rc;
}

/* All memory is here, and QEMU has not touched it: the source still holds the devices back. */
static int send_digest(struct target *t, struct zkz_err *err)
{
	struct memory_digest d;

	if (memory_digest(t->memory, &d, err))
		return -1;
	return channel_send(&t->ch, "digest",
			    json_pack("{s:s, s:I}", "digest", d.text,
				      "pages", (json_int_t)d.pages), err);
}

static int look_at_source(struct target *t, struct zkz_err *err)
{
	json_t *msg;
	int rc;

	while ((rc = channel_poll(&t->ch, &msg, err)) > 0) {
		const char *type = json_str(msg, "type");

		rc = 0;
		/* The guest still runs at the source: this costs it nothing. */
		if (!strcmp(type, "freeze"))
			measure_attach(&t->measure, t->zone);
		else
			rc = err_set(err, ERR_PROTOCOL, "The source sent '%.40s' during the passes",
				     type);
		json_decref(msg);
		if (rc)
			return -1;
	}
	return rc;
}

static int look_at_decision(struct target *t, struct zkz_err *err)
{
	json_t *msg;
	int rc = t->go ? 0 : channel_poll(&t->decision, &msg, err);

	if (rc <= 0)
		return rc;
	if (!strcmp(json_str(msg, "type"), "ping"))
		rc = channel_send(&t->decision, "ping-ok", NULL, err);
	else
		rc = strcmp(json_str(msg, "type"), "go") ?
		err_set(err, ERR_PROTOCOL, "The source sent '%.40s' where only GO is sent",
			json_str(msg, "type")) : target_go(t, msg, err);
	json_decref(msg);
	return rc;
}

static void wait_for_something(struct target *t)
{
	struct pollfd p[] = {
		{ .fd = t->ch.in, .events = POLLIN },
		{ .fd = genl_events_fd(t->genl), .events = POLLIN },
		{ .fd = qmp_fd(t->qmp), .events = POLLIN },
		{ .fd = t->guard, .events = POLLIN },
		{ .fd = t->go ? -1 : t->decision.in, .events = POLLIN },
	};

	poll(p, 5, ROUND_MS);
}

static int keeper_gone(struct target *t, struct zkz_err *err)
{
	struct pollfd p = { .fd = t->guard, .events = POLLIN };

	if (poll(&p, 1, 0) <= 0)
		return 0;
	err_set(err, ERR_QEMU, "QEMU of the target ended");
	return err_remedy(err, "'zkz log %s' on the target shows why.", t->zone);
}

/*
 * Until the source has said GO, or something fails. QEMU may still be loading then;
 * the keeper waits for that. And where memory is fetched, most of it is still to come.
 */
static int receive(struct target *t, struct zkz_err *err)
{
	while (!(t->ended || t->fetching) || !t->go) {
		bool had_all = t->ended;

		wait_for_something(t);
		if (look_at_source(t, err) || look_at_decision(t, err) || target_look_at_module(t, err) ||
		    target_look_at_qemu(t, err) || keeper_gone(t, err))
			return -1;
		if (t->verify && t->ended && !had_all && send_digest(t, err))
			return -1;
	}
	return target_fetch_agreed(t, err);
}

int target_start(struct target *t, const json_t *msg, struct zkz_err *err)
{
	t->verify = json_bool(msg, "verify", false);
	if (target_patience(t, msg, err))
		return -1;
	if (begin_session(t, err))
		return -1;
	if (channel_send(&t->ch, "start-ok", NULL, err))
		return -1;
	HOLD("target.receiving");
	if (receive(t, err))
		return t->go ? target_give_back(t, err) : -1;
	return target_commit(t, err);
}
