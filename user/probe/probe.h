/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Probes in the kernel that see the virtual CPUs of one QEMU leave and enter the
 * guest. They cost every guest of the host a little at each exit, so they are
 * attached for as long as somebody measures and no longer. They go away with the
 * process that attached them, however it ends.
 */
#ifndef ZKZ_PROBE_PROBE_H
#define ZKZ_PROBE_PROBE_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/err.h"
#include "probe/vcpu.h"

struct probe;

/** probe_open() - load the programs, which takes a while; NULL with @err where BPF or KVM is not to be had */
struct probe *probe_open(struct zkz_err *err);

/**
 * probe_attach() - begin to watch
 * @p:            probes, not attached yet
 * @qemu:         process whose threads are the virtual CPUs
 * @threshold_ns: count gaps of at least this; 0 for none
 * @err:          filled on failure
 */
int probe_attach(struct probe *p, pid_t qemu, uint64_t threshold_ns, struct zkz_err *err);

/**
 * probe_vcpus() - what was seen so far
 * @p: probes
 * @v: filled, PROBE_MAX_VCPUS of them at most
 *
 * Return: how many virtual CPUs left or entered the guest, or slept.
 */
unsigned int probe_vcpus(const struct probe *p, struct probe_vcpu *v);

/** probe_gaps() - number of gaps of 2^i to 2^(i+1) microseconds, PROBE_SLOTS of them */
const uint64_t *probe_gaps(const struct probe *p);

/** probe_close() - take the probes away; NULL is fine */
void probe_close(struct probe *p);

#endif
