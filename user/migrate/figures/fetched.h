/* SPDX-License-Identifier: GPL-2.0 */
/* What a fetch is told by: how much is missing, and what waiting for it cost. Pure. */
#ifndef ZKZ_MIGRATE_FIGURES_H
#define ZKZ_MIGRATE_FIGURES_H

#include <jansson.h>
#include <stdint.h>

#include "kernel/session.h"

/* How long the guest waits for a source that was lost, in seconds. */
#define FETCH_TIMEOUT_S		120
#define FETCH_TIMEOUT_MAX_S	3600

/**
 * struct figures - of one fetch, as the target counts it
 * @missing:    pages that have still to come
 * @requests:   pages that were asked for
 * @demand:     pages that came because of that
 * @pushed:     pages that came without
 * @waits:      times that somebody waited for a page and got it
 * @blocked_ns: how long all of them waited together
 * @p50_us:     half of them waited at most so long
 * @p99_us:     and 99 of 100 so long
 */
struct figures {
	uint64_t missing;
	uint64_t requests;
	uint64_t demand;
	uint64_t pushed;
	uint64_t waits;
	uint64_t blocked_ns;
	uint64_t p50_us;
	uint64_t p99_us;
};

/** figures_take() - from what the module of the target tells */
void figures_take(struct figures *f, const struct session_info *info);

/** figures_json() - a new object */
json_t *figures_json(const struct figures *f);

/** figures_read() - from the other host; what is absent or absurd counts as 0 */
void figures_read(struct figures *f, const json_t *obj);

#endif
