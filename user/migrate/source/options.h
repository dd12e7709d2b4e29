/* SPDX-License-Identifier: GPL-2.0 */
/* Source: what the user asked for. */
#ifndef ZKZ_MIGRATE_SOURCE_OPTIONS_H
#define ZKZ_MIGRATE_SOURCE_OPTIONS_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/err.h"
#include "migrate/plan/policy.h"
#include "wire/ktls.h"

/**
 * struct source_options - what the user asked for
 * @to:      text of the address
 * @dry_run: check only
 * @storage: disks that only this host has go along
 * @verify:  compare a digest of all memory before GO
 * @probe:   measure the downtime by probes in the kernel
 * @cipher:  of the data streams
 * @streams: how many carry memory; 0 until both hosts are known, if the user left it open
 * @patience_s: how long the guest waits in a fetch for a link that broke
 * @limits:  downtime and passes; @limits.mode is final when both hosts are known
 */
struct source_options {
	const char *to;
	bool dry_run;
	bool storage;
	bool verify;
	bool probe;
	enum cipher cipher;
	unsigned int streams;
	unsigned int patience_s;
	struct policy_limits limits;
};

/** source_options_read() - from the request, which must live longer */
int source_options_read(struct source_options *o, const json_t *request, struct zkz_err *err);

#endif
