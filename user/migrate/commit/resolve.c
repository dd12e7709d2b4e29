// SPDX-License-Identifier: GPL-2.0
#include "migrate/commit/resolve.h"

#include "lib/jsonl.h"
#include "lib/log.h"
#include "wire/ssh.h"
#include "wire/uri.h"

#define TRY_MS		90000
#define PAUSE_MS	2000

static int ask_once(const struct host_uri *uri, const char *zone, const char *migration,
		    enum outcome *o, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(TRY_MS);
	struct channel ch;
	struct ssh ssh;
	json_t *ans;
	int rc;

	if (ssh_open(&ssh, &ch, uri, -1, dl, err))
		return -1;
	rc = channel_beat(&ch, err);
	if (!rc)
		rc = channel_call(&ch, "query",
				  json_pack("{s:s, s:s}", "zone", zone, "migration", migration),
				  &ans, dl, err);
	if (!rc) {
		*o = outcome_parse(json_str(ans, "outcome"));
		json_decref(ans);
		channel_send(&ch, "bye", NULL, NULL);
		if (*o == OUTCOME_NONE)
			rc = err_set(err, ERR_PROTOCOL, "%s gave no clear answer", uri->host);
	}
	channel_fini(&ch);
	ssh_close(&ssh);
	return rc;
}

int resolve_ask(const char *peer, const char *zone, const char *migration,
		deadline_t dl, enum outcome *o, struct zkz_err *err)
{
	struct zkz_err why = { 0 };
	struct host_uri uri;

	if (host_uri_parse(peer, &uri, err))
		return -1;
	while (ask_once(&uri, zone, migration, o, &why)) {
		log_warn("zone %s: asking %s who owns it: %s", zone, uri.host, why.text);
		if (deadline_left_ms(dl) <= PAUSE_MS) {
			err_set(err, ERR_IN_DOUBT, "It is not known whether %s runs zone %s now: %s",
				uri.host, zone, why.text);
			return err_remedy(err, "The zone stays stopped here. Run 'zkz recover %s' when that host can be reached.",
					  zone);
		}
		clock_sleep_ms(PAUSE_MS);
	}
	return 0;
}
