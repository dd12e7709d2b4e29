// SPDX-License-Identifier: GPL-2.0
/* Figures of a fetch: from the module, to the other host and back. */
#include "migrate/figures/fetched.h"
#include "unit.h"

TEST(come_back_as_they_were)
{
	struct session_info info = {
		.counters = {
			[ZKZ_A_COUNTERS_FETCH_MISSING] = 1, [ZKZ_A_COUNTERS_FETCH_REQUESTS] = 2,
			[ZKZ_A_COUNTERS_FETCH_DEMAND] = 3, [ZKZ_A_COUNTERS_FETCH_PUSHED] = 4,
			[ZKZ_A_COUNTERS_FETCH_WAITS] = 5, [ZKZ_A_COUNTERS_NS_BLOCKED] = 6,
		},
		.latency = { [9] = 1 },
	};
	struct figures a, b;
	json_t *obj;

	figures_take(&a, &info);
	CHECK_INT(a.p50_us, 1024);
	CHECK_INT(a.pushed, 4);
	obj = figures_json(&a);
	figures_read(&b, obj);
	CHECK(!memcmp(&a, &b, sizeof(a)));
	json_decref(obj);
}

TEST(nonsense_counts_as_nothing)
{
	json_t *obj = json_pack("{s:I, s:s, s:f}", "missing", (json_int_t)-5, "waits", "many",
				"p50-us", 1.5);
	struct figures f = { .missing = 7, .waits = 7, .p50_us = 7, .pushed = 7 };

	figures_read(&f, obj);
	CHECK(!f.missing && !f.waits && !f.p50_us && !f.pushed);
	json_decref(obj);
	figures_read(&f, NULL);
}
