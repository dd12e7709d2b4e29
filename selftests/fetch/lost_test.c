// SPDX-License-Identifier: GPL-2.0
/*
 * A fetch whose connection breaks, is resumed, or never is; and a source that breaks the rules. Whoever waits goes on
 * waiting as long as there is hope, then gets an error: never zeroes, never something old.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zkzharness.h"
#include "played.h"
#include "zkzstall.h"
#include "zkzworker.h"

#define COOKIE	0x5eed
#define OTHER_SIZE	(16 * CHUNK_BYTES)

FIXTURE(lost) {
	struct played p;
};

FIXTURE_SETUP(lost)
{
	if (geteuid())
		SKIP(return, "needs root");
	ASSERT_EQ(0, played_open(&self->p, "size=64M", 20000));
	ASSERT_EQ(0, played_first_pass(&self->p));
}

FIXTURE_TEARDOWN(lost)
{
	played_close(&self->p);
}

/* One that is being resumed is still lost, so the reason counts as well. */
#define EXPECT_STATE(state_, text)								\
do {												\
	struct zkznl_session s_ = { 0 };							\
	int n_;											\
												\
	for (n_ = 0; n_ < PLAYED_WAIT / 20; n_++) {						\
		ASSERT_EQ(0, zkznl_wait_state(self->p.nl, self->p.dst, state_, PLAYED_WAIT, &s_)); \
		if (strstr(s_.reason, text))							\
			break;									\
		usleep(20000);									\
	}											\
	EXPECT_NE(NULL, strstr(s_.reason, text))						\
		TH_LOG("reason: %s", s_.reason);						\
} while (0)

/* A process that touches a page; its exit code is 0 if it got the right one. */
static pid_t child_touches(struct played *p, unsigned long page)
{
	pid_t pid = fork();

	if (!pid) {
		char *mem;

		/* or it would own the session, too */
		zkznl_close(p->nl);
		mem = zkzmem_map(p->target, PLAYED_SIZE, PROT_READ);
		_exit(played_differ(mem, page, 1));
	}
	return pid;
}

static int child_status(pid_t pid)
{
	int status = -1;

	return waitpid(pid, &status, 0) == pid ? status : -1;
}

/* The source goes, or says something that it must not. @say sends it; the session is lost, with a reason. */
#define LOST_TEST(name, text, say)								\
TEST_F(lost, name)										\
{												\
	struct zkzpeer *peer = &self->p.peer;							\
	struct zkz_frame frame;									\
	int status;										\
	pid_t pid;										\
												\
	ASSERT_EQ(0, played_fetch(&self->p, false));						\
	pid = child_touches(&self->p, 3);							\
	EXPECT_EQ(3, played_want(&self->p));							\
	frame = zkzpeer_frame(peer, ZKZ_WIRE_ALIVE);						\
	(void)frame;										\
	say;											\
	EXPECT_STATE(ZKZ_STATE_LOST, text);							\
	EXPECT_EQ(ZKZ_EVENT_LOST, zkznl_wait(self->p.nl, self->p.dst, ZKZ_EVENT_LOST, PLAYED_WAIT, NULL)); \
	usleep(100000);										\
	EXPECT_EQ(0, waitpid(pid, &status, WNOHANG));						\
	/* others are not disturbed */								\
	EXPECT_EQ('o', self->p.mem[CHUNK_BYTES + 100 * PAGE_BYTES]);				\
	EXPECT_EQ(-EBUSY, zkznl_close_session(self->p.nl, self->p.dst));			\
	ASSERT_EQ(0, zkznl_abort(self->p.nl, self->p.dst, "no hope"));				\
	status = child_status(pid);								\
	EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);				\
}

