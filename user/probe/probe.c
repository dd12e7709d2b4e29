// SPDX-License-Identifier: GPL-2.0
#include "probe/probe.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bpflog.h"
#include "probe/bpf/vcpu.skel.h"

/**
 * struct probe - loaded programs
 * @skel: owner of everything in the kernel
 */
struct probe {
	struct vcpu_bpf *skel;
};

struct probe *probe_open(struct zkz_err *err)
{
	struct probe *p = calloc(1, sizeof(*p));

	if (!p) {
		err_no_memory(err);
		return NULL;
	}
	bpf_log_here();
	p->skel = vcpu_bpf__open_and_load();
	if (p->skel)
		return p;
	err_probe_load(err, errno);
	free(p);
	return NULL;
}

int probe_attach(struct probe *p, pid_t qemu, uint64_t threshold_ns, struct zkz_err *err)
{
	int rc;

	p->skel->bss->tgid = qemu;
	p->skel->bss->threshold = threshold_ns;
	rc = vcpu_bpf__attach(p->skel);
	return rc ? err_probe_attach(err, -rc) : 0;
}

unsigned int probe_vcpus(const struct probe *p, struct probe_vcpu *v)
{
	int map = bpf_map__fd(p->skel->maps.vcpus);
	unsigned int n = 0;
	__u32 tid, *last = NULL;

	while (n < PROBE_MAX_VCPUS && !bpf_map_get_next_key(map, last, &tid)) {
		if (!bpf_map_lookup_elem(map, &tid, v + n))
			n++;
		last = &tid;
	}
	return n;
}

const uint64_t *probe_gaps(const struct probe *p)
{
	return (const uint64_t *)p->skel->bss->gaps;
}

void probe_close(struct probe *p)
{
	if (!p)
		return;
	vcpu_bpf__destroy(p->skel);
	free(p);
}
