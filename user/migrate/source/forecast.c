// SPDX-License-Identifier: GPL-2.0
/* Source: what the migration would be like, for a dry run. */
#include <errno.h>
#include <fcntl.h>

#include "lib/io.h"
#include "lib/jsonl.h"
#include "migrate/figures/rate.h"
#include "migrate/figures/sample.h"
#include "migrate/plan/forecast.h"
#include "migrate/source/clocks.h"
#include "migrate/source/forecast.h"
#include "migrate/source/passes.h"
#include "zone/paths.h"

#define RATE_MS		30000
#define PAGE		4096
#define MIB(pages)	((double)(pages) * PAGE / 1048576)

static int look_at_guest(struct source *s, struct forecast_in *in, struct zkz_err *err)
{
	struct memory_sample sample;
	char path[ZONE_PATH_MAX];
	int fd = open(zone_path(ZF_MEMORY, s->rq->zone, path), O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0)
		return err_file_open(err, path, errno);
	rc = memory_sample(fd, &sample, err);
	io_close(&fd);
	if (rc)
		return -1;
	in->pages = sample.pages;
	in->dirty_rate = sample.dirty_rate;
	return 0;
}

static int look_at_link(struct source *s, struct forecast_in *in, struct zkz_err *err)
{
	struct offset clocks;
	json_t *ans;

	if (source_compare_clocks(&s->link, s->rq->zone, &clocks, err) ||
	    source_time_qemu(s->vm.qmp, &in->qmp_ns, err) ||
	    channel_send(&s->link.ch, "rate", NULL, err) || rate_send(s->link.fd[0], err) ||
	    channel_recv_type(&s->link.ch, "rate-ok", &ans, deadline_in_ms(RATE_MS), err))
		return -1;
	in->rtt_ns = clocks.rtt;
	in->send_rate = json_int(ans, "bytes-per-second", 0) / PAGE;
	json_decref(ans);
	return 0;
}

static void tell(struct source *s, const struct forecast_in *in, const struct forecast *f)
{
	double seconds = (double)f->passes_ns / 1e9, down = (double)f->downtime_ns / 1e6;
	struct out *out = &s->rq->out;

	out_step(out, "Forecast: %.1f MiB of memory at %.1f MiB/s over one stream, while the guest changes %.1f MiB/s.",
		 MIB(in->pages), MIB(in->send_rate), MIB(in->dirty_rate));
	if (f->verdict == POLICY_GIVE_UP)
		out_step(out, "Forecast: it would be given up. %s.", f->why.text);
	else if (f->verdict == POLICY_CUT)
		out_step(out, "Forecast: pre-copy, %u passes, %.1f s, downtime about %.0f ms.",
			 f->passes, seconds, down);
	else
		out_step(out, "Forecast: hybrid, %u passes, %.1f s, downtime about %.0f ms, then %.1f MiB follow within about %.1f s while the guest runs on %s; should this host be lost in that time, so is the guest.",
			 f->passes, seconds, down, MIB(f->rest), (double)f->rest_ns / 1e9,
			 s->link.uri.host);
}

json_t *source_forecast(struct source *s)
{
	struct forecast_in in = { .limits = s->opt.limits };
	struct zkz_err err = { 0 };
	struct forecast f;

	if (!s->can_rate) {
		err_forecast_unsupported(&err, s->link.uri.host);
		out_warning(&s->rq->out, &err);
		return NULL;
	}
	if (look_at_guest(s, &in, &err) || look_at_link(s, &in, &err)) {
		err_forecast_failed(&err);
		out_warning(&s->rq->out, &err);
		return NULL;
	}
	forecast(&in, &f);
	tell(s, &in, &f);
	return json_pack("{s:s, s:i, s:f, s:f, s:I, s:f, s:I, s:I, s:I}",
			 "verdict", forecast_verdict_name(f.verdict), "passes", (int)f.passes,
			 "seconds", (double)f.passes_ns / 1e9,
			 "downtime-ms", (double)f.downtime_ns / 1e6,
			 "fetch", (json_int_t)(f.rest * PAGE), "fetch-seconds", (double)f.rest_ns / 1e9,
			 "memory", (json_int_t)(in.pages * PAGE),
			 "dirty-rate", (json_int_t)(in.dirty_rate * PAGE),
			 "send-rate", (json_int_t)(in.send_rate * PAGE));
}
