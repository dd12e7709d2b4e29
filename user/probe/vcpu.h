/* SPDX-License-Identifier: GPL-2.0 */
/* What the probes in the kernel and their reader in userspace share. */
#ifndef ZKZ_PROBE_VCPU_H
#define ZKZ_PROBE_VCPU_H

#include <linux/types.h>

/* Threads of QEMU that run a virtual CPU; more than a zone can have. */
#define PROBE_MAX_VCPUS	512

/* Gaps by the binary logarithm of their microseconds. */
#define PROBE_SLOTS	32

/**
 * struct probe_vcpu - one virtual CPU since the probes were attached
 * @exit:    last exit from the guest
 * @woke:    last end of a sleep, from which the guest or a signal woke it
 * @slept:   nanoseconds that it slept since @exit
 * @entry:   first entry into the guest
 * @before:  nanoseconds that it slept before @entry
 * @longest: longest gap above the threshold
 * @total:   sum of such gaps
 *
 * Times are CLOCK_MONOTONIC in nanoseconds, 0 for what has not happened. A guest
 * that executes HLT exits and sleeps: that is its own wish and never part of a gap.
 */
struct probe_vcpu {
	__u64 exit;
	__u64 woke;
	__u64 slept;
	__u64 entry;
	__u64 before;
	__u64 longest;
	__u64 total;
};

#endif