LOST_TEST(source_goes, "closed the connection", shutdown(peer->fd, SHUT_RDWR))
LOST_TEST(half_a_page, "closed the connection", {
	char header[ZKZ_WIRE_HEADER_SIZE + 100] = "";

	frame = zkzpeer_extent(peer, ZKZ_WIRE_DATA, 3, 1);
	zkz_wire_encode(&frame, (__u8 *)header);
	ASSERT_EQ(0, zkzpeer_send_raw(peer, header, sizeof(header)));
	shutdown(peer->fd, SHUT_RDWR);
})
LOST_TEST(garbage, zkz_wire_text(ZKZ_WIRE_BAD_MAGIC), {
	char junk[100] = "junk";

	ASSERT_EQ(0, zkzpeer_send_raw(peer, junk, sizeof(junk)));
})
LOST_TEST(pass_in_fetch, zkz_wire_text(ZKZ_WIRE_BAD_INSIDE_PASS), {
	frame.type = ZKZ_WIRE_PASS_BEGIN;
	ASSERT_EQ(0, zkzpeer_send(peer, &frame, NULL));
})
LOST_TEST(more_remaining, zkz_wire_text(ZKZ_WIRE_BAD_INSIDE_PASS), {
	__u64 all[CHUNK_PAGES / 64] = { 1 };

	ASSERT_EQ(0, zkzpeer_remaining(peer, 3, all));
})
LOST_TEST(want_from_source, zkz_wire_text(ZKZ_WIRE_BAD_DIRECTION), {
	frame = zkzpeer_extent(peer, ZKZ_WIRE_WANT, 3, 1);
	ASSERT_EQ(0, zkzpeer_send(peer, &frame, NULL));
})
LOST_TEST(beyond, zkz_wire_text(ZKZ_WIRE_BAD_BEYOND), {
	frame = zkzpeer_extent(peer, ZKZ_WIRE_ZERO, PLAYED_PAGES, 1);
	ASSERT_EQ(0, zkzpeer_send(peer, &frame, NULL));
})
LOST_TEST(end_too_early, zkz_wire_text(ZKZ_WIRE_BAD_FETCH_MISSING), {
	ASSERT_EQ(0, played_data(&self->p, 0, 3));
	zkz_counts_add(&self->p.total, &self->p.pass);
	ASSERT_EQ(0, zkzpeer_counts(peer, ZKZ_WIRE_PASS_END, &self->p.pass));
	ASSERT_EQ(0, zkzpeer_totals(peer, ZKZ_WIRE_END, &self->p.total, &self->p.total));
})
LOST_TEST(wrong_counts, zkz_wire_text(ZKZ_WIRE_BAD_PASS_COUNTS), {
	self->p.pass.data++;
	ASSERT_EQ(0, zkzpeer_counts(peer, ZKZ_WIRE_PASS_END, &self->p.pass));
})

/* What is wrong before the target has agreed fails the session, as in any pass: no guest has run here. */
#define FAILED_TEST(name, text, say)								\
TEST_F(lost, name)										\
{												\
	__u64 some[CHUNK_PAGES / 64] = { 6 };							\
	struct zkzpeer *peer = &self->p.peer;							\
	struct zkz_frame frame;									\
												\
	ASSERT_EQ(0, zkzpeer_pass_begin(peer, ZKZ_WIRE_F_FINAL | ZKZ_WIRE_F_FETCH));		\
	ASSERT_EQ(0, zkzpeer_remaining(peer, 1, some));						\
	frame = zkzpeer_frame(peer, ZKZ_WIRE_ALIVE);						\
	(void)frame;										\
	say;											\
	EXPECT_STATE(ZKZ_STATE_FAILED, text);							\
	EXPECT_EQ(0, zkznl_close_session(self->p.nl, self->p.dst));				\
	EXPECT_EQ('o', self->p.mem[CHUNK_BYTES + PAGE_BYTES]);					\
}

FAILED_TEST(same_chunk_again, zkz_wire_text(ZKZ_WIRE_BAD_REMAINING_ORDER),
	    ASSERT_EQ(0, zkzpeer_remaining(peer, 1, some)))
FAILED_TEST(chunk_before, zkz_wire_text(ZKZ_WIRE_BAD_REMAINING_ORDER),
	    ASSERT_EQ(0, zkzpeer_remaining(peer, 0, some)))
