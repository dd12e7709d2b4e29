// SPDX-License-Identifier: GPL-2.0
#include "migrate/commit/resolve.h"

#include <string.h>

#include "lib/jsonl.h"
#include "lib/log.h"
#include "wire/ssh.h"
#include "wire/uri.h"

#define TRY_MS		90000
#define PAUSE_MS	2000

static int right_host(const struct commit *c, const struct ssh *ssh, struct zkz_err *err)
{
	if (!c->host[0] || !strcmp(c->host, ssh->host))
		return 0;
	err_set(err, ERR_HOST_ID, "%s is not the host that zone %s went to: its identity is %s, not %s",
		ssh->peer, c->zone, ssh->host, c->host);
	return err_remedy(err, "If that host has another address now, use 'zkz recover %s ssh://ADDRESS'. If it is lost for good, or was installed anew, 'zkz recover --force here %s' takes the zone back.",
			  c->zone, c->zone);
}

static int take_answer(const struct ssh *ssh, const json_t *ans, enum commit_event *event, struct zkz_err *err)
{
	const char *outcome = json_str(ans, "outcome");

	if (outcome && !strcmp(outcome, "owned"))
		*event = json_bool(ans, "runs", false) ? COMMIT_HEARD_RUNS : COMMIT_HEARD_OWNED;
	else if (outcome && !strcmp(outcome, "refused"))
		*event = COMMIT_HEARD_BACK;
	else
		return err_set(err, ERR_PROTOCOL, "%s gave no clear answer", ssh->peer);
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
	rc = right_host(c, &ssh, err) || channel_beat(&ch, err) ||
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

int resolve_ask(const struct commit *c, const char *at, bool unsent, deadline_t dl,
		enum commit_event *event, struct zkz_err *err)
{
	struct zkz_err why = { 0 };
	struct host_uri uri;

	if (host_uri_parse(at, &uri, err))
		return -1;
	while (ask_once(c, &uri, unsent, dl, event, &why)) {
		log_warn("zone %s: asking %s who owns it: %s", c->zone, uri.host, why.text);
		if (!strcmp(why.code, ERR_HOST_ID) || deadline_left_ms(dl) <= PAUSE_MS) {
			err_set(err, ERR_IN_DOUBT, "It is not known whether %s runs zone %s now: %s",
				uri.host, c->zone, why.text);
			return err_remedy(err, "%s", why.remedy[0] && !strcmp(why.code, ERR_HOST_ID) ? why.remedy :
					  "The zone stays stopped here. zkzd asks again by itself until that host answers.");
		}
		clock_sleep_ms(PAUSE_MS);
	}
	return 0;
}
