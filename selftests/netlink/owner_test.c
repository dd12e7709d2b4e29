// SPDX-License-Identifier: GPL-2.0
/* A session belongs to the netlink socket that made it, and holds the module. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zkzharness.h"
#include "zkzmem.h"
#include "zkznl.h"

#define SIZE	(16 * CHUNK_BYTES)
#define COOKIE	42
#define PATIENCE 20000		/* ms until something that happens by itself has happened */

FIXTURE(owner) {
	struct zkznl *nl;
	int memory;
	int target;
	int a[4];
	int b[4];
};

FIXTURE_SETUP(owner)
{
	if (geteuid())
		SKIP(return, "needs root");
	self->nl = zkznl_open();
	ASSERT_NE(NULL, self->nl);
	ASSERT_EQ(0, zkznl_wait_quiet(self->nl));
	ASSERT_EQ(0, zkzmem_mount("size=128M"));
	self->memory = zkzmem_create("m", SIZE);
	self->target = zkzmem_create("t", SIZE);
	ASSERT_EQ(0, zkznl_tcp_pairs(self->a, self->b, 4));
}

FIXTURE_TEARDOWN(owner)
{
	zkznl_close(self->nl);
}

static long module_refs(void)
{
	FILE *f = fopen("/sys/module/zkz/refcnt", "r");
	long n = -1;

	if (f) {
		if (fscanf(f, "%ld", &n) != 1)
			n = -1;
		fclose(f);
	}
	return n;
}

static int wait_sessions(struct zkznl *nl, int nr)
{
	struct zkznl_session list[8];
	int i, n = -1;

	for (i = 0; i < PATIENCE / 20; i++) {
		n = zkznl_sessions(nl, list, 8);
		if (n == nr)
			return n;
		usleep(20000);
	}
	return n;
}

static bool no_trace(struct zkznl *nl)
{
	struct zkznl_memory list[2];
	int i, n = zkznl_memories(nl, list, 2);

	for (i = 0; i < n; i++) {
		if (list[i].session || list[i].tracked)
			return false;
	}
	return n == 2;
}

TEST_F(owner, closing_the_socket_aborts)
{
	long refs = module_refs();
	struct zkznl *own = zkznl_open();
	int src, i;

	src = zkznl_new(own, ZKZ_ROLE_SOURCE, self->memory, self->a, 4, COOKIE, 5000);
	ASSERT_LT(0, src);
	ASSERT_LT(0, zkznl_new(own, ZKZ_ROLE_TARGET, self->target, self->b, 4, COOKIE, 5000));
	EXPECT_LT(refs, module_refs());
	zkznl_close(own);
	EXPECT_EQ(0, wait_sessions(self->nl, 0));
	EXPECT_TRUE(no_trace(self->nl));
	/* the last reference goes a moment after the entry in the list */
	for (i = 0; i < PATIENCE / 20 && module_refs() != refs; i++)
		usleep(20000);
	EXPECT_EQ(refs, module_refs());
}

/* Only the owner counts: another socket of the same process closes without effect. */
TEST_F(owner, other_sockets_do_not_matter)
{
	struct zkznl *own = zkznl_open(), *other = zkznl_open();

	ASSERT_LT(0, zkznl_new(own, ZKZ_ROLE_SOURCE, self->memory, self->a, 1, COOKIE, 5000));
	zkznl_close(other);
	usleep(200000);
	EXPECT_EQ(1, wait_sessions(self->nl, 1));
	zkznl_close(own);
	EXPECT_EQ(0, wait_sessions(self->nl, 0));
}

