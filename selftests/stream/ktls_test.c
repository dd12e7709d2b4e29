// SPDX-License-Identifier: GPL-2.0
/* Streams whose sockets encrypt: userspace has set the keys, the module does not see any difference. */
#include <errno.h>
#include <linux/tls.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zkzharness.h"
#include "zkzmem.h"
#include "zkznl.h"
#include "zkzpeer.h"

#ifndef SOL_TLS
#define SOL_TLS 282
#endif
#ifndef TCP_ULP
#define TCP_ULP 31
#endif

#define CHUNKS	4
#define SIZE	(CHUNKS * CHUNK_BYTES)
#define COOKIE	1234
#define STREAMS	2
#define WAIT	120000

FIXTURE(ktls) {
	struct zkznl *nl;
	int memory, target;
	int a[STREAMS], b[STREAMS];
	char *mem, *copy;
};

static int set_key(int fd, int direction, char key)
{
	struct tls12_crypto_info_aes_gcm_256 info = {
		.info.version = TLS_1_3_VERSION,
		.info.cipher_type = TLS_CIPHER_AES_GCM_256,
	};

	memset(info.key, key, sizeof(info.key));
	memset(info.iv, key + 1, sizeof(info.iv));
	memset(info.salt, key + 2, sizeof(info.salt));
	return setsockopt(fd, SOL_TLS, direction, &info, sizeof(info));
}

static int encrypt(int a, int b)
{
	if (setsockopt(a, SOL_TCP, TCP_ULP, "tls", sizeof("tls")) ||
	    setsockopt(b, SOL_TCP, TCP_ULP, "tls", sizeof("tls")))
		return -errno;
	if (set_key(a, TLS_TX, 'a') || set_key(b, TLS_RX, 'a') || set_key(b, TLS_TX, 'b') || set_key(a, TLS_RX, 'b'))
		return -errno;
	return 0;
}

FIXTURE_SETUP(ktls)
{
	int i;

	if (geteuid())
		SKIP(return, "needs root");
	if (system("modprobe -q tls"))
		SKIP(return, "this kernel has no TLS sockets");
	self->nl = zkznl_open();
	ASSERT_NE(NULL, self->nl);
	ASSERT_EQ(0, zkznl_wait_quiet(self->nl));
	ASSERT_EQ(0, zkzmem_mount("size=64M"));
	self->memory = zkzmem_create("m", SIZE);
	self->target = zkzmem_create("t", SIZE);
	self->mem = zkzmem_map(self->memory, SIZE, PROT_READ | PROT_WRITE);
	self->copy = zkzmem_map(self->target, SIZE, PROT_READ);
	ASSERT_EQ(0, zkznl_tcp_pairs(self->a, self->b, STREAMS));
	for (i = 0; i < STREAMS; i++)
		ASSERT_EQ(0, encrypt(self->a[i], self->b[i]));
}

FIXTURE_TEARDOWN(ktls)
{
	zkznl_close(self->nl);
}

TEST_F(ktls, replicates)
{
	struct zkznl_session s;
	int src, dst;

	zkzmem_fill(self->mem, SIZE / 2, 1);
	src = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, self->a, STREAMS, COOKIE, 60000);
	ASSERT_LT(0, src);
	dst = zkznl_new(self->nl, ZKZ_ROLE_TARGET, self->target, self->b, STREAMS, COOKIE, 60000);
	ASSERT_LT(0, dst);
	EXPECT_EQ(0, zkznl_run_pass(self->nl, src, false, WAIT, &s))
		TH_LOG("reason: %s", s.reason);
	self->mem[5] = 5;
	EXPECT_EQ(0, zkznl_run_pass(self->nl, src, true, WAIT, &s))
		TH_LOG("reason: %s", s.reason);
	EXPECT_EQ(0, memcmp(self->mem, self->copy, SIZE));
	EXPECT_EQ(0, zkznl_wait_state(self->nl, dst, ZKZ_STATE_ENDED, WAIT, NULL));
}

/* What the other owner says comes through, and nothing of it can be forged. */
TEST_F(ktls, reason_travels)
{
	struct zkznl_session s;
	int src, dst;

	src = zkznl_new(self->nl, ZKZ_ROLE_SOURCE, self->memory, self->a, STREAMS, COOKIE, 60000);
	ASSERT_LT(0, src);
	dst = zkznl_new(self->nl, ZKZ_ROLE_TARGET, self->target, self->b, STREAMS, COOKIE, 60000);
	ASSERT_LT(0, dst);
	usleep(300000);
	ASSERT_EQ(0, zkznl_abort(self->nl, dst, "not today"));
	ASSERT_EQ(0, zkznl_wait_state(self->nl, src, ZKZ_STATE_FAILED, WAIT, &s));
	EXPECT_STREQ("the target aborted: not today", s.reason);
}

TEST_F(ktls, control_record)
{
	char control[CMSG_SPACE(1)] = { 0 };
	struct iovec iov = { .iov_base = "\1\0", .iov_len = 2 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	struct zkznl_session s;
	int dst;

	dst = zkznl_new(self->nl, ZKZ_ROLE_TARGET, self->target, self->b, STREAMS, COOKIE, 60000);
	ASSERT_LT(0, dst);
	cmsg->cmsg_level = SOL_TLS;
	cmsg->cmsg_type = TLS_SET_RECORD_TYPE;
	cmsg->cmsg_len = CMSG_LEN(1);
	*CMSG_DATA(cmsg) = 21;	/* alert */
	ASSERT_EQ(2, sendmsg(self->a[0], &msg, 0));
	ASSERT_EQ(0, zkznl_wait_state(self->nl, dst, ZKZ_STATE_FAILED, WAIT, &s));
	EXPECT_NE(NULL, strstr(s.reason, "TLS alert or control record"))
		TH_LOG("reason: %s", s.reason);
}

TEST_HARNESS_MAIN
