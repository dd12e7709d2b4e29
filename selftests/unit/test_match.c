// SPDX-License-Identifier: GPL-2.0
/* The target's own configuration of a zone that arrives. */
#include <stdio.h>

#include "migrate/plan/match.h"
#include "unit.h"

static struct zone_model zone(void)
{
	struct zone_model z = { .name = "z1", .memory = 512 << 20, .ncpus = 2, .nr_nics = 1, .nr_disks = 1 };

	snprintf(z.nic[0].mac, sizeof(z.nic[0].mac), "52:54:00:aa:bb:01");
	snprintf(z.disk[0].storage, sizeof(z.disk[0].storage), "nbd://s/d");
	snprintf(z.disk[0].format, sizeof(z.disk[0].format), "raw");
	return z;
}

static const char *verdict(const struct zone_model *t, struct zkz_err *err)
{
	struct zone_model s = zone();

	err_clear(err);
	return match_models(&s, t, err) ? err->text : "same";
}

TEST(what_may_differ)
{
	struct zone_model t = zone();
	struct zkz_err err;

	CHECK_STR(verdict(&t, &err), "same");
	snprintf(t.nic[0].lower_link, sizeof(t.nic[0].lower_link), "br7");
	snprintf(t.nic[0].mac, sizeof(t.nic[0].mac), "52:54:00:AA:BB:01");
	t.autoboot = true;
	CHECK_STR(verdict(&t, &err), "same");
}

TEST(what_may_not)
{
	struct zone_model t = zone();
	struct zkz_err err;

	t.memory = 256 << 20;
	CHECK_HAS(verdict(&t, &err), "capped-memory: 256 MiB there, 512 MiB here");
	t = zone();
	t.ncpus = 4;
	CHECK_HAS(verdict(&t, &err), "virtual-cpu");
	t = zone();
	t.disk[0].id = 3;
	CHECK_HAS(verdict(&t, &err), "device 0 is missing");
	t = zone();
	snprintf(t.disk[0].storage, sizeof(t.disk[0].storage), "nbd://other/d");
	CHECK_HAS(verdict(&t, &err), "nbd://other/d");
	t = zone();
	t.nr_disks = 0;
	CHECK_HAS(verdict(&t, &err), "number of devices");
	t = zone();
	t.nic[0].mac[16] = '2';
	CHECK_HAS(verdict(&t, &err), "MAC address");
	t = zone();
	t.nr_nics = 0;
	CHECK_HAS(verdict(&t, &err), "anet");
	CHECK(err.remedy[0]);
}
