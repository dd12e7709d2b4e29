// SPDX-License-Identifier: GPL-2.0
/* Source: progress and the last line. */
#include <inttypes.h>
#include <stdio.h>

#include "lib/jsonl.h"
#include "lib/log.h"
#include "migrate/source/report.h"

#define PAGE		4096
#define MEASURE_MS	10000
#define FIGURE_TEXT	80

void source_progress(struct source *s)
{
	const uint64_t *c = s->mover.info.counters;
	uint64_t total = c[ZKZ_A_COUNTERS_PAGES_TOTAL], done = c[ZKZ_A_COUNTERS_PAGES_DONE];
	uint64_t ns = c[ZKZ_A_COUNTERS_NS_PASS], rate, left;
	json_t *obj;

	if (done > total)
		total = done;
	left = total - done;
	rate = ns ? (uint64_t)((double)done * 1e9 / (double)ns) : 0;
	obj = json_pack("{s:i, s:I, s:I, s:I, s:I, s:I, s:I}", "pass", (int)s->mover.info.pass,
			"done", (json_int_t)(done * PAGE), "total", (json_int_t)(total * PAGE),
			"dirty", (json_int_t)(c[ZKZ_A_COUNTERS_PAGES_DIRTY] * PAGE),
			"send-rate", (json_int_t)(rate * PAGE),
			"bytes", (json_int_t)c[ZKZ_A_COUNTERS_BYTES_WIRE],
			"eta-ms", rate ? (json_int_t)(left * 1000 / rate) : (json_int_t)-1);
	/* Not known before a pass has ended. */
	if (s->policy.passes)
		json_object_set_new(obj, "dirty-rate",
				    json_integer((json_int_t)(s->policy.dirty_rate * PAGE)));
	out_progress(&s->rq->out, obj);
}

/* As the target knows it where it tells, else as the module here does. */
void source_fetch_progress(struct source *s)
{
	uint64_t missing = s->mover.info.counters[ZKZ_A_COUNTERS_FETCH_MISSING], ms;
	uint64_t total = s->fetch.pages > missing ? s->fetch.pages : missing;
	uint64_t rate = 0;
	json_t *obj;

	ms = (clock_real_ns() - s->times.memory_ns) / NSEC_PER_MSEC;
	if (ms)
		rate = (total - missing) * 1000 / ms;
	obj = json_pack("{s:s, s:i, s:I, s:I, s:I, s:I, s:I}", "phase", "fetch",
			"pass", (int)s->mover.info.pass, "done", (json_int_t)((total - missing) * PAGE),
			"total", (json_int_t)(total * PAGE), "send-rate", (json_int_t)(rate * PAGE),
			"bytes", (json_int_t)s->mover.info.counters[ZKZ_A_COUNTERS_BYTES_WIRE],
			"eta-ms", rate ? (json_int_t)(missing * 1000 / rate) : (json_int_t)-1);
	json_object_set_new(obj, "fetch", figures_json(&s->fetch.figures));
	out_progress(&s->rq->out, obj);
}

/* What the fetch was like for the guest. */
static void report_fetch(struct source *s, json_t *res)
{
	const struct figures *f = &s->fetch.figures;
	json_t *obj;

	json_object_set_new(res, "mode", json_string(s->mover.fetching ? "hybrid" : "precopy"));
	if (!s->mover.fetching)
		return;
	obj = figures_json(f);
	json_object_set_new(obj, "pages", json_integer((json_int_t)s->fetch.pages));
	json_object_set_new(obj, "seconds", json_real((double)s->fetch.ns / 1e9));
	json_object_set_new(obj, "resumes", json_integer(s->fetch.resumes));
	json_object_set_new(res, "fetch", obj);
	out_step(&s->rq->out, "Fetched %.1f MiB in %.2f s while the guest ran: %" PRIu64 " waits for a page, half of them at most %.1f ms, 99%% at most %.1f ms; threads waited %.1f ms in all.",
		 (double)s->fetch.pages * PAGE / 1048576, (double)s->fetch.ns / 1e9, f->waits,
		 (double)f->p50_us / 1e3, (double)f->p99_us / 1e3, (double)f->blocked_ns / 1e6);
}

void source_warn_forecast(struct source *s)
{
	struct zkz_err warning = { 0 };

	if (s->warned || !policy_exceeds(&s->policy))
		return;
	err_downtime_expected(&warning, s->policy.forecast_ns / NSEC_PER_MSEC, s->opt.limits.downtime_ms);
	out_warning(&s->rq->out, &warning);
	s->warned = true;
}

