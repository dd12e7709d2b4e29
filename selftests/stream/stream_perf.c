// SPDX-License-Identifier: GPL-2.0
/*
 * How fast does a bulk pass go over loopback? Prints numbers, judges nothing: stream_perf [MIB [STREAMS]].
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "zkzmem.h"
#include "zkznl.h"

#define WAIT	600000

static int run(struct zkznl *nl, size_t size, unsigned int streams, const char *what)
{
	int a[ZKZ_MAX_STREAMS], b[ZKZ_MAX_STREAMS], memory, target, src, dst, ret;
	struct zkznl_session s;
	uint64_t *c = s.counters;
	unsigned int i;
	char *mem;

	memory = zkzmem_create("m", size);
	target = zkzmem_create("t", size);
	mem = zkzmem_map(memory, size, PROT_READ | PROT_WRITE);
	if (memory < 0 || target < 0 || !mem || zkznl_tcp_pairs(a, b, streams))
		return -1;
	if (!strcmp(what, "data"))
		zkzmem_fill(mem, size, 1);
	else if (!strcmp(what, "zero"))
		for (i = 0; i < size / PAGE_BYTES; i++)
			*(volatile char *)(mem + i * PAGE_BYTES) = 0;
	src = zkznl_new(nl, ZKZ_ROLE_SOURCE, memory, a, streams, 1, 60000);
	dst = zkznl_new(nl, ZKZ_ROLE_TARGET, target, b, streams, 1, 60000);
	if (src < 0 || dst < 0)
		return -1;
	for (i = 0; i < 2; i++) {
		ret = zkznl_run_pass(nl, src, false, WAIT, &s);
		if (ret)
			return ret;
		printf("%-5s pass %u streams %2u  %6.0f MiB/s  %8llu pages data %8llu zero  %10llu bytes  "
		       "pass %5.1f ms  harvest %5.1f ms  send %5.1f ms  wait %5.1f ms\n",
		       what, i, streams, size / 1048576.0 * 1e9 / c[ZKZ_A_COUNTERS_NS_PASS],
		       (unsigned long long)c[ZKZ_A_COUNTERS_PASS_PAGES_DATA],
		       (unsigned long long)c[ZKZ_A_COUNTERS_PASS_PAGES_ZERO],
		       (unsigned long long)c[ZKZ_A_COUNTERS_PASS_BYTES_WIRE], c[ZKZ_A_COUNTERS_NS_PASS] / 1e6,
		       c[ZKZ_A_COUNTERS_PASS_NS_HARVEST] / 1e6, c[ZKZ_A_COUNTERS_PASS_NS_SEND] / 1e6,
		       c[ZKZ_A_COUNTERS_PASS_NS_WAIT] / 1e6);
		/* the second pass finds every page dirty, and every folio of the target there already */
		for (ret = 0; !i && !strcmp(what, "data") && (size_t)ret < size / PAGE_BYTES; ret++)
			mem[ret * PAGE_BYTES]++;
	}
	zkznl_abort(nl, src, "done");
	zkznl_abort(nl, dst, "done");
	munmap(mem, size);
	close(memory);
	close(target);
	unlink(zkzmem_path("m"));
	unlink(zkzmem_path("t"));
	for (i = 0; i < streams; i++) {
		close(a[i]);
		close(b[i]);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const char *const kinds[] = { "data", "zero", "hole" };
	size_t size = (argc > 1 ? strtoul(argv[1], NULL, 0) : 256) << 20;
	unsigned int streams = argc > 2 ? strtoul(argv[2], NULL, 0) : 1;
	struct zkznl *nl = zkznl_open();
	unsigned int i;

	if (!nl || streams < 1 || streams > ZKZ_MAX_STREAMS || zkzmem_mount(NULL)) {
		fprintf(stderr, "stream_perf: needs root and the zkz module\n");
		return 1;
	}
	for (i = 0; i < 3; i++) {
		if (run(nl, size, streams, kinds[i])) {
			fprintf(stderr, "stream_perf: %s failed: %s %s\n", kinds[i], nl->text, strerror(errno));
			return 1;
		}
	}
	zkznl_close(nl);
	return 0;
}
