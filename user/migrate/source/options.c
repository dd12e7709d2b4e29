// SPDX-License-Identifier: GPL-2.0
#include "migrate/source/options.h"

#include <linux/zkz.h>

#include "lib/jsonl.h"
#include "migrate/figures/fetched.h"

int source_options_read(struct source_options *o, const json_t *request, struct zkz_err *err)
{
	const char *cipher = json_str(request, "cipher");
	long long ms = json_int(request, "max-downtime", POLICY_DOWNTIME_MS);
	long long passes = json_int(request, "max-passes", POLICY_PASSES);
	bool streams_given = json_object_get(request, "streams");
	long long streams = json_int(request, "streams", 1);
	long long patience = json_int(request, "fetch-timeout", FETCH_TIMEOUT_S);
	long long slowdown = json_int(request, "max-slowdown", 0);
	enum policy_mode mode;

	o->to = json_str(request, "to");
	if (!o->to)
		return err_usage_no_target(err);
	o->dry_run = json_bool(request, "dry-run", false);
	o->storage = json_bool(request, "with-storage", false);
	o->verify = json_bool(request, "verify", false);
	o->probe = json_bool(request, "probe", true);
	o->cipher = CIPHER_DEFAULT;
	if (cipher && cipher_parse(cipher, &o->cipher, err))
		return -1;
	mode = policy_mode_parse(json_str(request, "mode") ? json_str(request, "mode") : "auto");
	if (mode == POLICY_MODES)
		return err_usage_mode(err);
	if (mode == POLICY_HYBRID && o->verify)
		return err_usage_verify_hybrid(err);
	if (patience < 1 || patience > FETCH_TIMEOUT_MAX_S)
		return err_usage_range(err, "--fetch-timeout", 1, FETCH_TIMEOUT_MAX_S, ERR_UNIT_SECONDS);
	if (ms < 1 || ms > 3600000)
		return err_usage_range(err, "--max-downtime", 1, 3600000, ERR_UNIT_MS);
	if (passes < 1 || passes > POLICY_PASSES_MAX)
		return err_usage_range(err, "--max-passes", 1, POLICY_PASSES_MAX, ERR_UNIT_PASSES);
	if (streams < 1 || streams > ZKZ_MAX_STREAMS)
		return err_usage_range(err, "--streams", 1, ZKZ_MAX_STREAMS, ERR_UNIT_STREAMS);
	if (json_object_get(request, "max-slowdown") && (slowdown < 1 || slowdown > POLICY_SLOWDOWN_MAX))
		return err_usage_range(err, "--max-slowdown", 1, POLICY_SLOWDOWN_MAX, ERR_UNIT_PERCENT);
	o->limits.mode = mode;
	o->limits.slowdown = slowdown;
	o->patience_s = patience;
	o->limits.downtime_ms = ms;
	o->limits.passes = passes;
	o->streams = streams_given ? streams : 0;
	return 0;
}