FAILED_TEST(names_nothing, zkz_wire_text(ZKZ_WIRE_BAD_REMAINING), {
	some[0] = 0;
	ASSERT_EQ(0, zkzpeer_remaining(peer, 2, some));
})
FAILED_TEST(part_of_a_chunk, zkz_wire_text(ZKZ_WIRE_BAD_REMAINING), {
	frame = zkzpeer_extent(peer, ZKZ_WIRE_REMAINING, 2 * CHUNK_PAGES, 64);
	frame.length = ZKZ_WIRE_REMAINING_SIZE;
	ASSERT_EQ(0, zkzpeer_send(peer, &frame, some));
})
FAILED_TEST(other_number, zkz_wire_text(ZKZ_WIRE_BAD_FETCH_COUNT),
	    ASSERT_EQ(0, zkzpeer_fetch(peer, ZKZ_WIRE_FETCH, 3)))
FAILED_TEST(data_too_early, zkz_wire_text(ZKZ_WIRE_BAD_IN_REMAINING), {
	frame = zkzpeer_extent(peer, ZKZ_WIRE_ZERO, 3, 1);
	ASSERT_EQ(0, zkzpeer_send(peer, &frame, NULL));
})
FAILED_TEST(fetch_that_is_not_final, zkz_wire_text(ZKZ_WIRE_BAD_FLAGS), {
	frame.type = ZKZ_WIRE_PASS_BEGIN;
	frame.flags = ZKZ_WIRE_F_FETCH;
	ASSERT_EQ(0, zkzpeer_send(peer, &frame, NULL));
})

static int reconnect(struct played *p)
{
	int fd[2], ret;

	shutdown(p->peer.fd, SHUT_RDWR);
	close(p->peer.fd);
	ret = zkznl_wait_state(p->nl, p->dst, ZKZ_STATE_LOST, PLAYED_WAIT, NULL) ?: zkznl_tcp_pair(fd);
	if (ret)
		return ret;
	ret = zkznl_resume(p->nl, p->dst, &fd[1], 1);
	close(fd[1]);
	zkzpeer_init(&p->peer, fd[0], COOKIE, PLAYED_PAGES, 0, 1);
	p->peer.pass = 1;
	return ret;
}

static int wait_missing(struct played *p, uint64_t pages)
{
	struct zkznl_session s;
	int i, ret;

	for (i = 0; i < PLAYED_WAIT / 20; i++) {
		ret = zkznl_get(p->nl, p->dst, &s);
		if (ret || s.counters[ZKZ_A_COUNTERS_FETCH_MISSING] == pages)
			return ret;
		usleep(20000);
	}
	return -ETIMEDOUT;
}

/* The target says what it lacks. Returns how many pages that are. */
static long lacking(struct played *p, __u64 *bits, unsigned int chunks)
{
	struct zkz_wire_rx rx = { 0 };
	struct zkz_frame frame;
	__u8 payload[ZKZ_WIRE_REMAINING_SIZE];
	unsigned long chunk;
	int ret;

	memset(bits, 0, chunks * CHUNK_PAGES / 8);
	for (;;) {
		ret = zkzpeer_recv(&p->peer, &frame, payload, sizeof(payload));
		if (ret)
			return ret;
		if (frame.type == ZKZ_WIRE_FETCH)
			return zkz_wire_get_number(payload) == (__u64)rx.remaining ? (long)rx.remaining : -EPROTO;
		chunk = frame.first / CHUNK_PAGES;
		if (frame.type != ZKZ_WIRE_REMAINING || chunk >= chunks || frame.pass != 1)
			return -EPROTO;
		if (zkz_wire_get_remaining(&rx, &frame, payload, bits + chunk * CHUNK_PAGES / 64))
			return -EPROTO;
	}
}

