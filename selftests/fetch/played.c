// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "played.h"

#define COOKIE	0x5eed

void played_content(char *page, unsigned long index)
{
	zkzmem_fill(page, PAGE_BYTES, index + 1000);
}

unsigned long played_differ(const char *mem, unsigned long first, unsigned int nr)
{
	unsigned long i, bad = 0;

	for (i = first; i < first + nr; i++)
		bad += !!zkzmem_check(mem + i * PAGE_BYTES, PAGE_BYTES, i + 1000);
	return bad;
}

int played_open(struct played *p, const char *options, unsigned int timeout_ms)
{
	int fd[2];

	memset(p, 0, sizeof(*p));
	p->nl = zkznl_open();
	if (!p->nl || zkznl_wait_quiet(p->nl) || zkzmem_mount(options) || zkznl_tcp_pair(fd))
		return -1;
	p->target = zkzmem_create("t", PLAYED_SIZE);
	p->mem = zkzmem_map(p->target, PLAYED_SIZE, PROT_READ | PROT_WRITE);
	if (p->target < 0 || !p->mem)
		return -1;
	p->dst = zkznl_new(p->nl, ZKZ_ROLE_TARGET, p->target, &fd[1], 1, COOKIE, timeout_ms);
	close(fd[1]);
	zkzpeer_init(&p->peer, fd[0], COOKIE, PLAYED_PAGES, 0, 1);
	return p->dst < 0 ? p->dst : played_connect(p, false);
}

void played_close(struct played *p)
{
	/* a fetch survives its owner */
	zkznl_abort(p->nl, p->dst, NULL);
	zkznl_close(p->nl);
}

int played_connect(struct played *p, bool resumed)
{
	struct zkz_frame frame;

	return zkzpeer_hello(&p->peer, resumed ? ZKZ_WIRE_FEATURE_RESUME : 0) ?:
	       zkzpeer_recv_type(&p->peer, ZKZ_WIRE_HELLO, &frame, NULL, 0);
}

int played_data(struct played *p, unsigned long first, unsigned int nr)
{
	struct zkz_frame frame = zkzpeer_extent(&p->peer, ZKZ_WIRE_DATA, first, nr);
	char *content = malloc(nr * PAGE_BYTES);
	unsigned int i;
	int ret;

	for (i = 0; i < nr; i++)
		played_content(content + i * PAGE_BYTES, first + i);
	ret = zkzpeer_send(&p->peer, &frame, content);
	free(content);
	zkz_counts_extent(&p->pass, ZKZ_WIRE_DATA, nr);
	return ret;
}

int played_clear(struct played *p, unsigned char type, unsigned long first, unsigned int nr)
{
	struct zkz_frame frame = zkzpeer_extent(&p->peer, type, first, nr);

	zkz_counts_extent(&p->pass, type, nr);
	return zkzpeer_send(&p->peer, &frame, NULL);
}

static int end_pass(struct played *p)
{
	struct zkz_frame frame;

	zkz_counts_add(&p->total, &p->pass);
	return zkzpeer_counts(&p->peer, ZKZ_WIRE_PASS_END, &p->pass) ?:
	       zkzpeer_recv_type(&p->peer, ZKZ_WIRE_PASS_ACK, &frame, NULL, 0);
}

int played_first_pass(struct played *p)
{
	struct zkz_frame frame;
	char *content = malloc(CHUNK_BYTES);
	int ret;

	memset(content, 'o', CHUNK_BYTES);
	ret = zkzpeer_pass_begin(&p->peer, 0);
	frame = zkzpeer_extent(&p->peer, ZKZ_WIRE_DATA, CHUNK_PAGES, CHUNK_PAGES);
	ret = ret ?: zkzpeer_send(&p->peer, &frame, content);
	free(content);
	zkz_counts_extent(&p->pass, ZKZ_WIRE_DATA, CHUNK_PAGES);
	ret = ret ?: end_pass(p);
	p->peer.pass = 1;
	memset(&p->pass, 0, sizeof(p->pass));
	return ret;
}

int played_fetch(struct played *p, bool resumed)
{
	__u64 all[CHUNK_PAGES / 64], stale[CHUNK_PAGES / 64] = { (1 << PLAYED_STALE) - 1 };
	__u64 last[CHUNK_PAGES / 64] = { [CHUNK_PAGES / 64 - 1] = 1ULL << 63 };
	struct zkz_frame frame;
	__u8 payload[ZKZ_WIRE_FETCH_SIZE];
	int ret;

	memset(all, 0xff, sizeof(all));
	memset(&p->pass, 0, sizeof(p->pass));
	if (resumed)
		memset(&p->total, 0, sizeof(p->total));
	ret = zkzpeer_pass_begin(&p->peer, ZKZ_WIRE_F_FINAL | ZKZ_WIRE_F_FETCH) ?:
	      zkzpeer_remaining(&p->peer, 0, all) ?: zkzpeer_remaining(&p->peer, 1, stale) ?:
	      zkzpeer_remaining(&p->peer, 2, last) ?: zkzpeer_fetch(&p->peer, ZKZ_WIRE_FETCH, PLAYED_MISSING) ?:
	      zkzpeer_recv_type(&p->peer, ZKZ_WIRE_FETCH_ACK, &frame, payload, sizeof(payload));
	if (ret)
		return ret;
	if (zkz_wire_get_number(payload) != PLAYED_MISSING)
		return -EPROTO;
	return zkznl_wait_state(p->nl, p->dst, ZKZ_STATE_FETCHING, PLAYED_WAIT, NULL);
}

int played_rest(struct played *p)
{
	return played_data(p, 0, CHUNK_PAGES) ?: played_data(p, CHUNK_PAGES, PLAYED_STALE) ?:
	       played_data(p, PLAYED_LAST, 1);
}

int played_end(struct played *p)
{
	struct zkz_frame frame;

	return end_pass(p) ?: zkzpeer_totals(&p->peer, ZKZ_WIRE_END, &p->total, &p->total) ?:
	       zkzpeer_recv_type(&p->peer, ZKZ_WIRE_END_ACK, &frame, NULL, 0) ?:
	       zkznl_wait_state(p->nl, p->dst, ZKZ_STATE_ENDED, PLAYED_WAIT, NULL);
}

long played_want(struct played *p)
{
	struct zkz_frame frame;
	int ret = zkzpeer_recv(&p->peer, &frame, NULL, 0);

	if (ret)
		return ret;
	return frame.type == ZKZ_WIRE_WANT && frame.pages == 1 ? (long)frame.first : -EPROTO;
}

bool played_silent(struct played *p, int ms)
{
	struct pollfd pfd = { .fd = p->peer.fd, .events = POLLIN };

	return poll(&pfd, 1, ms) == 0;
}
