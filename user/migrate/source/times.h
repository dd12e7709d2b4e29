/* SPDX-License-Identifier: GPL-2.0 */
/* Source: when the steps of a migration were, for its report. Nothing is decided by it. */
#ifndef ZKZ_MIGRATE_SOURCE_TIMES_H
#define ZKZ_MIGRATE_SOURCE_TIMES_H

#include <stdint.h>

#include "migrate/figures/blackout.h"
#include "migrate/figures/measure.h"
#include "migrate/figures/offset.h"

/**
 * struct times - when the steps of a migration were; 0 is unknown
 * @start_ns:  CLOCK_MONOTONIC of the request
 * @passes_ns: of the first pass
 * @done_ns:   when the target had answered GO, or all that was fetched
 * @memory_ns: CLOCK_REALTIME when the module had sent everything, or fetched; wherever it ended
 * @before:    clocks compared before the passes; the policy goes by its round trip
 * @after:     and after the start on the target
 * @measure:   probes that see the guest stop; loaded while the target boots, attached before the freeze
 * @blackout:  what they and those of the target saw; by source_measure(), at the very end
 */
struct times {
	uint64_t start_ns;
	uint64_t passes_ns;
	uint64_t done_ns;
	uint64_t memory_ns;
	struct offset before;
	struct offset after;
	struct measure measure;
	struct blackout blackout;
};

#endif
