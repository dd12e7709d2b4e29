/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long the guest stood still, from what probes and QEMU saw on two hosts. Pure.
 *
 *   source    last exit   STOP    pre-switchover   memory sent
 *                |---------|-----------|---------------|
 *   target                                                 loaded   RESUME   first entry
 *                                                      |------|--------|----------|
 *
 * A virtual CPU that sleeps (HLT) has left the guest of its own will, perhaps long
 * ago. When the guest is stopped it is woken, and that moment counts for it.
 */
#ifndef ZKZ_MIGRATE_BLACKOUT_H
#define ZKZ_MIGRATE_BLACKOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "migrate/figures/offset.h"
#include "probe/vcpu.h"

/**
 * struct blackout_out - how the virtual CPUs stopped on the source
 * @nr:        how many were seen
 * @idle:      all of them slept then
 * @last_exit: last exit of any, CLOCK_REALTIME in nanoseconds like all times here; 0 if none was seen
 * @first_out: when the first of them was stopped
 */
struct blackout_out {
	unsigned int nr;
	bool idle;
	int64_t last_exit;
	int64_t first_out;
};

/**
 * struct blackout_in - how they started on the target
 * @nr:         how many have entered the guest
 * @entry:      first entry of any
 * @first_back: when the first could run: it entered, or slept of its own will until it did
 * @last_back:  when the last could
 */
struct blackout_in {
	unsigned int nr;
	int64_t entry;
	int64_t first_back;
	int64_t last_back;
};

/**
 * struct blackout - all that is known of one migration
 * @out:    by probes on the source
 * @in:     by probes on the target, by its clock
 * @stop:   QEMU's STOP on the source
 * @frozen: its disks are flushed, too
 * @memory: the module has sent everything
 * @loaded: QEMU of the target has the devices' state, by its clock; 0 if unknown
 * @resume: its RESUME, likewise; 0 if unknown
 * @before: the clocks before all that
 * @after:  and after it
 */
struct blackout {
	struct blackout_out out;
	struct blackout_in in;
	int64_t stop;
	int64_t frozen;
	int64_t memory;
	int64_t loaded;
	int64_t resume;
	struct offset before;
	struct offset after;
};

enum blackout_kind {
	BLACKOUT_ANY,	/* G: last exit of any virtual CPU to first entry of any */
	BLACKOUT_ALL,	/* A: first virtual CPU out to last one in */
	BLACKOUT_STOP,	/* later of the last exit and STOP to the first that could run */
	BLACKOUT_QEMU,	/* STOP to RESUME */
	BLACKOUT_KINDS
};

enum blackout_phase {
	PHASE_STOP,	/* until the guest and its disks are still */
	PHASE_PASS,	/* until the last page is sent */
	PHASE_DEVICE,	/* until the target has loaded the devices' state; it travels with the last pass */
	PHASE_COMMIT,	/* until QEMU resumes the guest there, if it was not told before to do so at once */
	PHASE_ENTRY,	/* until the guest runs */
	PHASES
};

/**
 * struct blackout_figure - one answer
 * @known:  there is one
 * @unsure: @bound is more than a tenth of @ms
 * @ms:     milliseconds
 * @bound:  they are wrong by at most this, because of the clocks
 */
struct blackout_figure {
	bool known;
	bool unsure;
	double ms;
	double bound;
};

/**
 * struct blackout_report - all answers
 * @figure: by kind
 * @main:   the one to call the downtime: that of the guest if probes saw it run, the
 *          one bounded by STOP if it slept, QEMU's if there were no probes
 * @phase:  parts of it in milliseconds; they add up to it
 */
struct blackout_report {
	struct blackout_figure figure[BLACKOUT_KINDS];
	enum blackout_kind main;
	double phase[PHASES];
};

/** blackout_out() - sum up the source; @shift makes CLOCK_REALTIME of CLOCK_MONOTONIC */
struct blackout_out blackout_out(const struct probe_vcpu *v, unsigned int n, int64_t shift);

/** blackout_in() - sum up the target */
struct blackout_in blackout_in(const struct probe_vcpu *v, unsigned int n, int64_t shift);

/** blackout_report() - the answers; false if not even QEMU's is known */
bool blackout_report(const struct blackout *b, struct blackout_report *r);

/** blackout_name() - "stop-bounded", for programs */
const char *blackout_name(enum blackout_kind kind);

/** blackout_phase_name() - "last-pass", for programs */
const char *blackout_phase_name(enum blackout_phase phase);

#endif