/* The target may be of a host that cannot tell; nothing depends on it any more. */
static void ask_target(struct source *s, struct blackout *b)
{
	struct zkz_err err = { 0 };
	const char *blind;
	json_t *ans;

	if (channel_call(&s->link.ch, "measure", json_pack("{s:i}", "vcpus", (int)b->out.nr), &ans,
			 deadline_in_ms(MEASURE_MS), &err)) {
		log_warn("zone %s: %s", s->rq->zone, err.text);
		return;
	}
	b->in = (struct blackout_in) {
		.nr = json_int(ans, "vcpus", 0) > 0 ? json_int(ans, "vcpus", 0) : 0,
		.entry = json_int(ans, "entry-ns", 0),
		.first_back = json_int(ans, "first-ns", 0),
		.last_back = json_int(ans, "last-ns", 0),
	};
	blind = json_str(ans, "blind");
	if (blind && !s->times.measure.blind[0])
		snprintf(s->times.measure.blind, sizeof(s->times.measure.blind), "on the target: %.200s", blind);
	json_decref(ans);
}

void source_measure(struct source *s)
{
	struct blackout *b = &s->times.blackout;

	*b = (struct blackout) {
		.out = measure_out(&s->times.measure), .stop = s->vm.stop_ns, .frozen = s->vm.state.held_ns,
		.memory = s->times.memory_ns, .loaded = s->verdict.loaded_ns, .resume = s->verdict.resume_ns,
		.before = s->times.before, .after = s->times.after,
	};
	/* A worker that came later, to go on with a fetch, has seen nothing. */
	if (b->out.nr && s->link.up && !s->fetch.resumes && !s->verdict.failure.links)
		ask_target(s, b);
}

static json_t *figures(const struct blackout_report *r)
{
	json_t *all = json_object();
	int i;

	for (i = 0; i < BLACKOUT_KINDS; i++) {
		const struct blackout_figure *f = &r->figure[i];

		if (f->known)
			json_object_set_new(all, blackout_name(i),
					    json_pack("{s:f, s:f, s:b}", "ms", f->ms,
						      "error-ms", f->bound, "unsure", f->unsure));
	}
	return all;
}

/* They add up to the downtime. */
static json_t *phases(const struct blackout_report *r)
{
	json_t *all = json_object();
	char name[40];
	int i;

	for (i = 0; i < PHASES; i++) {
		snprintf(name, sizeof(name), "%s-ms", blackout_phase_name(i));
		json_object_set_new(all, name, json_real(r->phase[i]));
	}
	return all;
}

/* Steps that lie within a phase. */
static json_t *steps(const struct source *s)
{
	return json_pack("{s:f, s:f}",
			 "device-sent-ms", ((double)s->vm.completed_ns - (double)s->vm.state.held_ns) / 1e6,
			 "go-sent-ms", ((double)s->verdict.go_ns - (double)s->vm.state.held_ns) / 1e6);
}

/* "290.0 ms (+- 1.9)" */
static const char *figure_text(const struct blackout_report *r, enum blackout_kind kind, char *buf)
{
	const struct blackout_figure *f = &r->figure[kind];

	if (f->known)
		snprintf(buf, FIGURE_TEXT, "%.1f ms (+- %.1f%s)", f->ms, f->bound,
			 f->unsure ? ", more than a tenth: unsure" : "");
	else
		snprintf(buf, FIGURE_TEXT, "unknown");
	return buf;
}

static void tell_figures(struct source *s, const struct blackout_report *r)
{
	char any[FIGURE_TEXT], all[FIGURE_TEXT], stop[FIGURE_TEXT];
	struct out *out = &s->rq->out;

	if (r->main == BLACKOUT_QEMU)
		out_step(out, "Downtime is from QEMU's STOP to its RESUME: %s.",
			 s->times.measure.blind[0] ? s->times.measure.blind :
			 s->opt.probe ? "probes saw nothing" : "probes are off");
	else
		out_step(out, "Downtime by probes: last exit to first entry %s, first CPU out to last CPU in %s, STOP-bounded %s%s.",
			 figure_text(r, BLACKOUT_ANY, any), figure_text(r, BLACKOUT_ALL, all),
			 figure_text(r, BLACKOUT_STOP, stop),
			 r->main == BLACKOUT_STOP ? ", which counts because the guest slept" : "");
	out_step(out, "Of it: stop %.1f, last pass %.1f, device state %.1f, commit %.1f, first entry %.1f ms.",
		 r->phase[PHASE_STOP], r->phase[PHASE_PASS], r->phase[PHASE_DEVICE],
		 r->phase[PHASE_COMMIT], r->phase[PHASE_ENTRY]);
}

