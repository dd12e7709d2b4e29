// SPDX-License-Identifier: GPL-2.0
#include "zkzd/transfer.h"

#include <sys/stat.h>

#include "kernel/session.h"
#include "zone/paths.h"

#define PAGE	4096

/* The worker that migrates owns the session; others know it by its memory file. */
static int find(const char *zone, struct session_info *info)
{
	char path[ZONE_PATH_MAX];
	struct genl *g;
	struct stat st;
	int rc;

	if (stat(zone_path(ZF_MEMORY, zone, path), &st))
		return 0;
	g = genl_open(NULL);
	if (!g)
		return 0;
	rc = session_find(g, st.st_ino, info, NULL);
	genl_close(g);
	return rc;
}

static void put(json_t *obj, const char *key, uint64_t value)
{
	json_object_set_new(obj, key, json_integer((json_int_t)value));
}

/* The guest runs on the target, and this much of its memory is still to come. */
static void put_fetch(json_t *obj, const struct session_info *info)
{
	const uint64_t *c = info->counters;

	json_object_set_new(obj, "fetch",
			    json_string(info->state == ZKZ_STATE_LOST ? "lost" : "fetching"));
	put(obj, "missing", c[ZKZ_A_COUNTERS_FETCH_MISSING] * PAGE);
	if (info->role != ZKZ_ROLE_TARGET)
		return;
	put(obj, "waits", c[ZKZ_A_COUNTERS_FETCH_WAITS]);
	put(obj, "p50-us", session_latency(info, 50));
	put(obj, "p99-us", session_latency(info, 99));
	put(obj, "blocked-ms", c[ZKZ_A_COUNTERS_NS_BLOCKED] / 1000000);
}

bool transfer_fetching(const char *zone, uint64_t *missing)
{
	struct session_info info;

	if (find(zone, &info) <= 0 || info.role != ZKZ_ROLE_SOURCE ||
	    (info.state != ZKZ_STATE_FETCHING && info.state != ZKZ_STATE_LOST))
		return false;
	*missing = info.counters[ZKZ_A_COUNTERS_FETCH_MISSING] * PAGE;
	return true;
}

json_t *transfer_json(const char *zone)
{
	struct session_info info;
	const uint64_t *c = info.counters;
	json_t *obj;

	if (find(zone, &info) <= 0)
		return NULL;
	obj = json_object();
	json_object_set_new(obj, "role",
			    json_string(info.role == ZKZ_ROLE_SOURCE ? "source" : "target"));
	put(obj, "pass", info.pass);
	put(obj, "done", c[ZKZ_A_COUNTERS_PAGES_DONE] * PAGE);
	put(obj, "total", c[ZKZ_A_COUNTERS_PAGES_TOTAL] * PAGE);
	put(obj, "dirty", c[ZKZ_A_COUNTERS_PAGES_DIRTY] * PAGE);
	put(obj, "bytes", c[ZKZ_A_COUNTERS_BYTES_WIRE]);
	put(obj, "pages-data", c[ZKZ_A_COUNTERS_PAGES_DATA]);
	put(obj, "pages-zero", c[ZKZ_A_COUNTERS_PAGES_ZERO]);
	put(obj, "pages-hole", c[ZKZ_A_COUNTERS_PAGES_HOLE]);
	put(obj, "pages-sticky", c[ZKZ_A_COUNTERS_PAGES_STICKY]);
	put(obj, "faults", c[ZKZ_A_COUNTERS_FAULTS]);
	if (info.state == ZKZ_STATE_FETCHING || info.state == ZKZ_STATE_LOST)
		put_fetch(obj, &info);
	return obj;
}
