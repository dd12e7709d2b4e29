// SPDX-License-Identifier: GPL-2.0
#include "migrate/figures/blackout.h"

#include <string.h>

struct blackout_out blackout_out(const struct probe_vcpu *v, unsigned int n, int64_t shift)
{
	struct blackout_out o = { .nr = n, .idle = n > 0 };
	unsigned int i;

	for (i = 0; i < n; i++) {
		uint64_t out = v[i].woke > v[i].exit ? v[i].woke : v[i].exit;

		if (v[i].exit && (int64_t)v[i].exit + shift > o.last_exit)
			o.last_exit = (int64_t)v[i].exit + shift;
		if (!o.first_out || (int64_t)out + shift < o.first_out)
			o.first_out = (int64_t)out + shift;
		if (v[i].woke <= v[i].exit)
			o.idle = false;
	}
	return o;
}

struct blackout_in blackout_in(const struct probe_vcpu *v, unsigned int n, int64_t shift)
{
	struct blackout_in in = { .nr = 0 };
	unsigned int i;

	for (i = 0; i < n; i++) {
		int64_t entry = (int64_t)v[i].entry + shift, back = entry - (int64_t)v[i].before;

		if (!v[i].entry)
			continue;
		if (!in.nr || entry < in.entry)
			in.entry = entry;
		if (!in.nr || back < in.first_back)
			in.first_back = back;
		if (!in.nr || back > in.last_back)
			in.last_back = back;
		in.nr++;
	}
	return in;
}

/* @end is by the target's clock. */
static void measure(const struct blackout *b, struct blackout_figure *f, int64_t start, int64_t end)
{
	struct offset o = offset_at(&b->before, &b->after, b->memory);

	if (!start || !end || !offset_valid(&o))
		return;
	f->known = true;
	f->ms = (double)(end - offset_mid(&o) - start) / 1e6;
	f->bound = (double)offset_bound(&o) / 1e6;
	f->unsure = f->bound > f->ms / 10;
}

static enum blackout_kind choose(const struct blackout *b, const struct blackout_report *r)
{
	if (b->out.idle && r->figure[BLACKOUT_STOP].known)
		return BLACKOUT_STOP;
	if (!b->out.idle && r->figure[BLACKOUT_ANY].known)
		return BLACKOUT_ANY;
	return BLACKOUT_QEMU;
}

/* Everything but the first and the last phase lies between moments that all figures have. */
static void divide(const struct blackout *b, struct blackout_report *r, int64_t start)
{
	const struct blackout_figure *qemu = &r->figure[BLACKOUT_QEMU];
	double until_resume = qemu->ms + (double)(b->stop - start) / 1e6;
	/* A QEMU that was told before to start the guest says that it has loaded it after RESUME. */
	bool at_once = !b->loaded || b->loaded > b->resume;
	double commit = at_once ? 0 : (double)(b->resume - b->loaded) / 1e6;

	r->phase[PHASE_STOP] = (double)(b->frozen - start) / 1e6;
	r->phase[PHASE_PASS] = (double)(b->memory - b->frozen) / 1e6;
	r->phase[PHASE_DEVICE] = until_resume - commit - (double)(b->memory - start) / 1e6;
	r->phase[PHASE_COMMIT] = commit;
	r->phase[PHASE_ENTRY] = r->figure[r->main].ms - until_resume;
}

bool blackout_report(const struct blackout *b, struct blackout_report *r)
{
	bool seen = b->out.nr && b->in.nr;
	int64_t last = b->out.last_exit, late = last > b->stop ? last : b->stop;

	memset(r, 0, sizeof(*r));
	measure(b, &r->figure[BLACKOUT_QEMU], b->stop, b->resume);
	if (!r->figure[BLACKOUT_QEMU].known)
		return false;
	if (seen) {
		measure(b, &r->figure[BLACKOUT_ANY], last, b->in.entry);
		measure(b, &r->figure[BLACKOUT_STOP], late, b->in.first_back);
	}
	if (seen && b->in.nr >= b->out.nr)
		measure(b, &r->figure[BLACKOUT_ALL], b->out.first_out, b->in.last_back);
	r->main = choose(b, r);
	divide(b, r, r->main == BLACKOUT_ANY ? last : r->main == BLACKOUT_STOP ? late : b->stop);
	return true;
}

const char *blackout_name(enum blackout_kind kind)
{
	static const char *const names[] = {
		[BLACKOUT_ANY] = "any-vcpu", [BLACKOUT_ALL] = "all-vcpus",
		[BLACKOUT_STOP] = "stop-bounded", [BLACKOUT_QEMU] = "stop-resume",
	};

	return names[kind];
}

const char *blackout_phase_name(enum blackout_phase phase)
{
	static const char *const names[] = {
		[PHASE_STOP] = "stop", [PHASE_PASS] = "last-pass", [PHASE_DEVICE] = "device-state",
		[PHASE_COMMIT] = "commit", [PHASE_ENTRY] = "first-entry",
	};

	return names[phase];
}
