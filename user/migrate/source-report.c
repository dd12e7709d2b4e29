// SPDX-License-Identifier: GPL-2.0
/* Source: clocks, progress and the last line. */
#include <inttypes.h>
#include <stdio.h>

#include "lib/jsonl.h"
#include "migrate/source.h"

#define PING_MS		10000
#define PAGE		4096

int source_compare_clocks(struct source *s, struct offset *o, struct zkz_err *err)
{
	int i;

	offset_init(o);
	for (i = 0; i < OFFSET_PINGS; i++) {
		struct offset_ping p = { .t1 = clock_real_ns() };
		json_t *pong;

		if (channel_send(&s->ch, "ping", json_pack("{s:i}", "n", i), err) ||
		    channel_recv_type(&s->ch, "pong", &pong, deadline_in_ms(PING_MS), err))
			return -1;
		p.t4 = clock_real_ns();
		p.t2 = json_int(pong, "t2", 0);
		p.t3 = json_int(pong, "t3", 0);
		json_decref(pong);
		offset_add(o, &p);
	}
	return 0;
}

void source_progress(struct source *s)
{
	const uint64_t *c = s->info.counters;
	uint64_t total = c[ZKZ_A_COUNTERS_PAGES_TOTAL], done = c[ZKZ_A_COUNTERS_PAGES_DONE];
	uint64_t ns = c[ZKZ_A_COUNTERS_NS_PASS], rate, left;
	json_t *obj;

	if (done > total)
		total = done;
	left = total - done;
	rate = ns ? (uint64_t)((double)done * 1e9 / (double)ns) : 0;
	obj = json_pack("{s:i, s:I, s:I, s:I, s:I, s:I, s:I}", "pass", (int)s->info.pass,
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

void source_warn_forecast(struct source *s)
{
	if (s->warned || !policy_exceeds(&s->policy))
		return;
	out_warning(&s->rq->out, "The downtime will probably be about %llu ms, more than the allowed %u ms; more passes would not make it shorter.",
		    (unsigned long long)(s->policy.forecast_ns / NSEC_PER_MSEC),
		    s->opt.limits.downtime_ms);
	s->warned = true;
}

static double ms_between(uint64_t from, uint64_t to)
{
	return ((double)to - (double)from) / 1e6;
}

/* Where the downtime went; memory and device state travel at the same time. */
static json_t *phases(const struct source *s, double resume)
{
	return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f}",
			 "stop-ms", ms_between(s->stop_ns, s->at.frozen),
			 "memory-ms", ms_between(s->at.frozen, s->at.memory),
			 "device-ms", ms_between(s->at.frozen, s->at.device),
			 "load-ms", ms_between(s->at.memory > s->at.device ?
					       s->at.memory : s->at.device, s->at.ready),
			 "journal-ms", ms_between(s->at.ready, s->at.go),
			 "start-ms", (resume - (double)s->at.go) / 1e6);
}

static void report_downtime(struct source *s, json_t *res, char *text, size_t size)
{
	struct offset o = offset_join(&s->before, &s->after);
	double ms, bound, resume;

	if (!s->resume_ns || !offset_valid(&o)) {
		snprintf(text, size, "downtime unknown");
		return;
	}
	resume = (double)((int64_t)s->resume_ns - offset_mid(&o));
	ms = (resume - (double)s->stop_ns) / 1e6;
	bound = (double)offset_bound(&o) / 1e6;
	json_object_set_new(res, "downtime-ms", json_real(ms));
	json_object_set_new(res, "downtime-error-ms", json_real(bound));
	/* As the two QEMUs stamped them, each by its own host's clock. */
	json_object_set_new(res, "stop-ns", json_integer((json_int_t)s->stop_ns));
	json_object_set_new(res, "resume-ns", json_integer((json_int_t)s->resume_ns));
	json_object_set_new(res, "phases", phases(s, resume));
	snprintf(text, size, "downtime %.1f ms (+- %.1f)", ms, bound);
	if (ms > s->opt.limits.downtime_ms)
		out_warning(&s->rq->out, "The downtime of %.1f ms exceeded the allowed %u ms; the forecast was %.1f ms.",
			    ms, s->opt.limits.downtime_ms, (double)s->policy.forecast_ns / 1e6);
}

void source_report(struct source *s)
{
	const uint64_t *c = s->info.counters;
	uint64_t bytes = c[ZKZ_A_COUNTERS_BYTES_WIRE] + json_int(s->ready, "state-bytes", 0);
	double total = (double)(s->done_ns - s->passes_ns) / 1e9;
	double prepare = (double)(s->passes_ns - s->start_ns) / 1e9;
	char down[80];
	json_t *res;

	res = json_pack("{s:s, s:f, s:f, s:I, s:i, s:I, s:I, s:I, s:I, s:I}",
			"migration", s->migration, "total-s", total, "prepare-s", prepare,
			"bytes", (json_int_t)bytes, "passes", (int)s->passes,
			"pages-data", (json_int_t)c[ZKZ_A_COUNTERS_PAGES_DATA],
			"pages-zero", (json_int_t)c[ZKZ_A_COUNTERS_PAGES_ZERO],
			"pages-hole", (json_int_t)c[ZKZ_A_COUNTERS_PAGES_HOLE],
			"faults", (json_int_t)c[ZKZ_A_COUNTERS_FAULTS],
			"state-bytes", (json_int_t)json_int(s->ready, "state-bytes", 0));
	report_downtime(s, res, down, sizeof(down));
	out_result(&s->rq->out, res, "Total %.2f s after %.2f s of preparation, %s, %.1f MiB, %u passes.",
		   total, prepare, down, (double)bytes / 1048576, s->passes);
}
