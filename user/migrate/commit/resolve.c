// SPDX-License-Identifier: GPL-2.0
#include "migrate/commit/resolve.h"

#include <string.h>

#include "lib/jsonl.h"
#include "lib/log.h"
#include "wire/ssh.h"
#include "wire/uri.h"

#define TRY_MS		90000
#define PAUSE_MS	2000

int resolve_right_host(const struct commit *c, const struct ssh *ssh, struct zkz_err *err)
{
	if (!strcmp(c->host, ssh->host))
		return 0;
	return err_wrong_host(err, ssh->peer, c->zone, ssh->host, c->host);
}

static int take_answer(const struct ssh *ssh, const json_t *ans, enum commit_event *event, struct zkz_err *err)
{
	const char *outcome = json_str(ans, "outcome");

	if (outcome && !strcmp(outcome, "owned"))
		*event = json_bool(ans, "runs", false) ? COMMIT_HEARD_RUNS : COMMIT_HEARD_OWNED;
	else if (outcome && !strcmp(outcome, "refused"))
		*event = COMMIT_HEARD_BACK;
	else
		return err_no_clear_answer(err, ssh->peer);
	return 0;
}

static int ask_once(const struct commit *c, const struct host_uri *uri, bool unsent, deadline_t dl,
		    enum commit_event *event, struct zkz_err *err)
{
	deadline_t soon = deadline_in_ms(TRY_MS);
	struct channel ch;
	struct ssh ssh;
	json_t *ans;
	int rc;

	if (soon < dl)
		dl = soon;
	if (ssh_open(&ssh, &ch, uri, -1, dl, err))
		return -1;
	rc = resolve_right_host(c, &ssh, err) || channel_beat(&ch, err) ||
	     channel_call(&ch, "query", json_pack("{s:s, s:s, s:s, s:b}", "zone", c->zone,
						  "migration", c->migration, "host", c->host,
						  "unsent", unsent),
			  &ans, dl, err) ? -1 : 0;
	if (!rc) {
		rc = take_answer(&ssh, ans, event, err);
		json_decref(ans);
		channel_send(&ch, "bye", NULL, NULL);
	}
	channel_fini(&ch);
	ssh_close(&ssh);
	return rc;
}

/* Another host has the address, or one that does not know who it is: to ask again changes nothing. */
static bool in_vain(const struct zkz_err *why)
{
	return err_is(why, ERR_WRONG_HOST) || err_is(why, ERR_WRONG_HOST_ASKED) || err_is(why, ERR_HOST_ID) ||
		err_is(why, ERR_HOST_ID_DAMAGED);
}

int resolve_ask(const struct commit *c, const char *at, bool unsent, deadline_t dl,
		enum commit_event *event, struct zkz_err *err)
{
	struct zkz_err why = { 0 };
	struct host_uri uri;

	if (host_uri_parse(at, &uri, err))
		return -1;
	while (ask_once(c, &uri, unsent, dl, event, &why)) {
		log_warn("zone %s: asking %s who owns it: %s", c->zone, uri.host, why.text);
		if (in_vain(&why)) {
			err_clear(err);
			err_cause(err, &why);
			return err_in_doubt_other_host(err, uri.host, c->zone);
		}
		if (deadline_left_ms(dl) <= PAUSE_MS) {
			err_in_doubt(err, uri.host, c->zone);
			return err_cause(err, &why);
		}
		clock_sleep_ms(PAUSE_MS);
	}
	return 0;
}