TEST_F(lost, resumed)
{
	__u64 bits[PLAYED_PAGES / 64];
	struct zkznl_session s;
	pid_t pid;
	int i;

	ASSERT_EQ(0, played_fetch(&self->p, false));
	ASSERT_EQ(0, played_data(&self->p, 0, 10));
	pid = child_touches(&self->p, 20);
	EXPECT_EQ(20, played_want(&self->p));
	ASSERT_EQ(0, wait_missing(&self->p, PLAYED_MISSING - 10));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, reconnect(&self->p));
		ASSERT_EQ(0, played_connect(&self->p, true));
		EXPECT_EQ(PLAYED_MISSING - 10, lacking(&self->p, bits, PLAYED_CHUNKS));
		EXPECT_EQ(~0x3ffULL, bits[0]);
		EXPECT_EQ((1 << PLAYED_STALE) - 1, bits[CHUNK_PAGES / 64]);
		ASSERT_EQ(0, played_fetch(&self->p, true));
		/* asked for again */
		EXPECT_EQ(20, played_want(&self->p));
	}
	EXPECT_EQ(-EINVAL, zkznl_resume(self->p.nl, self->p.dst, &self->p.peer.fd, 1));
	ASSERT_EQ(0, played_data(&self->p, 20, 1));
	EXPECT_EQ(0, child_status(pid));
	ASSERT_EQ(0, played_rest(&self->p));
	ASSERT_EQ(0, played_end(&self->p));
	EXPECT_EQ(0, played_differ(self->p.mem, 0, CHUNK_PAGES + PLAYED_STALE));
	ASSERT_EQ(0, zkznl_get(self->p.nl, self->p.dst, &s));
	EXPECT_EQ(3, s.counters[ZKZ_A_COUNTERS_FETCH_REQUESTS]);
	EXPECT_EQ(11, s.counters[ZKZ_A_COUNTERS_FETCH_DUPLICATES]);
	EXPECT_EQ(0, zkznl_close_session(self->p.nl, self->p.dst));
}

/* A resumption that fails leaves it lost, and the next one can succeed. */
TEST_F(lost, resumed_badly)
{
	__u64 bits[PLAYED_PAGES / 64];
	int two[2];
	pid_t pid;

	ASSERT_EQ(0, played_fetch(&self->p, false));
	pid = child_touches(&self->p, 20);
	EXPECT_EQ(20, played_want(&self->p));
	ASSERT_EQ(0, reconnect(&self->p));
	EXPECT_EQ(-EBUSY, zkznl_resume(self->p.nl, self->p.dst, &self->p.peer.fd, 1));
	/* one who begins anew is not the one who goes on */
	ASSERT_EQ(0, zkzpeer_hello(&self->p.peer, 0));
	EXPECT_STATE(ZKZ_STATE_LOST, zkz_wire_text(ZKZ_WIRE_BAD_HELLO_RESUME));
	ASSERT_EQ(0, zkznl_tcp_pair(two));
	EXPECT_EQ(-EINVAL, zkznl_resume(self->p.nl, self->p.dst, two, 2));
	EXPECT_STREQ("a fetch is resumed with as many streams as it had", self->p.nl->text);
	ASSERT_EQ(0, reconnect(&self->p));
	ASSERT_EQ(0, played_connect(&self->p, true));
	EXPECT_EQ(PLAYED_MISSING, lacking(&self->p, bits, PLAYED_CHUNKS));
	ASSERT_EQ(0, zkzpeer_pass_begin(&self->p.peer, ZKZ_WIRE_F_FINAL));
	EXPECT_STATE(ZKZ_STATE_LOST, zkz_wire_text(ZKZ_WIRE_BAD_RESUME));
	ASSERT_EQ(0, reconnect(&self->p));
	ASSERT_EQ(0, played_connect(&self->p, true));
	EXPECT_EQ(PLAYED_MISSING, lacking(&self->p, bits, PLAYED_CHUNKS));
	ASSERT_EQ(0, played_fetch(&self->p, true));
	ASSERT_EQ(0, played_rest(&self->p));
	ASSERT_EQ(0, played_end(&self->p));
	EXPECT_EQ(0, child_status(pid));
}

/* What a process is doing in the kernel, from the innermost function on. */
static bool is_in(pid_t pid, const char *function)
{
	char path[40], stack[4096] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stack", pid);
	f = fopen(path, "r");
	if (f) {
		stack[fread(stack, 1, sizeof(stack) - 1, f)] = 0;
		fclose(f);
	}
	return strstr(stack, function);
}

