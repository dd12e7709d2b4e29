// SPDX-License-Identifier: GPL-2.0
/* Every bad request is refused, with a sentence, and points at the attribute to blame. Nothing is left behind. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zkzharness.h"
#include "zkzmem.h"
#include "zkznl.h"

#define SIZE	(4 * CHUNK_BYTES)
#define COOKIE	0x1122334455667788ULL

FIXTURE(refuse) {
	struct zkznl *nl;
	int memory;
	int a[2];
	int b[2];
};

FIXTURE_SETUP(refuse)
{
	if (geteuid())
		SKIP(return, "needs root");
	self->nl = zkznl_open();
	ASSERT_NE(NULL, self->nl);
	ASSERT_EQ(0, zkznl_wait_quiet(self->nl));
	ASSERT_EQ(0, zkzmem_mount("size=64M"));
	self->memory = zkzmem_create("m", SIZE);
	ASSERT_LE(0, self->memory);
	ASSERT_EQ(0, zkznl_tcp_pairs(self->a, self->b, 2));
}

/* Whatever was asked for, nobody has claimed the memory and no session exists. */
FIXTURE_TEARDOWN(refuse)
{
	struct zkznl_session list[1];
	struct zkznl_memory memory[1] = { 0 };

	EXPECT_EQ(0, zkznl_sessions(self->nl, list, 1));
	EXPECT_EQ(1, zkznl_memories(self->nl, memory, 1));
	EXPECT_EQ(0, memory[0].session);
	EXPECT_FALSE(memory[0].tracked);
	zkznl_close(self->nl);
}

/* @err, a sentence with @text in it, and the attribute @attr to blame (0: none). */
#define EXPECT_REFUSED(ret, err, text_, attr)						\
do {											\
	EXPECT_EQ(-(err), (ret));							\
	EXPECT_NE(NULL, strstr(self->nl->text, text_))					\
		TH_LOG("the sentence is '%s'", self->nl->text);				\
	EXPECT_EQ((attr), self->nl->bad_attr);						\
} while (0)

static void without(struct zkznl *nl, int memory, int stream, int attr)
{
	struct nl_msg *msg = zkznl_begin(nl, ZKZ_CMD_SESSION_NEW, false);

	if (attr != ZKZ_A_SESSION_ROLE)
		nla_put_u32(msg, ZKZ_A_SESSION_ROLE, ZKZ_ROLE_SOURCE);
	if (attr != ZKZ_A_SESSION_MEMORY_FD)
		nla_put_u32(msg, ZKZ_A_SESSION_MEMORY_FD, memory);
	if (attr != ZKZ_A_SESSION_STREAM_FD)
		nla_put_u32(msg, ZKZ_A_SESSION_STREAM_FD, stream);
	if (attr != ZKZ_A_SESSION_COOKIE)
		nla_put_u64(msg, ZKZ_A_SESSION_COOKIE, COOKIE);
}

TEST_F(refuse, missing_attributes)
{
	static const struct {
		int attr;
		const char *text;
	} needed[] = {
		{ ZKZ_A_SESSION_ROLE, "role" },
		{ ZKZ_A_SESSION_MEMORY_FD, "memory" },
		{ ZKZ_A_SESSION_STREAM_FD, "stream" },
		{ ZKZ_A_SESSION_COOKIE, "cookie" },
	};
	size_t i;

	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		int ret;

		without(self->nl, self->memory, self->a[0], needed[i].attr);
		ret = zkznl_call_new(self->nl);
		EXPECT_REFUSED(ret, EINVAL, needed[i].text, 0);
		EXPECT_EQ(needed[i].attr, self->nl->missing);
	}
}

TEST_F(refuse, id_missing)
{
	static const int cmds[] = {
		ZKZ_CMD_SESSION_PASS, ZKZ_CMD_SESSION_ABORT, ZKZ_CMD_SESSION_CLOSE, ZKZ_CMD_SESSION_GET,
	};
	size_t i;

	for (i = 0; i < sizeof(cmds) / sizeof(cmds[0]); i++) {
		int ret;

		zkznl_begin(self->nl, cmds[i], false);
		ret = zkznl_call(self->nl, NULL, NULL);
		EXPECT_REFUSED(ret, EINVAL, "id is missing", 0);
		EXPECT_EQ(ZKZ_A_SESSION_ID, self->nl->missing);
	}
}

