// SPDX-License-Identifier: GPL-2.0
/* The figures of a downtime. */
#include <string.h>

#include "migrate/figures/blackout.h"
#include "unit.h"

#define MS	INT64_C(1000000)
#define BASE	(INT64_C(1700000000000) * MS)
/* The target's clock is ahead by this. */
#define AHEAD	(7000 * MS)

static struct offset clocks(int64_t at, int64_t bound)
{
	struct ping p = { .t1 = BASE + at };
	struct offset o;

	p.t2 = p.t1 + bound + AHEAD;
	p.t3 = p.t2;
	p.t4 = p.t1 + 2 * bound;
	offset_init(&o);
	CHECK(offset_add(&o, &p));
	return o;
}

/* STOP at 0, loaded at 60, RESUME at 80 ms. */
static struct blackout usual(int64_t bound)
{
	return (struct blackout) {
		.stop = BASE, .frozen = BASE + 5 * MS, .memory = BASE + 25 * MS,
		.loaded = BASE + 60 * MS + AHEAD, .resume = BASE + 80 * MS + AHEAD,
		.before = clocks(-1000 * MS, bound), .after = clocks(1000 * MS, bound),
	};
}

static bool about(double is, double should)
{
	return is > should - 0.01 && is < should + 0.01;
}

static void check_sum(const struct blackout_report *r)
{
	double sum = 0;
	int i;

	for (i = 0; i < PHASES; i++)
		sum += r->phase[i];
	CHECK(about(sum, r->figure[r->main].ms));
}

TEST(running_guest_counts_from_exit_to_entry)
{
	struct probe_vcpu out[] = { { .exit = 100 * MS, .woke = 50 * MS }, { .exit = 102 * MS } };
	struct probe_vcpu in[] = { { .entry = 190 * MS }, { .entry = 185 * MS, .before = MS } };
	struct blackout b = usual(MS);
	struct blackout_report r;

	/* The exits were 4 and 2 ms before STOP, the entries at 84 and 89 ms. */
	b.out = blackout_out(out, 2, BASE - 104 * MS);
	b.in = blackout_in(in, 2, BASE + AHEAD - 101 * MS);
	CHECK(!b.out.idle);
	CHECK(blackout_report(&b, &r));
	CHECK_INT(r.main, BLACKOUT_ANY);
	CHECK(about(r.figure[BLACKOUT_ANY].ms, 86));
	CHECK(about(r.figure[BLACKOUT_ANY].bound, 1));
	CHECK(!r.figure[BLACKOUT_ANY].unsure);
	CHECK(about(r.figure[BLACKOUT_ALL].ms, 93));
	CHECK(about(r.figure[BLACKOUT_STOP].ms, 83));
	CHECK(about(r.figure[BLACKOUT_QEMU].ms, 80));
	CHECK(about(r.phase[PHASE_STOP], 7));
	CHECK(about(r.phase[PHASE_PASS], 20));
	CHECK(about(r.phase[PHASE_DEVICE], 35));
	CHECK(about(r.phase[PHASE_COMMIT], 20));
	CHECK(about(r.phase[PHASE_ENTRY], 4));
	check_sum(&r);
}

TEST(start_at_once_needs_no_commit)
{
	struct blackout b = usual(MS);
	struct blackout_report r;

	/* QEMU says that it has loaded the guest after RESUME then, or it was not heard. */
	b.loaded = b.resume + 2 * MS;
	CHECK(blackout_report(&b, &r));
	CHECK(about(r.phase[PHASE_DEVICE], 55));
	CHECK(about(r.phase[PHASE_COMMIT], 0));
	check_sum(&r);
	b.loaded = 0;
	CHECK(blackout_report(&b, &r));
	CHECK(about(r.phase[PHASE_DEVICE], 55));
	check_sum(&r);
}

TEST(sleeping_guest_counts_from_stop)
{
	/* Asleep since 900 ms before STOP, woken 3 ms before it; asleep again after 82 ms. */
	struct probe_vcpu out = { .exit = 100 * MS, .woke = 997 * MS };
	struct probe_vcpu in = { .entry = 400 * MS, .before = 318 * MS };
	struct blackout b = usual(MS);
	struct blackout_report r;

	b.out = blackout_out(&out, 1, BASE - 1000 * MS);
	b.in = blackout_in(&in, 1, BASE + AHEAD);
	CHECK(b.out.idle);
	CHECK(blackout_report(&b, &r));
	CHECK_INT(r.main, BLACKOUT_STOP);
	CHECK(about(r.figure[BLACKOUT_STOP].ms, 82));
	CHECK(about(r.figure[BLACKOUT_ANY].ms, 1300));
	CHECK(about(r.figure[BLACKOUT_ALL].ms, 85));
	check_sum(&r);
}

TEST(sleeper_that_was_not_seen_to_exit)
{
	struct probe_vcpu out = { .woke = 997 * MS }, in = { .entry = 90 * MS };
	struct blackout b = usual(MS);
	struct blackout_report r;

	b.out = blackout_out(&out, 1, BASE - 1000 * MS);
	b.in = blackout_in(&in, 1, BASE + AHEAD);
	CHECK(blackout_report(&b, &r));
	CHECK(!r.figure[BLACKOUT_ANY].known);
	CHECK_INT(r.main, BLACKOUT_STOP);
	check_sum(&r);
}

TEST(sleeper_that_has_not_come_back)
{
	struct probe_vcpu out[] = { { .exit = 100 * MS }, { .exit = 100 * MS } };
	struct probe_vcpu in[] = { { .entry = 190 * MS }, { .woke = 1 } };
	struct blackout b = usual(MS);
	struct blackout_report r;

	b.out = blackout_out(out, 2, BASE - 100 * MS);
	b.in = blackout_in(in, 2, BASE + AHEAD - 100 * MS);
	CHECK_INT(b.in.nr, 1);
	CHECK(blackout_report(&b, &r));
	CHECK(r.figure[BLACKOUT_ANY].known);
	CHECK(!r.figure[BLACKOUT_ALL].known);
}

TEST(without_probes_it_is_qemus_word)
{
	struct blackout b = usual(MS);
	struct blackout_report r;

	CHECK(blackout_report(&b, &r));
	CHECK_INT(r.main, BLACKOUT_QEMU);
	CHECK(about(r.figure[BLACKOUT_QEMU].ms, 80));
	CHECK(!r.figure[BLACKOUT_ANY].known);
	CHECK(about(r.phase[PHASE_ENTRY], 0));
	check_sum(&r);
	b.resume = 0;
	CHECK(!blackout_report(&b, &r));
}

TEST(wide_bound_is_marked)
{
	struct blackout b = usual(9 * MS);
	struct blackout_report r;

	CHECK(blackout_report(&b, &r));
	CHECK(r.figure[BLACKOUT_QEMU].unsure);
}

TEST(probes_that_saw_nothing)
{
	struct blackout_out o = blackout_out(NULL, 0, BASE);
	struct blackout_in in = blackout_in(NULL, 0, BASE);

	CHECK(!o.nr && !o.idle && !o.last_exit);
	CHECK(!in.nr);
	CHECK(!strcmp(blackout_name(BLACKOUT_ANY), "any-vcpu"));
	CHECK(!strcmp(blackout_phase_name(PHASE_PASS), "last-pass"));
}
