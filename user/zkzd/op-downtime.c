// SPDX-License-Identifier: GPL-2.0
/* downtime: how long a running guest was kept from running, while somebody watches. */
#include <errno.h>
#include <poll.h>
#include <sys/pidfd.h>

#include "lib/clock.h"
#include "lib/io.h"
#include "probe/probe.h"
#include "zkzd/dispatch.h"
#include "zone/state.h"

#define THRESHOLD_US	1000
#define THRESHOLD_MAX	(60LL * 1000 * 1000)
#define SECONDS		10
#define SECONDS_MAX	3600

/* Until the time is over, the client wants no more, or QEMU has ended. Return: false in the last case. */
static bool watch(const struct request *rq, int qemu, deadline_t dl)
{
	struct pollfd p[] = {
		{ .fd = rq->fd, .events = POLLRDHUP },
		{ .fd = qemu, .events = POLLIN },
	};

	while (deadline_left_ms(dl)) {
		if (poll(p, 2, deadline_left_ms(dl)) <= 0)
			continue;
		return !p[1].revents;
	}
	return true;
}

static json_t *histogram(const uint64_t *gaps)
{
	json_t *all = json_array();
	int i;

	for (i = 0; i < PROBE_SLOTS; i++)
		if (gaps[i])
			json_array_append_new(all, json_pack("{s:I, s:I, s:I}",
							     "from-us", (json_int_t)1 << i,
							     "to-us", (json_int_t)2 << i,
							     "gaps", (json_int_t)gaps[i]));
	return all;
}

static void answer(struct request *rq, const struct probe *p, uint64_t threshold_us, double seconds)
{
	struct probe_vcpu v[PROBE_MAX_VCPUS];
	unsigned int n = probe_vcpus(p, v), i;
	const uint64_t *gaps = probe_gaps(p);
	uint64_t count = 0, total = 0, longest = 0;

	for (i = 0; i < PROBE_SLOTS; i++)
		count += gaps[i];
	for (i = 0; i < n; i++) {
		total += v[i].total;
		if (v[i].longest > longest)
			longest = v[i].longest;
	}
	out_result(&rq->out, json_pack("{s:f, s:f, s:i, s:I, s:f, s:f, s:o}",
				       "seconds", seconds, "threshold-ms", (double)threshold_us / 1e3,
				       "vcpus", (int)n, "gaps", (json_int_t)count,
				       "total-ms", (double)total / 1e6,
				       "longest-ms", (double)longest / 1e6,
				       "histogram", histogram(gaps)),
		   "%u virtual CPUs in %.1f s: %llu gaps of at least %.3g ms, %.1f ms in all, the longest %.1f ms.",
		   n, seconds, (unsigned long long)count, (double)threshold_us / 1e3,
		   (double)total / 1e6, (double)longest / 1e6);
}

static int measure(struct request *rq, pid_t pid, uint64_t threshold_us, unsigned int seconds,
		   struct zkz_err *err)
{
	int qemu = pidfd_open(pid, 0), rc = -1;
	struct probe *p = probe_open(err);
	uint64_t start = clock_mono_ns();

	if (!p || probe_attach(p, pid, threshold_us * 1000, err)) {
		probe_close(p);
		io_close(&qemu);
		return -1;
	}
	if (qemu >= 0 && watch(rq, qemu, deadline_in_ms(seconds * 1000ULL))) {
		answer(rq, p, threshold_us, (double)(clock_mono_ns() - start) / 1e9);
		rc = 0;
	} else {
		err_zone_ended(err, rq->zone);
	}
	probe_close(p);
	io_close(&qemu);
	return rc;
}

int op_downtime(struct request *rq, struct zkz_err *err)
{
	long long us = json_int(rq->args, "threshold-us", THRESHOLD_US);
	long long seconds = json_int(rq->args, "seconds", SECONDS);
	struct zone_status st;

	if (us < 1 || us > THRESHOLD_MAX)
		return err_usage_range(err, "--threshold", 1, THRESHOLD_MAX, ERR_UNIT_MICROSECONDS);
	if (seconds < 1 || seconds > SECONDS_MAX)
		return err_usage_range(err, "--seconds", 1, SECONDS_MAX, ERR_UNIT_SECONDS);
	if (zone_status_read(rq->zone, &st, err))
		return -1;
	if (st.state != ZONE_RUNNING || !st.qemu)
		return err_zone_not_running(err, rq->zone);
	return measure(rq, st.qemu, us, seconds, err);
}