TEST_F(refuse, unknown_session)
{
	struct zkznl_session session;

	EXPECT_REFUSED(zkznl_pass(self->nl, 4711, false), ENOENT, "no such session", ZKZ_A_SESSION_ID);
	EXPECT_REFUSED(zkznl_abort(self->nl, 4711, "why"), ENOENT, "no such session", ZKZ_A_SESSION_ID);
	EXPECT_REFUSED(zkznl_close_session(self->nl, 4711), ENOENT, "no such session", ZKZ_A_SESSION_ID);
	EXPECT_REFUSED(zkznl_get(self->nl, 4711, &session), ENOENT, "no such session", ZKZ_A_SESSION_ID);
	EXPECT_EQ(-ERANGE, zkznl_get(self->nl, 0, &session));
	EXPECT_EQ(ZKZ_A_SESSION_ID, self->nl->bad_attr);
}

TEST_F(refuse, unknown_role)
{
	static const uint32_t bad[] = { 0, 3, 0xffffffff };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int ret = zkznl_new(self->nl, bad[i], self->memory, self->a, 1, COOKIE, 5000);

		EXPECT_EQ(-ERANGE, ret);
		EXPECT_NE('\0', self->nl->text[0]);
		EXPECT_EQ(ZKZ_A_SESSION_ROLE, self->nl->bad_attr);
	}
}

/* Attributes that a command does not know, and those of another command, are not ignored. */
TEST_F(refuse, unknown_attributes)
{
	static const int unknown[] = { ZKZ_A_SESSION_FINAL, ZKZ_A_SESSION_REASON, ZKZ_A_SESSION_MAX + 1, 200 };
	struct nl_msg *msg;
	size_t i;

	for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		msg = zkznl_begin_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, self->a, 1, COOKIE);
		nla_put_u32(msg, unknown[i], 1);
		EXPECT_EQ(-EINVAL, zkznl_call_new(self->nl));
		EXPECT_NE('\0', self->nl->text[0]);
	}
	msg = zkznl_begin(self->nl, ZKZ_CMD_SESSION_GET, false);
	nla_put_u32(msg, ZKZ_A_SESSION_ID, 1);
	nla_put_u32(msg, ZKZ_A_SESSION_ROLE, ZKZ_ROLE_SOURCE);
	EXPECT_EQ(-EINVAL, zkznl_call(self->nl, NULL, NULL));
}

TEST_F(refuse, wrong_lengths)
{
	struct nl_msg *msg = zkznl_begin(self->nl, ZKZ_CMD_SESSION_GET, false);

	nla_put_u16(msg, ZKZ_A_SESSION_ID, 1);
	EXPECT_GT(0, zkznl_call(self->nl, NULL, NULL));

	msg = zkznl_begin_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, self->a, 1, COOKIE);
	nla_put_u32(msg, ZKZ_A_SESSION_ZERO_DETECT, 1);
	EXPECT_GT(0, zkznl_call_new(self->nl));
}

TEST_F(refuse, timeouts)
{
	static const uint32_t bad[] = { 0, 999, 600001, 0xffffffff };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int ret = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, self->a, 1, COOKIE, bad[i]);

		EXPECT_REFUSED(ret, ERANGE, "timeout", ZKZ_A_SESSION_TIMEOUT_MS);
	}
}

TEST_F(refuse, memory_descriptors)
{
	int tmp, null, dir, ro, empty, ret;

	ret = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, 999, self->a, 1, COOKIE, 5000);
	EXPECT_REFUSED(ret, EBADF, "not open", ZKZ_A_SESSION_MEMORY_FD);
	ret = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, -1, self->a, 1, COOKIE, 5000);
	EXPECT_REFUSED(ret, EBADF, "not open", ZKZ_A_SESSION_MEMORY_FD);

	tmp = open("/mnt/other", O_RDWR | O_CREAT, 0600);
	ASSERT_LE(0, tmp);
	ret = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, tmp, self->a, 1, COOKIE, 5000);
	EXPECT_REFUSED(ret, EINVAL, "not a regular file of zkzfs", ZKZ_A_SESSION_MEMORY_FD);
	null = open("/dev/null", O_RDWR);
	ret = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, null, self->a, 1, COOKIE, 5000);
	EXPECT_REFUSED(ret, EINVAL, "not a regular file of zkzfs", ZKZ_A_SESSION_MEMORY_FD);
	dir = open(ZKZMEM_DIR, O_RDONLY | O_DIRECTORY);
	ret = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, dir, self->a, 1, COOKIE, 5000);
	EXPECT_REFUSED(ret, EINVAL, "not a regular file of zkzfs", ZKZ_A_SESSION_MEMORY_FD);
	ret = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->a[0], self->a, 1, COOKIE, 5000);
	EXPECT_REFUSED(ret, EINVAL, "not a regular file of zkzfs", ZKZ_A_SESSION_MEMORY_FD);

	ro = open(zkzmem_path("m"), O_RDONLY);
	ret = zkznl_new(self->nl, ZKZ_ROLE_TARGET, ro, self->a, 1, COOKIE, 5000);
	EXPECT_REFUSED(ret, EACCES, "writing", ZKZ_A_SESSION_MEMORY_FD);

	empty = open(zkzmem_path("empty"), O_RDWR | O_CREAT, 0600);
	ret = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, empty, self->a, 1, COOKIE, 5000);
	EXPECT_REFUSED(ret, EINVAL, "empty", 0);
	unlink(zkzmem_path("empty"));
	close(empty);
}