static void report_downtime(struct source *s, json_t *res, char *text, size_t size)
{
	struct zkz_err warning = { 0 };
	struct blackout_report r;
	char buf[FIGURE_TEXT];
	double ms;

	if (!blackout_report(&s->times.blackout, &r)) {
		snprintf(text, size, "downtime unknown");
		return;
	}
	ms = r.figure[r.main].ms;
	json_object_set_new(res, "downtime-ms", json_real(ms));
	json_object_set_new(res, "downtime-error-ms", json_real(r.figure[r.main].bound));
	json_object_set_new(res, "forecast-ms", json_real((double)s->policy.forecast_ns / 1e6));
	json_object_set_new(res, "downtime-figure", json_string(blackout_name(r.main)));
	json_object_set_new(res, "figures", figures(&r));
	/* As the two QEMUs stamped them, each by its own host's clock. */
	json_object_set_new(res, "stop-ns", json_integer((json_int_t)s->vm.stop_ns));
	json_object_set_new(res, "resume-ns", json_integer((json_int_t)s->verdict.resume_ns));
	json_object_set_new(res, "phases", phases(&r));
	json_object_set_new(res, "steps", steps(s));
	tell_figures(s, &r);
	snprintf(text, size, "downtime %s", figure_text(&r, r.main, buf));
	/* Never in silence: who has set a budget wants to know how far a forecast can be trusted. */
	if (ms <= s->opt.limits.downtime_ms) {
		out_step(&s->rq->out, "The forecast of the downtime was %.1f ms.",
			 (double)s->policy.forecast_ns / 1e6);
	} else {
		err_downtime_exceeded(&warning, ms, s->opt.limits.downtime_ms, (double)s->policy.forecast_ns / 1e6);
		out_warning(&s->rq->out, &warning);
	}
}

/* What the budget for it was used for. */
static void report_slowdown(struct source *s, json_t *res)
{
	double ms = (double)s->mover.info.counters[ZKZ_A_COUNTERS_NS_SLOWED] / 1e6;

	if (!s->slowed)
		return;
	json_object_set_new(res, "slowed-ms", json_real(ms));
	out_step(&s->rq->out, "Writers were slowed down by at most %u %%; they waited %.1f ms in all.",
		 s->opt.limits.slowdown, ms);
}

/* Damage that came with the zone, or befell it before it left. */
static void report_damage(struct source *s, json_t *res)
{
	uint64_t pages = s->mover.info.counters[ZKZ_A_COUNTERS_PAGES_POISON];
	struct zkz_err warning = { 0 };

	json_object_set_new(res, "pages-damaged", json_integer((json_int_t)pages));
	if (!pages)
		return;
	err_memory_damaged(&warning, pages, s->link.uri.host);
	out_warning(&s->rq->out, &warning);
}

static void report_disks(struct source *s, json_t *res)
{
	if (!s->mirror.nr)
		return;
	json_object_set_new(res, "disk-bytes", json_integer((json_int_t)s->mirror.bytes));
	out_step(&s->rq->out, "%u disk%s of %.1f MiB went along.", s->mirror.nr, s->mirror.nr == 1 ? "" : "s",
		 (double)s->mirror.bytes / 1048576);
}

void source_report(struct source *s)
{
	const uint64_t *c = s->mover.info.counters;
	uint64_t bytes = c[ZKZ_A_COUNTERS_BYTES_WIRE] + s->vm.state.sent;
	double total = (double)(s->times.done_ns - s->times.passes_ns) / 1e9;
	double prepare = (double)(s->times.passes_ns - s->times.start_ns) / 1e9;
	char down[FIGURE_TEXT + 16];
	json_t *res;

	res = json_pack("{s:s, s:f, s:f, s:I, s:i, s:I, s:I, s:I, s:I, s:I}",
			"migration", s->commit.migration, "total-s", total, "prepare-s", prepare,
			"bytes", (json_int_t)bytes, "passes", (int)s->mover.passes,
			"pages-data", (json_int_t)c[ZKZ_A_COUNTERS_PAGES_DATA],
			"pages-zero", (json_int_t)c[ZKZ_A_COUNTERS_PAGES_ZERO],
			"pages-hole", (json_int_t)c[ZKZ_A_COUNTERS_PAGES_HOLE],
			"faults", (json_int_t)c[ZKZ_A_COUNTERS_FAULTS],
			"state-bytes", (json_int_t)s->vm.state.sent);
	json_object_set_new(res, "streams", json_integer(s->opt.streams));
	json_object_set_new(res, "pages-skipped",
			    json_integer((json_int_t)c[ZKZ_A_COUNTERS_PAGES_SKIPPED]));
	report_disks(s, res);
	report_slowdown(s, res);
	report_damage(s, res);
	report_fetch(s, res);
	report_downtime(s, res, down, sizeof(down));
	out_result(&s->rq->out, res, "Total %.2f s after %.2f s of preparation, %s, %.1f MiB, %u passes.",
		   total, prepare, down, (double)bytes / 1048576, s->mover.passes);
}
