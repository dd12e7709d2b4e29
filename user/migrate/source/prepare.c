// SPDX-License-Identifier: GPL-2.0
/* Source: from the zone's state to open data streams. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/hold.h"
#include "lib/id.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "migrate/commit/undo.h"
#include "migrate/guard.h"
#include "migrate/host.h"
#include "migrate/plan/match.h"
#include "migrate/plan/width.h"
#include "migrate/source/abort.h"
#include "migrate/source/disks.h"
#include "migrate/source/fetch.h"
#include "migrate/source/prepare.h"
#include "qemu/machine.h"
#include "qemu/vm.h"
#include "zone/hostid.h"
#include "zone/paths.h"
#include "zone/store.h"

#define CONNECT_MS	60000
#define ANSWER_MS	60000
#define BOOT_MS		150000
#define KEEPER_MS	20000

static int check_guest(struct source *s, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];
	int running, marked;

	s->vm.qmp = qmp_open(s->rq->zone, zone_path(ZF_QMP, s->rq->zone, path), deadline_in_ms(KEEPER_MS), err);
	if (!s->vm.qmp)
		return -1;
	running = vm_running(s->vm.qmp, err);
	if (running < 0)
		return -1;
	if (!running)
		return err_guest_stopped(err, s->rq->zone);
	marked = vm_ends_marked(s->vm.qmp, err);
	if (marked < 0)
		return -1;
	if (!marked)
		return err_zone_old_qemu(err, s->rq->zone);
	return machine_type(s->vm.qmp, s->machine, sizeof(s->machine), err);
}

/* The machine that runs may not be the one that is configured by now. */
static int load_model(struct source *s, struct zkz_err *err)
{
	const char *zone = s->rq->zone;
	struct conf *now = zone_conf_load(zone, err);
	struct conf *then = now ? zone_conf_running(zone, err) : NULL;
	int rc = -1;

	if (then) {
		s->running = match_machine(then, now);
		rc = zone_model_from_conf(zone, s->running ? s->running : now, &s->model, err);
	}
	conf_free(then);
	conf_free(now);
	return rc;
}

static int check_mode(struct source *s, struct zkz_err *err)
{
	if (s->opt.limits.mode != POLICY_HYBRID || s->model.hybrid)
		return 0;
	return err_config_no_hybrid(err, s->rq->zone);
}

static void warn_of_options(struct source *s)
{
	struct zkz_err warning = { 0 };

	if (s->opt.cipher == CIPHER_NONE) {
		err_encryption_off(&warning);
		out_warning(&s->rq->out, &warning);
		err_clear(&warning);
	}
	if (s->opt.verify) {
		err_verify_stops(&warning);
		out_warning(&s->rq->out, &warning);
	}
}

int source_local(struct source *s, struct zkz_err *err)
{
	struct zone_owner owner;

	/* The owner file may be all that tells how the zone came here. */
	if (undo_run(s->rq->zone, err) || zone_owner_may_run(s->rq->zone, err) ||
	    zone_owner_read(s->rq->zone, &owner, err))
		return -1;
	commit_source(&s->commit, s->rq->zone, &owner);
	snprintf(s->commit.peer, sizeof(s->commit.peer), "%s", s->opt.to);
	s->guard = guard_take(s->rq->zone, false, &s->guest, deadline_in_ms(KEEPER_MS), err);
	if (s->guard < 0 || source_heed_abort(s->rq, err))
		return -1;
	if (source_fetch_over(s->rq->zone, err) || load_model(s, err) || check_mode(s, err) || check_guest(s, err) ||
	    source_check_storage(s->rq->zone, &s->model, s->opt.storage ? s->mirror.local : NULL, err))
		return -1;
	warn_of_options(s);
	return id_new(s->commit.migration, err);
}

/* Names and product UUIDs of hosts are copied, their ids are not. */
static int check_other_host(struct source *s, struct zkz_err *err)
{
	char ours[ID_TEXT_SIZE];

	if (hostid_read(ours, err))
		return -1;
	if (strcmp(ours, s->link.ssh.host))
		return 0;
	return err_incompatible_same_host(err, s->link.uri.host, s->rq->zone);
}

int source_connect(struct source *s, struct zkz_err *err)
{
	if (link_open(&s->link, s->rq->fd, deadline_in_ms(CONNECT_MS), err) || check_other_host(s, err))
		return -1;
	memcpy(s->commit.host, s->link.ssh.host, sizeof(s->commit.host));
	return link_settle(&s->link, err);
}

static void tell_config(struct out *out, const json_t *ans)
{
	const char *replaced = json_str(ans, "replaced");

	if (json_bool(ans, "imported", false))
		out_step(out, "Importing zone configuration.");
	else if (replaced && *replaced)
		out_step(out, "Updating zone configuration on destination: %.700s.", replaced);
	else
		out_step(out, "Using zone configuration on destination.");
}

/* Who and what is to come. Return: a new reference, NULL on failure. */
static json_t *config_request(const struct source *s, const struct conf *now, struct zkz_err *err)
{
	char *text = zone_conf_text(now), *running = s->running ? zone_conf_text(s->running) : NULL;
	char host[128] = "", id[ID_TEXT_SIZE];
	json_t *req = NULL;

	gethostname(host, sizeof(host) - 1);
	if (!text || (s->running && !running))
		err_no_memory(err);
	else if (!hostid_read(id, err))
		req = json_pack("{s:I, s:s, s:s, s:I, s:s, s:s, s:s}", "protocol", (json_int_t)s->link.ssh.speaks,
				"zone", s->rq->zone, "migration", s->commit.migration, "epoch",
				(json_int_t)s->commit.epoch, "source", host, "source-id", id, "text", text);
	if (req && running)
		json_object_set_new(req, "running", json_string(running));
	free(running);
	free(text);
	return req;
}

