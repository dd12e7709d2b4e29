/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's netlink family for tests. It can say what the module must refuse, so it checks nothing itself.
 *
 * Requests return 0 or a negative error number; what the module said about it is in struct zkznl.
 */
#ifndef _ZKZ_SELFTESTS_ZKZNL_H
#define _ZKZ_SELFTESTS_ZKZNL_H

#include <linux/zkz.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdbool.h>
#include <stdint.h>

#define ZKZNL_BUFFER	16384
#define ZKZNL_LATENCY	32

/**
 * struct zkznl - one connection, owner of the sessions made through it
 * @cmd: socket for requests
 * @events: socket subscribed to the events of this network namespace, NULL without the right to that
 * @family: numeric id of the family
 * @request: being built; one serves all
 * @text: sentence of the last refusal, or empty
 * @bad_attr: type of the attribute the last refusal points at, 0: none
 * @missing: type of the attribute the last refusal misses, 0: none
 */
struct zkznl {
	struct nl_sock *cmd;
	struct nl_sock *events;
	int family;
	struct nl_msg *request;
	char text[256];
	int bad_attr;
	int missing;
	char answer[ZKZNL_BUFFER] __attribute__((aligned(8)));
};

/* What a session says about itself; fields that a message does not have are 0. */
struct zkznl_session {
	uint32_t id;
	uint32_t role;
	uint32_t state;
	uint32_t pass;
	uint32_t streams;
	uint32_t timeout_ms;
	uint32_t seq;
	uint32_t event;
	int32_t error;
	uint64_t cookie;
	uint64_t inode;
	char reason[ZKZ_REASON_MAX + 1];
	uint64_t counters[ZKZ_A_COUNTERS_MAX + 1];
	uint64_t latency[ZKZNL_LATENCY];
};

struct zkznl_memory {
	uint64_t inode;
	uint64_t size;
	uint64_t resident;
	uint64_t huge;
	uint64_t missing;
	bool tracked;
	uint32_t session;
	char name[256];
};

struct zkznl *zkznl_open(void);
void zkznl_close(struct zkznl *nl);

/* Gets each answer; returns 0, or a negative error of libnl if it is malformed. */
typedef int (*zkznl_fn)(struct nlmsghdr *nlh, void *data);

/* Any request: begin, add attributes (nla_put_u32() etc.), call. */
struct nl_msg *zkznl_begin(struct zkznl *nl, uint8_t cmd, bool dump);
int zkznl_call(struct zkznl *nl, zkznl_fn fn, void *data);

struct nl_msg *zkznl_begin_new(struct zkznl *nl, uint32_t role, int memory, const int *stream, unsigned int streams,
			       uint64_t cookie);
int zkznl_call_new(struct zkznl *nl);
int zkznl_new(struct zkznl *nl, uint32_t role, int memory, const int *stream, unsigned int streams, uint64_t cookie,
	      uint32_t timeout_ms);
int zkznl_pass(struct zkznl *nl, uint32_t id, bool final);
int zkznl_slow_pass(struct zkznl *nl, uint32_t id, uint32_t percent);
int zkznl_fetch(struct zkznl *nl, uint32_t id);
int zkznl_resume(struct zkznl *nl, uint32_t id, const int *stream, unsigned int streams);
int zkznl_abort(struct zkznl *nl, uint32_t id, const char *reason);
int zkznl_close_session(struct zkznl *nl, uint32_t id);
int zkznl_get(struct zkznl *nl, uint32_t id, struct zkznl_session *session);
int zkznl_sessions(struct zkznl *nl, struct zkznl_session *list, unsigned int max);
int zkznl_memories(struct zkznl *nl, struct zkznl_memory *list, unsigned int max);

/* Wait until the module has no session and no memory: those of tests before may still be on their way out. */
int zkznl_wait_quiet(struct zkznl *nl);
/* Wait until a session is in a state (ZKZ_STATE_*). Returns 0, or a negative error. */
int zkznl_wait_state(struct zkznl *nl, uint32_t id, uint32_t state, int timeout_ms, struct zkznl_session *session);
/* Wait for an event (ZKZ_EVENT_*, or 0 for any) of a session. Returns it, or a negative error; -ETIMEDOUT. */
int zkznl_wait(struct zkznl *nl, uint32_t id, uint32_t event, int timeout_ms, struct zkznl_session *session);
/* Run one pass and wait for its end; for a final one for the end of the session. */
int zkznl_run_pass(struct zkznl *nl, uint32_t id, bool final, int timeout_ms, struct zkznl_session *session);

/* Two connected TCP sockets over loopback. */
int zkznl_tcp_pair(int fd[2]);
int zkznl_tcp_pairs(int *a, int *b, unsigned int nr);

#endif