/* Another zone's migration begins, and cannot: somebody has the lock of its memory. No guest has to wait for that. */
TEST_F(lost, resumed_while_another_begins)
{
	int other = zkzmem_create("other", OTHER_SIZE), status, fd[2];
	__u64 bits[PLAYED_PAGES / 64];
	struct zkzstall stall;
	pid_t pid;

	if (!zkzstall_possible())
		SKIP(return, "needs two processors");
	ASSERT_EQ(0, played_fetch(&self->p, false));
	shutdown(self->p.peer.fd, SHUT_RDWR);
	EXPECT_STATE(ZKZ_STATE_LOST, "closed the connection");
	ASSERT_TRUE(zkzstall_begin(&stall, other, 0, OTHER_SIZE));
	pid = fork();
	if (!pid) {
		struct zkznl *nl;

		zkznl_close(self->p.nl);
		nl = zkznl_open();
		_exit(!nl || zkznl_tcp_pair(fd) || zkznl_new(nl, ZKZ_ROLE_TARGET, other, fd, 1, COOKIE, 5000) <= 0);
	}
	while (!is_in(pid, "zkz_session_create") && !waitpid(pid, &status, WNOHANG))
		usleep(10000);
	ASSERT_EQ(0, reconnect(&self->p));
	ASSERT_EQ(0, played_connect(&self->p, true));
	EXPECT_EQ(PLAYED_MISSING, lacking(&self->p, bits, PLAYED_CHUNKS));
	ASSERT_EQ(0, played_fetch(&self->p, true));
	/* all of this while the other one waited */
	EXPECT_TRUE(zkzstall_stands(&stall));
	EXPECT_TRUE(is_in(pid, "zkz_session_create"));
	EXPECT_EQ(0, zkzstall_end(&stall));
	EXPECT_EQ(0, child_status(pid));
	ASSERT_EQ(0, played_rest(&self->p));
	ASSERT_EQ(0, played_end(&self->p));
	close(other);
}

TEST_F(lost, resume_of_what_is_not_lost)
{
	int fd[2];

	ASSERT_EQ(0, zkznl_tcp_pair(fd));
	EXPECT_EQ(-EINVAL, zkznl_resume(self->p.nl, self->p.dst, fd, 1));
	EXPECT_STREQ("session is not lost; there is nothing to resume", self->p.nl->text);
	EXPECT_EQ(-EINVAL, zkznl_resume(self->p.nl, self->p.dst, fd, 0));
	EXPECT_STREQ("a stream descriptor is missing", self->p.nl->text);
	EXPECT_EQ(-ENOENT, zkznl_resume(self->p.nl, self->p.dst + 1000, fd, 1));
}

