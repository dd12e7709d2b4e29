// SPDX-License-Identifier: GPL-2.0
#include "migrate/target/target.h"

#include <string.h>
#include <unistd.h>

#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "migrate/target/commit.h"
#include "migrate/target/disks.h"
#include "migrate/target/fetch.h"
#include "migrate/target/mirror.h"
#include "migrate/target/prepare.h"
#include "migrate/target/query.h"
#include "migrate/target/receive.h"
#include "migrate/target/resume.h"
#include "migrate/target/verbs.h"
#include "wire/protocol.h"

/* Longest time between two requests of a source that is alive. */
#define IDLE_MS	120000

typedef int (*handler_fn)(struct target *t, const json_t *msg, struct zkz_err *err);

/* In the order in which they must come. */
static const struct {
	const char *type;
	handler_fn fn;
} handlers[] = {
	{ "config", target_config },
	{ "attach", target_attach },
	{ "boot", target_boot },
	{ "check", target_check },
	{ "streams", target_streams },
	{ "join", target_join },
	{ "state", target_state },
	{ "start", target_start },
	{ "measure", target_measure },
};

#define STAGES	(sizeof(handlers) / sizeof(handlers[0]))

static void init(struct target *t, struct request *rq)
{
	memset(t, 0, sizeof(*t));
	t->rq = rq;
	t->lock = t->guard = -1;
	ways_init(&t->ways);
	mover_init(&t->mover);
	exports_init(&t->exports);
}

static int handle(struct target *t, const json_t *msg, struct zkz_err *err)
{
	const char *type = json_str(msg, "type");

	if (!strcmp(type, "query") && t->stage == 0)
		return target_query(t, msg, err);
	/* The question above is the same in all versions; everything else begins with what the source has picked. */
	if (t->stage == 0 && !t->owned && !protocol_picked(msg))
		return err_incompatible_protocol(err, t->ch.peer, json_int(msg, "protocol", 0), PROTOCOL_NEWEST);
	if (!strcmp(type, "resume") && t->stage == 0 && !t->owned)
		return target_resume(t, msg, err);
	if (!strcmp(type, "fetch") && t->owned)
		return target_fetch(t, msg, err);
	/* Any number of them, when the configuration is known. */
	if (!strcmp(type, "disk") && t->stage == 1)
		return target_disk(t, msg, err);
	if (!strcmp(type, "store") && t->stage == 1)
		return target_store(t, msg, err);
	if (!strcmp(type, "mirror") && t->stage < STAGES && !strcmp(handlers[t->stage].type, "start"))
		return target_mirror(t, msg, err);
	if (!strcmp(type, "clocks"))
		return target_clocks(t, msg, err);
	/* A dry run has streams, too, and tries one instead of giving them to the module. */
	if (!strcmp(type, "rate") && t->stage < STAGES &&
	    !strcmp(handlers[t->stage].type, "state"))
		return target_rate(t, msg, err);
	if (t->stage >= STAGES || strcmp(type, handlers[t->stage].type))
		return err_source_wrong_time(err, type);
	if (handlers[t->stage].fn(t, msg, err))
		return -1;
	t->stage++;
	return 0;
}

/* Return: 0 when the source said goodbye, -1 with the reason otherwise. */
static int converse(struct target *t, struct zkz_err *err)
{
	for (;;) {
		json_t *msg;
		int rc;

		/* Disks may take long to be copied; a source that is dead shows by its heart. */
		if (channel_recv(&t->ch, &msg, t->exports.nr ? DEADLINE_NONE : deadline_in_ms(IDLE_MS), err))
			return -1;
		if (!strcmp(json_str(msg, "type"), "bye")) {
			target_goodbye(t, json_bool(msg, "settled", false));
			json_decref(msg);
			return 0;
		}
		rc = handle(t, msg, err);
		json_decref(msg);
		if (rc)
			return -1;
	}
}

static int greet(struct target *t, struct zkz_err *err)
{
	char host[128] = "";
	json_t *hello;

	if (hostid_read(t->host, err))
		return -1;
	gethostname(host, sizeof(host) - 1);
	hello = json_pack("{s:s, s:s, s:s, s:b, s:b}", "version", ZKZ_VERSION, "host", host, "host-id", t->host,
			  "stores", 1, "machines", 1);
	protocol_tell(hello);
	if (channel_send(&t->ch, "hello", hello, err))
		return -1;
	return channel_beat(&t->ch, err);
}

int op_serve(struct request *rq, struct zkz_err *err)
{
	struct target t;
	int rc;

	init(&t, rq);
	channel_init(&t.ch, rq->fd, rq->fd, "the source");
	rc = greet(&t, err) || converse(&t, err) ? -1 : 0;
	if (rc) {
		log_warn("migration of zone %s to this host: %s",
			 t.zone[0] ? t.zone : "(none)", err->text);
		channel_send_error(&t.ch, err);
	}
	if (!t.owned)
		target_undo(&t, rc ? err->text : "The source ended the migration");
	/* Nobody reads answer lines on this connection: frames end here. */
	rq->out.gone = true;
	channel_fini(&t.ch);
	json_decref(t.go.guest);
	target_fetch_alone(&t);
	return 0;
}
