// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "pair.h"

/* Of what does not go on: which of both sessions it is, and where that is. */
static void tell_session(struct pair *p, const char *role, uint32_t id)
{
	struct zkznl_session s;

	if (!id || zkznl_get(p->nl, id, &s))
		return;
	fprintf(stderr, "#   %s: state %u, pass %u, %llu bytes on the wire, %llu pages missing%s%s\n", role, s.state,
		s.pass, (unsigned long long)s.counters[ZKZ_A_COUNTERS_BYTES_WIRE],
		(unsigned long long)s.counters[ZKZ_A_COUNTERS_FETCH_MISSING], s.reason[0] ? ", " : "", s.reason);
}

static bool failed(struct pair *p, const char *what, int err)
{
	const char *text = p->nl ? p->nl->text : "";

	fprintf(stderr, "# %s: %s%s%s%s%s\n", what, strerror(err), text[0] ? ", " : "", text,
		p->last.reason[0] ? ", " : "", p->last.reason);
	if (err == ETIMEDOUT) {
		tell_session(p, "source", p->source_id);
		tell_session(p, "target", p->target_id);
	}
	return false;
}

/**
 * pair_open() - mount, make both files, map the source
 * @p:		zeroed, or with the members that say how
 * @options:	mount options, or NULL
 * @size:	of the files
 */
bool pair_open(struct pair *p, const char *options, size_t size)
{
	p->size = size;
	if (zkzmem_mount(options))
		return failed(p, "mount of zkzfs (is zkz.ko loaded?)", errno);
	p->nl = zkznl_open();
	if (!p->nl)
		return failed(p, "netlink family zkz", errno);
	p->source = zkzmem_create("source", size);
	p->target = zkzmem_create("target", size);
	if (p->source < 0 || p->target < 0)
		return failed(p, "files", errno);
	p->mem = zkzmem_map(p->source, size, PROT_READ | PROT_WRITE);
	return p->mem != MAP_FAILED || failed(p, "mapping of the source", errno);
}

/**
 * pair_mix() - let every third chunk of the source be made of single pages, as if no huge ones had been free
 * @p: from pair_open(), nothing written; the mount's size limit is no multiple of a chunk
 *
 * A chunk gets single pages when a huge one would be over the limit, and stays with them.
 */
bool pair_mix(struct pair *p)
{
	int hog = zkzmem_create("hog", 1UL << 30);
	struct statfs fs;
	size_t chunk;

	if (hog < 0 || statfs(ZKZMEM_DIR, &fs))
		return failed(p, "file that takes all memory", errno);
	if (fallocate(hog, 0, 0, fs.f_bfree * fs.f_bsize & ~(CHUNK_BYTES - 1)))
		return failed(p, "taking all memory", errno);
	for (chunk = 1; chunk < p->size / CHUNK_BYTES; chunk += 3)
		p->mem[chunk * CHUNK_BYTES + chunk * PAGE_BYTES] = 1;
	close(hog);
	return !unlink(zkzmem_path("hog")) || failed(p, "giving memory back", errno);
}

/**
 * pair_close() - the owner of the sessions goes, and with it they do
 * @p: from pair_open()
 *
 * After a test that failed, too: a fetch would outlive it, and be in the way of all that come.
 */
void pair_close(struct pair *p)
{
	if (p->source_id)
		zkznl_abort(p->nl, p->source_id, NULL);
	if (p->target_id)
		zkznl_abort(p->nl, p->target_id, NULL);
	zkznl_close(p->nl);
}

/* The target begins with nothing, as that of a real migration does. */
bool pair_fresh_target(struct pair *p)
{
	close(p->target);
	unlink(zkzmem_path("target"));
	p->target = zkzmem_create("target", p->size);
	return p->target >= 0 || failed(p, "new target", errno);
}

static bool connect_streams(struct pair *p, int *s, int *t, unsigned int nr)
{
	unsigned int i;
	int ret;

	ret = zkznl_tcp_pairs(s, t, nr);
	if (ret)
		return failed(p, "TCP over loopback", -ret);
	for (i = 0; i < nr; i++) {
		if (p->pace && setsockopt(s[i], SOL_SOCKET, SO_MAX_PACING_RATE, &p->pace, sizeof(p->pace)))
			return failed(p, "pacing", errno);
	}
	return true;
}