TEST_F(refuse, stream_descriptors)
{
	int udp = socket(AF_INET, SOCK_DGRAM, 0);
	int tcp = socket(AF_INET, SOCK_STREAM, 0);
	int listening = socket(AF_INET, SOCK_STREAM, 0);
	int pipe_fd[2], local[2], ret, closed = dup(self->a[0]);

	ASSERT_EQ(0, pipe(pipe_fd));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, local));
	ASSERT_EQ(0, listen(listening, 1));
	close(closed);

	ret = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, &closed, 1, COOKIE, 5000);
	EXPECT_REFUSED(ret, EBADF, "not open", ZKZ_A_SESSION_STREAM_FD);
	ret = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, &pipe_fd[0], 1, COOKIE, 5000);
	EXPECT_REFUSED(ret, ENOTSOCK, "not a socket", ZKZ_A_SESSION_STREAM_FD);
	ret = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, &self->memory, 1, COOKIE, 5000);
	EXPECT_REFUSED(ret, ENOTSOCK, "not a socket", ZKZ_A_SESSION_STREAM_FD);
	ret = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, &udp, 1, COOKIE, 5000);
	EXPECT_REFUSED(ret, EPROTONOSUPPORT, "not a TCP socket", ZKZ_A_SESSION_STREAM_FD);
	ret = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, &local[0], 1, COOKIE, 5000);
	EXPECT_REFUSED(ret, EPROTONOSUPPORT, "not a TCP socket", ZKZ_A_SESSION_STREAM_FD);
	ret = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, &tcp, 1, COOKIE, 5000);
	EXPECT_REFUSED(ret, ENOTCONN, "not connected", ZKZ_A_SESSION_STREAM_FD);
	ret = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, &listening, 1, COOKIE, 5000);
	EXPECT_REFUSED(ret, ENOTCONN, "not connected", ZKZ_A_SESSION_STREAM_FD);
}

TEST_F(refuse, too_many_or_double_streams)
{
	int many[ZKZ_MAX_STREAMS + 1], peer[ZKZ_MAX_STREAMS + 1], twice[2] = { self->a[0], self->a[0] };
	int dupped[2] = { self->a[0], dup(self->a[0]) }, ret;

	ASSERT_EQ(0, zkznl_tcp_pairs(many, peer, ZKZ_MAX_STREAMS + 1));
	ret = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, many, ZKZ_MAX_STREAMS + 1, COOKIE, 5000);
	EXPECT_REFUSED(ret, E2BIG, "more than 16", ZKZ_A_SESSION_STREAM_FD);
	ret = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, twice, 2, COOKIE, 5000);
	EXPECT_REFUSED(ret, EINVAL, "twice", ZKZ_A_SESSION_STREAM_FD);
	ret = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, dupped, 2, COOKIE, 5000);
	EXPECT_REFUSED(ret, EINVAL, "twice", ZKZ_A_SESSION_STREAM_FD);
}

TEST_F(refuse, double_claim)
{
	int other = zkzmem_create("other", SIZE);
	int id, ret;

	id = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, self->a, 1, COOKIE, 5000);
	ASSERT_LT(0, id);
	ret = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, self->a + 1, 1, COOKIE, 5000);
	EXPECT_REFUSED(ret, EBUSY, "memory belongs to another session", 0);
	ret = zkznl_new(self->nl, ZKZ_ROLE_TARGET, self->memory, self->a + 1, 1, COOKIE, 5000);
	EXPECT_REFUSED(ret, EBUSY, "memory belongs to another session", 0);
	ret = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, other, self->a, 1, COOKIE, 5000);
	EXPECT_REFUSED(ret, EBUSY, "socket belongs to another session", 0);
	/* the size of a claimed memory is frozen */
	EXPECT_EQ(-1, ftruncate(self->memory, 2 * SIZE));
	EXPECT_EQ(0, zkznl_abort(self->nl, id, NULL));
	EXPECT_EQ(0, ftruncate(self->memory, 2 * SIZE));
	unlink(zkzmem_path("other"));
	close(other);
}

