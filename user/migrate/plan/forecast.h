/* SPDX-License-Identifier: GPL-2.0 */
/* What a migration would be like, before it is begun: the policy, with passes made up. Pure. */
#ifndef ZKZ_MIGRATE_FORECAST_H
#define ZKZ_MIGRATE_FORECAST_H

#include <stdint.h>

#include "migrate/plan/policy.h"

/**
 * struct forecast_in - what was measured
 * @limits:     what the user asked for
 * @rtt_ns:     as for policy_overhead()
 * @qmp_ns:     likewise
 * @pages:      of memory that are not holes
 * @dirty_rate: pages a second that the guest changes
 * @send_rate:  pages a second that the link carries
 */
struct forecast_in {
	struct policy_limits limits;
	uint64_t rtt_ns;
	uint64_t qmp_ns;
	uint64_t pages;
	uint64_t dirty_rate;
	uint64_t send_rate;
};

/**
 * struct forecast - what would come of it
 * @verdict:     POLICY_CUT, POLICY_FETCH or POLICY_GIVE_UP
 * @passes:      while the guest runs here
 * @passes_ns:   how long they take
 * @downtime_ns: how long the guest stands still
 * @rest:        pages that are fetched after it
 * @rest_ns:     how long that takes
 * @why:         the reason for giving up, else empty
 */
struct forecast {
	enum policy_verdict verdict;
	uint32_t passes;
	uint64_t passes_ns;
	uint64_t downtime_ns;
	uint64_t rest;
	uint64_t rest_ns;
	struct zkz_err why;
};

/** forecast() - play it through */
void forecast(const struct forecast_in *in, struct forecast *out);

/** forecast_verdict_name() - "precopy", "hybrid" or "refused" */
const char *forecast_verdict_name(enum policy_verdict verdict);

#endif