int source_config(struct source *s, struct zkz_err *err)
{
	struct conf *now = zone_conf_load(s->rq->zone, err);
	json_t *req = NULL, *ans;

	if (now && s->running && !s->link.ssh.machines && match_running(s->running, now, err))
		err_zone(err, s->rq->zone);
	else if (now)
		req = config_request(s, now, err);
	conf_free(now);
	if (!req || channel_call(&s->link.ch, "config", req, &ans, deadline_in_ms(ANSWER_MS), err))
		return -1;
	tell_config(&s->rq->out, ans);
	json_decref(ans);
	HOLD("source.imported");
	return 0;
}

int source_attach(struct source *s, struct zkz_err *err)
{
	if (channel_call(&s->link.ch, "attach", NULL, NULL, deadline_in_ms(ANSWER_MS), err))
		return -1;
	HOLD("source.attached");
	return 0;
}

/* Probes are loaded while the target starts its QEMU, which takes longer. */
int source_boot(struct source *s, struct zkz_err *err)
{
	bool probe = s->opt.probe && !s->opt.dry_run;
	deadline_t dl = deadline_in_ms(BOOT_MS);
	json_t *ans;

	if (channel_send(&s->link.ch, "boot",
			 json_pack("{s:b, s:s}", "probe", probe, "machine", s->machine), err))
		return -1;
	if (probe)
		measure_open(&s->times.measure);
	if (channel_recv_type(&s->link.ch, "boot-ok", &ans, dl, err))
		return -1;
	json_decref(ans);
	HOLD("source.booted");
	return 0;
}

/* May what passes leave be fetched? Where it need not, a target that cannot is no obstacle. */
static int settle_mode(struct source *s, const struct passport *theirs, struct zkz_err *err)
{
	enum policy_mode *mode = &s->opt.limits.mode;

	/* Both came with the same version. */
	s->can_rate = theirs->fetch;
	if (*mode == POLICY_AUTO && (!theirs->fetch || !s->model.hybrid || s->opt.verify))
		*mode = POLICY_PRECOPY;
	if (*mode != POLICY_HYBRID || theirs->fetch)
		return 0;
	return err_incompatible_no_fetch(err, s->link.uri.host, theirs->zkz);
}

/* How many, and are there enough of them for what one key may protect? */
static int settle_streams(struct source *s, const struct passport *ours, const struct passport *theirs,
			  struct zkz_err *err)
{
	struct width_in in = {
		.source = ours->cpus, .target = theirs->cpus, .mbit = theirs->mbit,
		.cipher = s->opt.cipher != CIPHER_NONE,
		.memory = s->model.memory, .limit = cipher_limit(s->opt.cipher),
	};
	unsigned int least = width_least(in.memory, in.limit);
	char why[120];

	if (least > (s->opt.streams ? s->opt.streams : ZKZ_MAX_STREAMS))
		return err_usage_streams_for_keys(err, cipher_name(s->opt.cipher), least);
	if (s->opt.streams)
		return 0;
	s->opt.streams = width(&in);
	width_why(&in, why, sizeof(why));
	out_step(&s->rq->out, "Memory travels over %u stream%s (%s).", s->opt.streams,
		 s->opt.streams == 1 ? "" : "s", why);
	return 0;
}

/* Both sides decide; the target's refusal comes back as a failure of the call. */
int source_check(struct source *s, struct zkz_err *err)
{
	struct passport ours, theirs;
	json_t *ans;
	int rc;

	if (host_passport(&ours, s->vm.qmp, &s->model, err))
		return -1;
	rc = channel_call(&s->link.ch, "check", json_pack("{s:o}", "passport", passport_to_json(&ours)),
			  &ans, deadline_in_ms(ANSWER_MS), err);
	if (!rc) {
		rc = passport_from_json(json_object_get(ans, "passport"), &theirs, err);
		if (!rc) {
			rc = host_judge(&s->rq->out, &ours, &theirs, err) || settle_mode(s, &theirs, err) ||
			     settle_streams(s, &ours, &theirs, err) ? -1 : 0;
			passport_fini(&theirs);
		}
		json_decref(ans);
	}
	passport_fini(&ours);
	if (!rc)
		HOLD("source.checked");
	return rc;
}

static int ask_streams(struct source *s, struct zkz_err *err)
{
	json_t *ans;
	int rc;

	if (channel_call(&s->link.ch, "streams",
			 json_pack("{s:i, s:s}", "count", (int)s->opt.streams,
				   "cipher", cipher_name(s->opt.cipher)),
			 &ans, deadline_in_ms(ANSWER_MS), err))
		return -1;
	rc = link_take_streams(&s->link, s->commit.migration, s->opt.cipher, ans, err);
	json_decref(ans);
	return rc;
}

int source_streams(struct source *s, struct zkz_err *err)
{
	if (ask_streams(s, err) || link_join_streams(&s->link, s->opt.streams, err))
		return -1;
	HOLD("source.streams");
	return 0;
}