TEST_F(refuse, reasons)
{
	char text[300];
	int id = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, self->a, 1, COOKIE, 5000);

	ASSERT_LT(0, id);
	EXPECT_REFUSED(zkznl_abort(self->nl, id, "a\nb"), EINVAL, "printable ASCII", ZKZ_A_SESSION_REASON);
	EXPECT_REFUSED(zkznl_abort(self->nl, id, "\x1b[2J"), EINVAL, "printable ASCII", ZKZ_A_SESSION_REASON);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = 0;
	EXPECT_GT(0, zkznl_abort(self->nl, id, text));
	EXPECT_EQ(ZKZ_A_SESSION_REASON, self->nl->bad_attr);
	text[ZKZ_REASON_MAX] = 0;
	EXPECT_EQ(0, zkznl_abort(self->nl, id, text));
}

/* What may be asked of a session depends on what it is doing. */
TEST_F(refuse, wrong_time)
{
	int target = zkzmem_create("t", SIZE);
	int src, dst;

	src = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, self->a, 1, COOKIE, 5000);
	ASSERT_LT(0, src);
	dst = zkznl_new(self->nl, ZKZ_ROLE_TARGET, target, self->b, 1, COOKIE, 5000);
	ASSERT_LT(0, dst);
	EXPECT_REFUSED(zkznl_pass(self->nl, dst, false), EOPNOTSUPP, "only a source", ZKZ_A_SESSION_ID);
	EXPECT_REFUSED(zkznl_close_session(self->nl, src), EBUSY, "abort it", ZKZ_A_SESSION_ID);
	EXPECT_REFUSED(zkznl_close_session(self->nl, dst), EBUSY, "abort it", ZKZ_A_SESSION_ID);
	ASSERT_EQ(0, zkznl_run_pass(self->nl, src, true, 10000, NULL));
	EXPECT_REFUSED(zkznl_pass(self->nl, src, false), EINVAL, "final pass is over", ZKZ_A_SESSION_ID);
	EXPECT_EQ(0, zkznl_close_session(self->nl, src));
	EXPECT_REFUSED(zkznl_close_session(self->nl, src), ENOENT, "no such session", ZKZ_A_SESSION_ID);
	EXPECT_EQ(0, zkznl_abort(self->nl, dst, "not needed"));
	EXPECT_REFUSED(zkznl_abort(self->nl, dst, "again"), ENOENT, "no such session", ZKZ_A_SESSION_ID);
	unlink(zkzmem_path("t"));
	close(target);
}

static void drop_capability(int cap)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	syscall(SYS_capget, &head, data);
	data[cap / 32].effective &= ~(1U << cap % 32);
	data[cap / 32].permitted &= ~(1U << cap % 32);
	syscall(SYS_capset, &head, data);
}

static void try_all(struct __test_metadata *_metadata, struct zkznl *nl, int memory, const int *stream)
{
	struct zkznl_session session;
	struct zkznl_memory list;

	/* events tell of rates and reasons */
	EXPECT_EQ(NULL, nl->events);
	EXPECT_EQ(-EPERM, zkznl_new(nl, ZKZ_ROLE_SOURCE, memory, stream, 1, COOKIE, 5000));
	EXPECT_EQ(-EPERM, zkznl_pass(nl, 1, false));
	EXPECT_EQ(-EPERM, zkznl_abort(nl, 1, NULL));
	EXPECT_EQ(-EPERM, zkznl_close_session(nl, 1));
	EXPECT_EQ(-EPERM, zkznl_get(nl, 1, &session));
	EXPECT_EQ(-EPERM, zkznl_sessions(nl, &session, 1));
	EXPECT_EQ(-EPERM, zkznl_memories(nl, &list, 1));
}

/* The socket remembers who opened it, so each case has one of its own. */
TEST_F(refuse, without_rights)
{
	int memory = self->memory, stream = self->a[0], status;
	pid_t pid = fork();

	if (!pid) {
		struct zkznl *nl;

		/* network administrators may not read the memory of guests */
		drop_capability(CAP_SYS_ADMIN);
		nl = zkznl_open();
		try_all(_metadata, nl, memory, &stream);
		zkznl_close(nl);
		if (setresgid(1, 1, 1) || setresuid(1, 1, 1))
			_exit(2);
		nl = zkznl_open();
		try_all(_metadata, nl, memory, &stream);
		zkznl_close(nl);
		_exit(_metadata->exit_code);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_HARNESS_MAIN
