// SPDX-License-Identifier: GPL-2.0
/*
 * When the virtual CPUs of one QEMU were last in the guest, and when first.
 *
 * A thread of QEMU is a virtual CPU, so the thread's id is the key and nothing of
 * the kernel's own structures is read: one object fits every kernel that has these
 * tracepoints. Only the thread itself changes its record, so nothing is locked.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "probe/vcpu.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PROBE_MAX_VCPUS);
	__type(key, __u32);
	__type(value, struct probe_vcpu);
} vcpus SEC(".maps");

/* Set by userspace before it attaches: whose virtual CPUs, and which gaps count (0: none). */
__u32 tgid;
__u64 threshold;

__u64 gaps[PROBE_SLOTS];

static struct probe_vcpu *mine(void)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct probe_vcpu none = { 0 }, *v;
	__u32 tid = id;

	if (id >> 32 != tgid)
		return NULL;
	v = bpf_map_lookup_elem(&vcpus, &tid);
	if (v)
		return v;
	bpf_map_update_elem(&vcpus, &tid, &none, BPF_NOEXIST);
	return bpf_map_lookup_elem(&vcpus, &tid);
}

static __u32 slot(__u64 us)
{
	__u32 n = 0;

	if (us >> 16) {
		us >>= 16;
		n += 16;
	}
	if (us >> 8) {
		us >>= 8;
		n += 8;
	}
	if (us >> 4) {
		us >>= 4;
		n += 4;
	}
	if (us >> 2) {
		us >>= 2;
		n += 2;
	}
	return us >> 1 ? n + 1 : n;
}

static void count_gap(struct probe_vcpu *v, __u64 gap)
{
	__u32 n;

	if (gap < threshold)
		return;
	n = slot(gap / 1000);
	if (n >= PROBE_SLOTS)
		n = PROBE_SLOTS - 1;
	__sync_fetch_and_add(&gaps[n], 1);
	v->total += gap;
	if (gap > v->longest)
		v->longest = gap;
}

SEC("raw_tp/kvm_exit")
int on_exit(void *ctx)
{
	struct probe_vcpu *v = mine();

	if (!v)
		return 0;
	v->exit = bpf_ktime_get_ns();
	v->slept = 0;
	return 0;
}

SEC("raw_tp/kvm_vcpu_wakeup")
int on_wakeup(struct bpf_raw_tracepoint_args *ctx)
{
	struct probe_vcpu *v = mine();

	if (!v)
		return 0;
	v->woke = bpf_ktime_get_ns();
	v->slept += ctx->args[0];
	return 0;
}

SEC("raw_tp/kvm_entry")
int on_entry(void *ctx)
{
	struct probe_vcpu *v = mine();
	__u64 now, away;

	if (!v)
		return 0;
	now = bpf_ktime_get_ns();
	if (!v->entry) {
		v->before = v->slept;
		v->entry = now;
	}
	away = now - v->exit;
	if (threshold && v->exit && away > v->slept)
		count_gap(v, away - v->slept);
	return 0;
}

char _license[] SEC("license") = "GPL";