/* Killed while pages travel: the peer hears of it, and everything can begin again. */
TEST_F(owner, killed_in_a_pass)
{
	int ready[2], i, dst, status;
	struct zkznl_session s;
	char *mem, c;
	pid_t pid;

	mem = zkzmem_map(self->memory, SIZE, PROT_READ | PROT_WRITE);
	zkzmem_fill(mem, SIZE, 3);
	ASSERT_EQ(0, pipe(ready));
	pid = fork();
	if (!pid) {
		struct zkznl *own = zkznl_open();
		int id = zkznl_new(own, ZKZ_ROLE_SOURCE, self->memory, self->a, 4, COOKIE, 5000);

		/* nobody reads the first stream yet, so the pass cannot end */
		if (id < 0 || zkznl_pass(own, id, false) || write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
	}
	for (i = 0; i < 4; i++)
		close(self->a[i]);
	ASSERT_EQ(1, read(ready[0], &c, 1));
	EXPECT_EQ(1, wait_sessions(self->nl, 1));
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, wait_sessions(self->nl, 0));
	EXPECT_TRUE(no_trace(self->nl));

	/* the target, made only now, finds a reason or the end of the connection, never success */
	dst = zkznl_new(self->nl, ZKZ_ROLE_TARGET, self->target, self->b, 4, COOKIE, 5000);
	if (dst > 0) {
		EXPECT_EQ(ZKZ_EVENT_ERROR, zkznl_wait(self->nl, dst, ZKZ_EVENT_END, PATIENCE, &s));
		EXPECT_EQ(ZKZ_STATE_FAILED, s.state);
		EXPECT_NE('\0', s.reason[0]);
		EXPECT_EQ(0, zkznl_close_session(self->nl, dst));
	}

	/* once more, with everybody in place */
	for (i = 0; i < 4; i++)
		close(self->b[i]);
	ASSERT_EQ(0, zkznl_tcp_pairs(self->a, self->b, 4));
	i = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, self->a, 4, COOKIE, 5000);
	ASSERT_LT(0, i);
	ASSERT_LT(0, zkznl_new(self->nl, ZKZ_ROLE_TARGET, self->target, self->b, 4, COOKIE, 5000));
	EXPECT_EQ(0, zkznl_run_pass(self->nl, i, true, PATIENCE, NULL));
	mem = zkzmem_map(self->target, SIZE, PROT_READ);
	EXPECT_EQ(0, zkzmem_check(mem, SIZE, 3));
}

/* The other side hears that the owner is gone. */
TEST_F(owner, peer_hears_why)
{
	struct zkznl *own = zkznl_open();
	struct zkznl_session s;
	int dst;

	ASSERT_LT(0, zkznl_new(own, ZKZ_ROLE_SOURCE, self->memory, self->a, 1, COOKIE, 5000));
	dst = zkznl_new(self->nl, ZKZ_ROLE_TARGET, self->target, self->b, 1, COOKIE, 5000);
	ASSERT_LT(0, dst);
	usleep(100000);
	zkznl_close(own);
	ASSERT_EQ(ZKZ_EVENT_ERROR, zkznl_wait(self->nl, dst, ZKZ_EVENT_ERROR, PATIENCE, &s));
	EXPECT_NE(NULL, strstr(s.reason, "the source aborted: the process that made the session is gone"))
		TH_LOG("reason: %s", s.reason);
	/* a failed session stays to be looked at */
	ASSERT_EQ(0, zkznl_get(self->nl, dst, &s));
	EXPECT_EQ(ZKZ_STATE_FAILED, s.state);
	EXPECT_EQ(-ECONNABORTED, s.error);
	EXPECT_EQ(0, zkznl_close_session(self->nl, dst));
}

TEST_F(owner, module_cannot_go)
{
	long refs = module_refs();
	int id = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, self->a, 1, COOKIE, 5000);

	ASSERT_LT(0, id);
	EXPECT_EQ(refs + 1, module_refs());
	EXPECT_EQ(-1, syscall(SYS_delete_module, "zkz", O_NONBLOCK));
	EXPECT_EQ(EWOULDBLOCK, errno);
	ASSERT_EQ(0, zkznl_abort(self->nl, id, NULL));
	EXPECT_EQ(refs, module_refs());
}

TEST_HARNESS_MAIN