/* Gone for good: an error for what is missing, also later, and for nothing else. */
TEST_F(lost, source_gives_up)
{
	struct zkznl_memory m = { 0 };
	char page[PAGE_BYTES];
	int fd[2], status, id;
	pid_t pid;

	ASSERT_EQ(0, played_fetch(&self->p, false));
	ASSERT_EQ(0, played_data(&self->p, 0, 3));
	pid = child_touches(&self->p, 20);
	EXPECT_EQ(20, played_want(&self->p));
	ASSERT_EQ(0, zkzpeer_abort(&self->p.peer, "the house burns"));
	EXPECT_STATE(ZKZ_STATE_FAILED, "the source aborted: the house burns");
	status = child_status(pid);
	EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
	for (id = 0; id < 2; id++) {
		EXPECT_EQ(0, played_differ(self->p.mem, 0, 3));
		EXPECT_EQ('o', self->p.mem[CHUNK_BYTES + 100 * PAGE_BYTES]);
		EXPECT_TRUE(zkzmem_touch_faults(self->p.mem + 3 * PAGE_BYTES, false));
		EXPECT_TRUE(zkzmem_touch_faults(self->p.mem + CHUNK_BYTES, true));
		EXPECT_EQ(-1, pread(self->p.target, page, PAGE_BYTES, 20 * PAGE_BYTES));
		EXPECT_EQ(EIO, errno);
		EXPECT_EQ(1, zkznl_memories(self->p.nl, &m, 1));
		EXPECT_EQ(PLAYED_MISSING - 3, m.missing);
		EXPECT_EQ(id ? -ENOENT : 0, zkznl_close_session(self->p.nl, self->p.dst));
	}
	/* it cannot be sent on, but the file can be used again for something new */
	ASSERT_EQ(0, zkznl_tcp_pair(fd));
	EXPECT_EQ(-EIO, zkznl_new(self->p.nl, ZKZ_ROLE_SOURCE, self->p.target, fd, 1, COOKIE, 20000));
	EXPECT_NE(NULL, strstr(self->p.nl->text, "never came"));
	id = zkznl_new(self->p.nl, ZKZ_ROLE_TARGET, self->p.target, fd, 1, COOKIE, 20000);
	EXPECT_LT(0, id);
	EXPECT_EQ(0, zkzmem_nonzero(self->p.mem, PLAYED_SIZE));
	EXPECT_EQ(1, zkznl_memories(self->p.nl, &m, 1));
	EXPECT_EQ(0, m.missing);
}

/* Who waits there can be killed, also where one of the kernel's workers waits for it. */
TEST_F(lost, killed_with_its_worker)
{
	int status, zero = open("/dev/zero", O_RDONLY);
	pid_t pid;

	ASSERT_EQ(0, played_fetch(&self->p, false));
	pid = fork();
	if (!pid) {
		zkznl_close(self->p.nl);
		self->p.mem = zkzmem_map(self->p.target, PLAYED_SIZE, PROT_READ | PROT_WRITE);
		_exit(zkzworker_read(zero, self->p.mem + 3 * PAGE_BYTES, PAGE_BYTES) != PAGE_BYTES);
	}
	EXPECT_EQ(3, played_want(&self->p));
	shutdown(self->p.peer.fd, SHUT_RDWR);
	EXPECT_STATE(ZKZ_STATE_LOST, "closed the connection");
	EXPECT_EQ(0, waitpid(pid, &status, WNOHANG));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	status = child_status(pid);
	EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	/* It has not become anything else by that. */
	EXPECT_STATE(ZKZ_STATE_LOST, "closed the connection");
	ASSERT_EQ(0, zkznl_abort(self->p.nl, self->p.dst, "no hope"));
}

/* The owner has died, and nobody comes to resume: that is no reason to wait for ever. */
TEST(nobody_resumes)
{
	struct zkznl_memory m = { 0 };
	struct played p;
	int status;
	pid_t pid;

	if (geteuid())
		SKIP(return, "needs root");
	ASSERT_EQ(0, played_open(&p, "size=64M", 1000));
	ASSERT_EQ(0, played_first_pass(&p));
	ASSERT_EQ(0, played_fetch(&p, false));
	pid = child_touches(&p, 20);
	shutdown(p.peer.fd, SHUT_RDWR);
	ASSERT_EQ(0, zkznl_wait_state(p.nl, p.dst, ZKZ_STATE_LOST, PLAYED_WAIT, NULL));
	zkznl_close(p.nl);
	p.nl = zkznl_open();
	ASSERT_NE(NULL, p.nl);
	usleep(1000000);
	EXPECT_EQ(0, waitpid(pid, &status, WNOHANG));
	status = child_status(pid);
	EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
	EXPECT_EQ(-ENOENT, zkznl_wait_state(p.nl, p.dst, ZKZ_STATE_ENDED, PLAYED_WAIT, NULL));
	EXPECT_EQ(1, zkznl_memories(p.nl, &m, 1));
	EXPECT_EQ(PLAYED_MISSING, m.missing);
	played_close(&p);
}

static int limit(const char *option)
{
	return mount(NULL, ZKZMEM_DIR, NULL, MS_REMOUNT, option);
}