static bool session(struct pair *p, enum zkz_role role, int file, const int *streams, unsigned int nr, uint32_t *id)
{
	struct nl_msg *msg = zkznl_begin_new(p->nl, role, file, streams, nr, 42);
	int ret;

	nla_put_u32(msg, ZKZ_A_SESSION_TIMEOUT_MS, PAIR_WAIT_MS);
	if (p->zero_detect && role == ZKZ_ROLE_SOURCE)
		nla_put_flag(msg, ZKZ_A_SESSION_ZERO_DETECT);
	ret = zkznl_call_new(p->nl);
	if (ret <= 0)
		return failed(p, role == ZKZ_ROLE_SOURCE ? "session of the source" : "session of the target", -ret);
	*id = ret;
	return true;
}

/**
 * pair_start() - make a session on both files
 * @p: from pair_open(), without sessions
 */
bool pair_start(struct pair *p)
{
	unsigned int nr = p->streams ?: 1, i;
	int s[PAIR_STREAMS], t[PAIR_STREAMS];
	bool good;

	memset(&p->last, 0, sizeof(p->last));
	if (!connect_streams(p, s, t, nr))
		return false;
	good = session(p, ZKZ_ROLE_TARGET, p->target, t, nr, &p->target_id) &&
	       session(p, ZKZ_ROLE_SOURCE, p->source, s, nr, &p->source_id);
	for (i = 0; i < nr; i++) {
		close(s[i]);
		close(t[i]);
	}
	return good;
}

bool pair_pass_begin(struct pair *p)
{
	int ret = zkznl_pass(p->nl, p->source_id, false);

	return !ret || failed(p, "pass", -ret);
}

static bool wait_event(struct pair *p, enum zkz_event event, const char *what)
{
	int ret = zkznl_wait(p->nl, p->source_id, event, PAIR_WAIT_MS, &p->last);

	return ret == (int)event || failed(p, what, ret < 0 ? -ret : ECANCELED);
}

bool pair_pass_end(struct pair *p)
{
	return wait_event(p, ZKZ_EVENT_PASS_END, "end of the pass");
}

/**
 * pair_pass() - one pass, from beginning to end; @p->last then tells about it
 * @p: with sessions
 */
bool pair_pass(struct pair *p)
{
	return pair_pass_begin(p) && pair_pass_end(p);
}

bool pair_passes(struct pair *p, unsigned int nr)
{
	while (nr--) {
		if (!pair_pass(p))
			return false;
	}
	return true;
}

/**
 * pair_settle() - passes until one finds nothing
 * @p: with sessions; nobody writes
 *
 * What the first pass itself still held, on its way to the target, is left for the next ones.
 */
bool pair_settle(struct pair *p)
{
	int i;

	for (i = 0; i < 9; i++) {
		if (!pair_pass(p))
			return false;
		if (i && !pair_found(p))
			return true;
	}
	fprintf(stderr, "# pages stay dirty though nobody writes\n");
	return false;
}

/* The target comes to its end a moment before or after the source. */
static bool wait_target(struct pair *p)
{
	int ms, ret;

	for (ms = 0; ms < PAIR_WAIT_MS; ms += 10) {
		struct zkznl_session s;

		ret = zkznl_get(p->nl, p->target_id, &s);
		if (ret)
			return failed(p, "session-get", -ret);
		if (s.state == ZKZ_STATE_ENDED)
			return true;
		if (s.state == ZKZ_STATE_FAILED) {
			p->last = s;
			return failed(p, "end of the target", -s.error);
		}
		usleep(10000);
	}
	return failed(p, "end of the target", ETIMEDOUT);
}

