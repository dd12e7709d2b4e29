// SPDX-License-Identifier: GPL-2.0
#include "zkz/edit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errjson.h"
#include "libvirt/domain.h"
#include "storage/uri.h"
#include "zkz/client.h"
#include "zkz/input.h"
#include "zkz/template.h"
#include "zone/store.h"

static int take_digest(struct edit *e, const json_t *answer, struct zkz_err *err)
{
	const char *digest = json_str(answer, "digest");

	if (!digest || strlen(digest) >= sizeof(e->digest))
		return err_daemon_answer(err);
	strcpy(e->digest, digest);
	return 0;
}

/* The model of a text that zkzd has sent; it has read it, too. */
static struct conf *parse(const char *zone, const json_t *answer, struct zkz_err *err)
{
	const char *text = json_str(answer, "config");

	if (text)
		return conf_parse(zone, text, strlen(text), err);
	err_daemon_answer(err);
	return NULL;
}

static json_t *put(const struct edit *e, const char *op)
{
	json_t *req = client_request(op, e->s.zone);

	json_object_set_new(req, "base", json_string(e->digest));
	return req;
}

/* What zkzd has made of it is the working copy then: addresses and ports that were wanted are made now. */
static int take_answer(struct edit *e, json_t *req, struct zkz_err *err)
{
	json_t *answer = client_call(req, err);
	struct conf *made;
	int rc = -1;

	if (!answer)
		return -1;
	made = parse(e->s.zone, answer, err);
	if (made) {
		conf_free(e->s.conf);
		e->s.conf = made;
		rc = take_digest(e, answer, err);
	}
	json_decref(answer);
	return rc;
}

static int send(struct conf_session *s, json_t *req, struct zkz_err *err)
{
	char *text = zone_conf_text(s->conf);

	if (!text) {
		json_decref(req);
		return err_no_memory(err);
	}
	json_object_set_new(req, "config", json_string(text));
	free(text);
	return take_answer(s->priv, req, err);
}

static int commit(struct conf_session *s, struct zkz_err *err)
{
	json_t *req = put(s->priv, "config-put");

	json_object_set_new(req, "delete", json_boolean(s->removed));
	json_object_set_new(req, "detached", json_boolean(s->detached));
	return send(s, req, err);
}

static int apply(struct conf_session *s, struct zkz_err *err)
{
	if (s->removed)
		return err_live_no_new(err, s->zone);
	return send(s, put(s->priv, "apply"), err);
}

static int keep(struct conf_session *s, struct zkz_err *err)
{
	return err_live_no_new(err, s->zone);
}

static int delete(struct conf_session *s, struct zkz_err *err)
{
	struct edit *e = s->priv;
	json_t *req, *answer;
	int rc;

	/* Never stored: there is only the working copy to forget. */
	if (!strcmp(e->digest, ZONE_DIGEST_NONE))
		return 0;
	req = put(e, "config-put");
	json_object_set_new(req, "delete", json_true());
	answer = client_call(req, err);
	if (!answer)
		return -1;
	rc = take_digest(e, answer, err);
	json_decref(answer);
	return rc;
}

static struct conf *running(struct conf_session *s, struct zkz_err *err)
{
	json_t *req = client_request("config-get", s->zone), *answer;
	struct conf *c;

	json_object_set_new(req, "running", json_true());
	answer = client_call(req, err);
	if (!answer)
		return NULL;
	c = parse(s->zone, answer, err);
	json_decref(answer);
	return c;
}

/* The user's own file: it is written as the user. */
static int save(const char *path, const char *text, struct zkz_err *err)
{
	FILE *f = fopen(path, "we");
	bool bad;

	if (!f)
		return err_file_open(err, path, errno);
	bad = fputs(text, f) < 0;
	if (fclose(f) || bad)
		return err_file_write(err, path, errno);
	return 0;
}

static void warn(struct conf_session *s, const struct zkz_err *warning)
{
	client_warn(s->zone, warning);
}

static void tell(const struct zkz_err *warning, void *arg)
{
	warn(arg, warning);
}

static struct conf *import(struct conf_session *s, const char *path, struct zkz_err *err)
{
	char *text = input_read(path, err);
	struct conf *c = text ? domain_to_conf(text, strlen(text), tell, s, err) : NULL;

	free(text);
	return c;
}

static int load(struct edit *e, const char *zone, const json_t *answer, struct zkz_err *err)
{
	const json_t *damaged = json_object_get(answer, "damaged");
	struct conf *c = NULL;

	if (take_digest(e, answer, err))
		return -1;
	if (json_str(answer, "config")) {
		c = parse(zone, answer, err);
		if (!c)
			return -1;
	}
	conf_session_init(&e->s, zone, c, &e->hooks);
	if (damaged)
		err_from_json(&e->s.damaged, damaged, NULL);
	return 0;
}

int edit_begin(struct edit *e, const char *zone, enum edit_what what, struct zkz_err *err)
{
	json_t *req = client_request("config-get", zone), *answer;
	bool runs = what == EDIT_RUNNING;
	int rc;

	memset(e, 0, sizeof(*e));
	e->hooks = (struct conf_hooks){
		.check_uri = uri_check, .commit = runs ? apply : commit, .remove = runs ? keep : delete,
		.template = template_load, .import = import, .running = running, .save = save, .warn = warn,
	};
	json_object_set_new(req, "running", json_boolean(runs));
	answer = client_call(req, err);
	if (!answer)
		return -1;
	rc = load(e, zone, answer, err);
	json_decref(answer);
	e->s.detached = what == EDIT_DETACHED;
	e->s.priv = e;
	return rc;
}

void edit_end(struct edit *e)
{
	conf_session_fini(&e->s);
}
