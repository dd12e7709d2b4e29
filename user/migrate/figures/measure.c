// SPDX-License-Identifier: GPL-2.0
#include "migrate/figures/measure.h"

#include <stdio.h>

#include "lib/log.h"
#include "zone/state.h"

#define LOOK_MS		20

static void blind(struct measure *m, const char *zone, const struct zkz_err *err)
{
	snprintf(m->blind, sizeof(m->blind), "%.*s", (int)sizeof(m->blind) - 1, err->text);
	log_note("%s%s%s", zone ? zone : "", zone ? ": " : "", m->blind);
	measure_close(m);
}

void measure_open(struct measure *m)
{
	struct zkz_err err = { 0 };

	m->probe = probe_open(&err);
	if (!m->probe)
		blind(m, NULL, &err);
}

void measure_watch(struct measure *m, const char *zone, pid_t qemu)
{
	struct zkz_err err = { 0 };

	if (!m->probe || m->attached)
		return;
	if (probe_attach(m->probe, qemu, 0, &err))
		blind(m, zone, &err);
	else
		m->attached = true;
}

void measure_attach(struct measure *m, const char *zone)
{
	struct zkz_err err = { 0 };
	struct zone_status st;

	if (!m->probe || m->attached)
		return;
	if (zone_status_read(zone, &st, &err))
		blind(m, zone, &err);
	else
		measure_watch(m, zone, st.qemu);
}

/* Both clocks are slewed together; only a step in between would tell them apart. */
static int64_t shift(void)
{
	return (int64_t)clock_real_ns() - (int64_t)clock_mono_ns();
}

struct blackout_out measure_out(const struct measure *m)
{
	struct probe_vcpu v[PROBE_MAX_VCPUS];

	if (!m->attached)
		return (struct blackout_out) { .nr = 0 };
	return blackout_out(v, probe_vcpus(m->probe, v), shift());
}

struct blackout_in measure_in(const struct measure *m, unsigned int nr, deadline_t dl)
{
	struct probe_vcpu v[PROBE_MAX_VCPUS];
	struct blackout_in in = { .nr = 0 };

	if (!m->attached)
		return in;
	for (;;) {
		in = blackout_in(v, probe_vcpus(m->probe, v), shift());
		if (in.nr >= nr || !deadline_left_ms(dl))
			return in;
		clock_sleep_ms(LOOK_MS);
	}
}

void measure_close(struct measure *m)
{
	probe_close(m->probe);
	m->probe = NULL;
	m->attached = false;
}