/* The last pass has begun: wait for the end of both sessions, and remove them. */
static bool finish(struct pair *p)
{
	int ret;

	if (!wait_event(p, ZKZ_EVENT_END, "end of the source") || !wait_target(p))
		return false;
	ret = zkznl_close_session(p->nl, p->source_id) ?: zkznl_close_session(p->nl, p->target_id);
	if (ret)
		return failed(p, "session-close", -ret);
	p->source_id = p->target_id = 0;
	return true;
}

/**
 * pair_finish() - the final pass; nobody may write any more
 * @p: with sessions; they are gone afterwards
 */
bool pair_finish(struct pair *p)
{
	int ret = zkznl_pass(p->nl, p->source_id, true);

	return ret ? failed(p, "final pass", -ret) : finish(p);
}

/**
 * pair_fetch_begin() - the final pass is a fetch; returns when the target may be used
 * @p: with sessions; nobody may write to the source any more
 */
bool pair_fetch_begin(struct pair *p)
{
	int ret = zkznl_fetch(p->nl, p->source_id);

	return ret ? failed(p, "fetch", -ret) : wait_event(p, ZKZ_EVENT_FETCH, "begin of the fetch");
}

/**
 * pair_fetch_end() - everything has come
 * @p: that fetches; the sessions are gone afterwards
 */
bool pair_fetch_end(struct pair *p)
{
	return finish(p);
}

/**
 * pair_abort() - give up, as userspace does when it changes its mind
 * @p: with sessions; they are gone afterwards
 */
bool pair_abort(struct pair *p)
{
	int ret = zkznl_abort(p->nl, p->source_id, "the test wants it so");

	if (ret)
		return failed(p, "abort of the source", -ret);
	/* Having heard of it or not, the target stays to be looked at. */
	ret = zkznl_abort(p->nl, p->target_id, NULL);
	if (ret)
		return failed(p, "abort of the target", -ret);
	p->source_id = p->target_id = 0;
	return true;
}

/**
 * pair_differing() - how many pages of the files differ
 * @p: nobody may write any more
 *
 * Return: number of pages, or -1.
 */
long pair_differing(struct pair *p)
{
	char *source = zkzmem_map(p->source, p->size, PROT_READ);
	char *target = zkzmem_map(p->target, p->size, PROT_READ);
	long differ = 0;
	size_t at;

	if (source == MAP_FAILED || target == MAP_FAILED) {
		failed(p, "mapping of both files", errno);
		return -1;
	}
	for (at = 0; at < p->size; at += PAGE_BYTES) {
		if (!memcmp(source + at, target + at, PAGE_BYTES))
			continue;
		if (differ++ < 4)
			fprintf(stderr, "# page %zu (chunk %zu) differs\n", at / PAGE_BYTES, at / CHUNK_BYTES);
	}
	munmap(source, p->size);
	munmap(target, p->size);
	return differ;
}

/**
 * pair_tracked() - are writes to the source being tracked?
 * @p: from pair_open()
 */
bool pair_tracked(struct pair *p)
{
	static struct zkznl_memory list[32];
	struct stat st;
	int i, nr;

	if (fstat(p->source, &st))
		return false;
	nr = zkznl_memories(p->nl, list, 32);
	for (i = 0; i < nr && i < 32; i++) {
		if (list[i].inode == st.st_ino)
			return list[i].tracked;
	}
	return false;
}

/**
 * pair_found() - how many pages the last pass found dirty
 * @p: a pass has ended
 *
 * Those that were sent, and those that were left for later because something held them, like the sends of the pass
 * before.
 */
uint64_t pair_found(struct pair *p)
{
	return p->last.counters[ZKZ_A_COUNTERS_PASS_PAGES_DATA] + p->last.counters[ZKZ_A_COUNTERS_PASS_PAGES_STICKY];
}

/**
 * pair_total() - a counter of the source's session, now
 * @p:		with sessions
 * @counter:	ZKZ_A_COUNTERS_*
 */
uint64_t pair_total(struct pair *p, unsigned int counter)
{
	struct zkznl_session s;
	int ret = zkznl_get(p->nl, p->source_id, &s);

	if (ret)
		failed(p, "session-get", -ret);
	return ret ? 0 : s.counters[counter];
}
