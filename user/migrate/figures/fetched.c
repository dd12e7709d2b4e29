// SPDX-License-Identifier: GPL-2.0
#include "migrate/figures/fetched.h"

#include <stddef.h>

#include "lib/jsonl.h"

static const struct {
	const char *name;
	size_t at;
} fields[] = {
	{ "missing", offsetof(struct figures, missing) },
	{ "requests", offsetof(struct figures, requests) },
	{ "demand", offsetof(struct figures, demand) },
	{ "pushed", offsetof(struct figures, pushed) },
	{ "waits", offsetof(struct figures, waits) },
	{ "blocked-ns", offsetof(struct figures, blocked_ns) },
	{ "p50-us", offsetof(struct figures, p50_us) },
	{ "p99-us", offsetof(struct figures, p99_us) },
};

#define FIELDS	(sizeof(fields) / sizeof(fields[0]))

void figures_take(struct figures *f, const struct session_info *info)
{
	const uint64_t *c = info->counters;

	*f = (struct figures) {
		.missing = c[ZKZ_A_COUNTERS_FETCH_MISSING],
		.requests = c[ZKZ_A_COUNTERS_FETCH_REQUESTS],
		.demand = c[ZKZ_A_COUNTERS_FETCH_DEMAND],
		.pushed = c[ZKZ_A_COUNTERS_FETCH_PUSHED],
		.waits = c[ZKZ_A_COUNTERS_FETCH_WAITS],
		.blocked_ns = c[ZKZ_A_COUNTERS_NS_BLOCKED],
		.p50_us = session_latency(info, 50),
		.p99_us = session_latency(info, 99),
	};
}

static uint64_t *field(struct figures *f, size_t i)
{
	return (uint64_t *)((char *)f + fields[i].at);
}

json_t *figures_json(const struct figures *f)
{
	json_t *obj = json_object();
	struct figures copy = *f;
	size_t i;

	for (i = 0; i < FIELDS; i++)
		json_object_set_new(obj, fields[i].name,
				    json_integer((json_int_t)*field(&copy, i)));
	return obj;
}

void figures_read(struct figures *f, const json_t *obj)
{
	long long v;
	size_t i;

	for (i = 0; i < FIELDS; i++) {
		v = json_int(obj, fields[i].name, 0);
		*field(f, i) = v < 0 ? 0 : (uint64_t)v;
	}
}