/* No memory for what comes: everybody waits, and it comes when there is some. */
TEST_F(lost, no_room)
{
	struct zkznl_session s;
	int status;
	pid_t pid;

	ASSERT_EQ(0, played_fetch(&self->p, false));
	ASSERT_EQ(0, limit("size=2M"));
	pid = child_touches(&self->p, 3);
	EXPECT_EQ(3, played_want(&self->p));
	ASSERT_EQ(0, played_data(&self->p, 0, 20));
	usleep(500000);
	EXPECT_EQ(0, waitpid(pid, &status, WNOHANG));
	ASSERT_EQ(0, wait_missing(&self->p, PLAYED_MISSING));
	/* for the first four of them */
	ASSERT_EQ(0, limit("size=2064K"));
	EXPECT_EQ(0, child_status(pid));
	ASSERT_EQ(0, wait_missing(&self->p, PLAYED_MISSING - 4));
	ASSERT_EQ(0, limit("size=64M"));
	ASSERT_EQ(0, played_rest(&self->p));
	ASSERT_EQ(0, played_end(&self->p));
	EXPECT_EQ(0, played_differ(self->p.mem, 0, CHUNK_PAGES + PLAYED_STALE));
	ASSERT_EQ(0, zkznl_get(self->p.nl, self->p.dst, &s));
	EXPECT_EQ(PLAYED_MISSING, s.counters[ZKZ_A_COUNTERS_FETCH_DEMAND] + s.counters[ZKZ_A_COUNTERS_FETCH_PUSHED]);
	EXPECT_EQ(0, zkznl_close_session(self->p.nl, self->p.dst));
}

/* For longer than a stream may wait: the connection goes, and nothing else. */
TEST(no_room_for_long)
{
	__u64 bits[PLAYED_PAGES / 64];
	struct zkznl_session s = { 0 };
	struct played p;
	pid_t pid;

	if (geteuid())
		SKIP(return, "needs root");
	ASSERT_EQ(0, played_open(&p, "size=64M", 1000));
	ASSERT_EQ(0, played_first_pass(&p));
	ASSERT_EQ(0, played_fetch(&p, false));
	ASSERT_EQ(0, limit("size=2M"));
	pid = child_touches(&p, 3);
	ASSERT_EQ(0, played_data(&p, 0, 20));
	ASSERT_EQ(0, zkznl_wait_state(p.nl, p.dst, ZKZ_STATE_LOST, PLAYED_WAIT, &s));
	EXPECT_NE(NULL, strstr(s.reason, "no memory for pages 0 to 15"))
		TH_LOG("reason: %s", s.reason);
	ASSERT_EQ(0, limit("size=64M"));
	ASSERT_EQ(0, reconnect(&p));
	ASSERT_EQ(0, played_connect(&p, true));
	EXPECT_EQ(PLAYED_MISSING, lacking(&p, bits, PLAYED_CHUNKS));
	ASSERT_EQ(0, played_fetch(&p, true));
	EXPECT_EQ(3, played_want(&p));
	ASSERT_EQ(0, played_rest(&p));
	EXPECT_EQ(0, child_status(pid));
	ASSERT_EQ(0, played_end(&p));
	EXPECT_EQ(0, played_differ(p.mem, 0, CHUNK_PAGES + PLAYED_STALE));
	played_close(&p);
}

/* With nothing missing there is nothing to lose. */
TEST_F(lost, connection_goes_after_the_last_page)
{
	ASSERT_EQ(0, played_fetch(&self->p, false));
	ASSERT_EQ(0, played_rest(&self->p));
	EXPECT_EQ(0, played_differ(self->p.mem, PLAYED_LAST, 1));
	close(self->p.peer.fd);
	ASSERT_EQ(0, zkznl_wait_state(self->p.nl, self->p.dst, ZKZ_STATE_ENDED, PLAYED_WAIT, NULL));
	EXPECT_EQ(0, played_differ(self->p.mem, 0, CHUNK_PAGES + PLAYED_STALE));
	EXPECT_EQ(0, zkznl_close_session(self->p.nl, self->p.dst));
}

TEST_HARNESS_MAIN
