// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "zkznl.h"

/* No test waits for an answer without end. */
#define ANSWER_S	30

static const struct nla_policy extack_policy[NLMSGERR_ATTR_MAX + 1] = {
	[NLMSGERR_ATTR_MSG] = { .type = NLA_STRING },
	[NLMSGERR_ATTR_OFFS] = { .type = NLA_U32 },
	[NLMSGERR_ATTR_MISS_TYPE] = { .type = NLA_U32 },
};

static const struct nla_policy session_policy[ZKZ_A_SESSION_MAX + 1] = {
	[ZKZ_A_SESSION_ID] = { .type = NLA_U32 },
	[ZKZ_A_SESSION_ROLE] = { .type = NLA_U32 },
	[ZKZ_A_SESSION_STATE] = { .type = NLA_U32 },
	[ZKZ_A_SESSION_PASS] = { .type = NLA_U32 },
	[ZKZ_A_SESSION_STREAMS] = { .type = NLA_U32 },
	[ZKZ_A_SESSION_TIMEOUT_MS] = { .type = NLA_U32 },
	[ZKZ_A_SESSION_SEQ] = { .type = NLA_U32 },
	[ZKZ_A_SESSION_EVENT] = { .type = NLA_U32 },
	[ZKZ_A_SESSION_ERROR] = { .type = NLA_S32 },
	[ZKZ_A_SESSION_COOKIE] = { .type = NLA_U64 },
	[ZKZ_A_SESSION_MEMORY_INODE] = { .type = NLA_U64 },
	[ZKZ_A_SESSION_REASON] = { .type = NLA_STRING, .maxlen = ZKZ_REASON_MAX + 1 },
	[ZKZ_A_SESSION_COUNTERS] = { .type = NLA_NESTED },
	[ZKZ_A_SESSION_FAULT_LATENCY] = { .minlen = ZKZNL_LATENCY * 8, .maxlen = ZKZNL_LATENCY * 8 },
};

static const struct nla_policy counters_policy[ZKZ_A_COUNTERS_MAX + 1] = {
	[ZKZ_A_COUNTERS_PAD + 1 ... ZKZ_A_COUNTERS_MAX] = { .type = NLA_U64 },
};

static const struct nla_policy memory_policy[ZKZ_A_MEMORY_MAX + 1] = {
	[ZKZ_A_MEMORY_INODE] = { .type = NLA_U64 },
	[ZKZ_A_MEMORY_NAME] = { .type = NLA_STRING },
	[ZKZ_A_MEMORY_SIZE] = { .type = NLA_U64 },
	[ZKZ_A_MEMORY_RESIDENT_PAGES] = { .type = NLA_U64 },
	[ZKZ_A_MEMORY_HUGE_FOLIOS] = { .type = NLA_U64 },
	[ZKZ_A_MEMORY_SESSION_ID] = { .type = NLA_U32 },
	[ZKZ_A_MEMORY_MISSING_PAGES] = { .type = NLA_U64 },
};

static uint32_t get_u32(const struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

static uint64_t get_u64(const struct nlattr *attr)
{
	return attr ? nla_get_u64(attr) : 0;
}

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

struct nl_msg *zkznl_begin(struct zkznl *nl, uint8_t cmd, bool dump)
{
	nlmsg_hdr(nl->request)->nlmsg_len = NLMSG_HDRLEN;
	genlmsg_put(nl->request, NL_AUTO_PORT, NL_AUTO_SEQ, nl->family, 0, dump ? NLM_F_DUMP : 0, cmd,
		    ZKZ_FAMILY_VERSION);
	return nl->request;
}

/* Which attribute of the request lies at an offset? */
static int attr_at(struct zkznl *nl, uint32_t offset)
{
	struct nlmsghdr *nlh = nlmsg_hdr(nl->request);
	struct nlattr *attr;
	int left;

	nlmsg_for_each_attr(attr, nlh, GENL_HDRLEN, left) {
		if ((uint32_t)((char *)attr - (char *)nlh) == offset)
			return nla_type(attr);
	}
	return 0;
}

static int keep_extack(struct zkznl *nl, struct nlmsghdr *nlh)
{
	const struct nlmsgerr *e = nlmsg_data(nlh);
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];
	int ret;

	if (nlmsg_datalen(nlh) < (int)sizeof(*e))
		return -EBADMSG;
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return e->error;
	/* NETLINK_CAP_ACK: the request itself does not come back */
	ret = nlmsg_parse(nlh, sizeof(*e), tb, NLMSGERR_ATTR_MAX, extack_policy);
	if (ret < 0)
		return -EBADMSG;
	if (tb[NLMSGERR_ATTR_MSG])
		nla_strlcpy(nl->text, tb[NLMSGERR_ATTR_MSG], sizeof(nl->text));
	if (tb[NLMSGERR_ATTR_OFFS])
		nl->bad_attr = attr_at(nl, nla_get_u32(tb[NLMSGERR_ATTR_OFFS]));
	nl->missing = get_u32(tb[NLMSGERR_ATTR_MISS_TYPE]);
	return e->error;
}

/* Returns its length, or a negative error. */
static int receive(struct zkznl *nl, struct nl_sock *s)
{
	ssize_t got = recv(nl_socket_get_fd(s), nl->answer, sizeof(nl->answer), MSG_TRUNC);

	if (got < 0)
		return -errno;
	return (size_t)got > sizeof(nl->answer) ? -EMSGSIZE : (int)got;
}

int zkznl_call(struct zkznl *nl, zkznl_fn fn, void *data)
{
	int len;

	memset(nl->text, 0, sizeof(nl->text));
	nl->bad_attr = 0;
	nl->missing = 0;
	if (nl_send_auto(nl->cmd, nl->request) < 0)
		return -errno;
	for (;;) {
		struct nlmsghdr *ans = (void *)nl->answer;

		len = receive(nl, nl->cmd);
		if (len < 0)
			return len;
		for (; nlmsg_ok(ans, len); ans = nlmsg_next(ans, &len)) {
			const int *err = nlmsg_data(ans);

			if (ans->nlmsg_seq != nlmsg_hdr(nl->request)->nlmsg_seq)
				continue;
			if (ans->nlmsg_type == NLMSG_ERROR)
				return keep_extack(nl, ans);
			if (ans->nlmsg_type == NLMSG_DONE)
				return nlmsg_datalen(ans) >= (int)sizeof(*err) && *err < 0 ? *err : 0;
			if (fn && fn(ans, data) < 0)
				return -EBADMSG;
		}
	}
}

static struct nl_sock *open_socket(void)
{
	const struct timeval patience = { .tv_sec = ANSWER_S };
	struct nl_sock *s = nl_socket_alloc();
	int one = 1, fd;

	if (!s || genl_connect(s) < 0) {
		nl_socket_free(s);
		return NULL;
	}
	fd = nl_socket_get_fd(s);
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return s;
}

/* NULL if the module is not loaded. Who has no right to listen gets no socket for events. */
struct zkznl *zkznl_open(void)
{
	struct zkznl *nl = calloc(1, sizeof(*nl));
	int group, ret;

	if (!nl)
		return NULL;
	nl->cmd = open_socket();
	nl->events = open_socket();
	nl->request = nlmsg_alloc_size(ZKZNL_BUFFER);
	if (!nl->cmd || !nl->events || !nl->request)
		goto err;
	nl->family = genl_ctrl_resolve(nl->cmd, ZKZ_FAMILY_NAME);
	group = genl_ctrl_resolve_grp(nl->cmd, ZKZ_FAMILY_NAME, ZKZ_MCGRP_EVENTS);
	if (nl->family < 0 || group < 0)
		goto err;
	ret = nl_socket_add_membership(nl->events, group);
	if (ret == -NLE_PERM) {
		nl_socket_free(nl->events);
		nl->events = NULL;
	} else if (ret < 0) {
		goto err;
	}
	return nl;
err:
	zkznl_close(nl);
	return NULL;
}

void zkznl_close(struct zkznl *nl)
{
	if (!nl)
		return;
	nl_socket_free(nl->cmd);
	nl_socket_free(nl->events);
	nlmsg_free(nl->request);
	free(nl);
}

struct nl_msg *zkznl_begin_new(struct zkznl *nl, uint32_t role, int memory, const int *stream, unsigned int streams,
			       uint64_t cookie)
{
	struct nl_msg *msg = zkznl_begin(nl, ZKZ_CMD_SESSION_NEW, false);

	nla_put_u32(msg, ZKZ_A_SESSION_ROLE, role);
	nla_put_u32(msg, ZKZ_A_SESSION_MEMORY_FD, memory);
	while (streams--)
		nla_put_u32(msg, ZKZ_A_SESSION_STREAM_FD, *stream++);
	nla_put_u64(msg, ZKZ_A_SESSION_COOKIE, cookie);
	return msg;
}

static int take_id(struct nlmsghdr *nlh, void *data)
{
	struct nlattr *tb[ZKZ_A_SESSION_MAX + 1];
	int ret = genlmsg_parse(nlh, 0, tb, ZKZ_A_SESSION_MAX, session_policy);

	if (!ret)
		*(int *)data = get_u32(tb[ZKZ_A_SESSION_ID]);
	return ret;
}

int zkznl_call_new(struct zkznl *nl)
{
	int id = -EPROTO;
	int ret = zkznl_call(nl, take_id, &id);

	return ret ? ret : id;
}

int zkznl_new(struct zkznl *nl, uint32_t role, int memory, const int *stream, unsigned int streams, uint64_t cookie,
	      uint32_t timeout_ms)
{
	struct nl_msg *msg = zkznl_begin_new(nl, role, memory, stream, streams, cookie);

	nla_put_u32(msg, ZKZ_A_SESSION_TIMEOUT_MS, timeout_ms);
	return zkznl_call_new(nl);
}

static struct nl_msg *begin_id(struct zkznl *nl, uint8_t cmd, uint32_t id)
{
	struct nl_msg *msg = zkznl_begin(nl, cmd, false);

	nla_put_u32(msg, ZKZ_A_SESSION_ID, id);
	return msg;
}

int zkznl_pass(struct zkznl *nl, uint32_t id, bool final)
{
	struct nl_msg *msg = begin_id(nl, ZKZ_CMD_SESSION_PASS, id);

	if (final)
		nla_put_flag(msg, ZKZ_A_SESSION_FINAL);
	return zkznl_call(nl, NULL, NULL);
}

int zkznl_slow_pass(struct zkznl *nl, uint32_t id, uint32_t percent)
{
	struct nl_msg *msg = begin_id(nl, ZKZ_CMD_SESSION_PASS, id);

	nla_put_u32(msg, ZKZ_A_SESSION_SLOW, percent);
	return zkznl_call(nl, NULL, NULL);
}

int zkznl_fetch(struct zkznl *nl, uint32_t id)
{
	struct nl_msg *msg = begin_id(nl, ZKZ_CMD_SESSION_PASS, id);

	nla_put_flag(msg, ZKZ_A_SESSION_FETCH);
	return zkznl_call(nl, NULL, NULL);
}

int zkznl_resume(struct zkznl *nl, uint32_t id, const int *stream, unsigned int streams)
{
	struct nl_msg *msg = begin_id(nl, ZKZ_CMD_SESSION_RESUME, id);

	while (streams--)
		nla_put_u32(msg, ZKZ_A_SESSION_STREAM_FD, *stream++);
	return zkznl_call(nl, NULL, NULL);
}

int zkznl_abort(struct zkznl *nl, uint32_t id, const char *reason)
{
	struct nl_msg *msg = begin_id(nl, ZKZ_CMD_SESSION_ABORT, id);

	if (reason)
		nla_put_string(msg, ZKZ_A_SESSION_REASON, reason);
	return zkznl_call(nl, NULL, NULL);
}

int zkznl_close_session(struct zkznl *nl, uint32_t id)
{
	begin_id(nl, ZKZ_CMD_SESSION_CLOSE, id);
	return zkznl_call(nl, NULL, NULL);
}

static int take_counters(struct nlattr *nest, uint64_t *counters)
{
	struct nlattr *tb[ZKZ_A_COUNTERS_MAX + 1];
	int ret = nla_parse_nested(tb, ZKZ_A_COUNTERS_MAX, nest, counters_policy);
	int i;

	for (i = ZKZ_A_COUNTERS_PAD + 1; !ret && i <= ZKZ_A_COUNTERS_MAX; i++)
		counters[i] = get_u64(tb[i]);
	return ret;
}

static int take_session(struct nlmsghdr *nlh, void *data)
{
	struct zkznl_session *s = data;
	struct nlattr *tb[ZKZ_A_SESSION_MAX + 1];
	int ret = genlmsg_parse(nlh, 0, tb, ZKZ_A_SESSION_MAX, session_policy);

	memset(s, 0, sizeof(*s));
	if (ret < 0)
		return ret;
	s->id = get_u32(tb[ZKZ_A_SESSION_ID]);
	s->role = get_u32(tb[ZKZ_A_SESSION_ROLE]);
	s->state = get_u32(tb[ZKZ_A_SESSION_STATE]);
	s->pass = get_u32(tb[ZKZ_A_SESSION_PASS]);
	s->streams = get_u32(tb[ZKZ_A_SESSION_STREAMS]);
	s->timeout_ms = get_u32(tb[ZKZ_A_SESSION_TIMEOUT_MS]);
	s->seq = get_u32(tb[ZKZ_A_SESSION_SEQ]);
	s->event = get_u32(tb[ZKZ_A_SESSION_EVENT]);
	s->error = get_u32(tb[ZKZ_A_SESSION_ERROR]);
	s->cookie = get_u64(tb[ZKZ_A_SESSION_COOKIE]);
	s->inode = get_u64(tb[ZKZ_A_SESSION_MEMORY_INODE]);
	if (tb[ZKZ_A_SESSION_REASON])
		nla_strlcpy(s->reason, tb[ZKZ_A_SESSION_REASON], sizeof(s->reason));
	if (tb[ZKZ_A_SESSION_FAULT_LATENCY])
		nla_memcpy(s->latency, tb[ZKZ_A_SESSION_FAULT_LATENCY], sizeof(s->latency));
	return tb[ZKZ_A_SESSION_COUNTERS] ? take_counters(tb[ZKZ_A_SESSION_COUNTERS], s->counters) : 0;
}

int zkznl_get(struct zkznl *nl, uint32_t id, struct zkznl_session *session)
{
	begin_id(nl, ZKZ_CMD_SESSION_GET, id);
	return zkznl_call(nl, take_session, session);
}

struct list {
	void *at;
	unsigned int max;
	unsigned int nr;
};

static int add_session(struct nlmsghdr *nlh, void *data)
{
	struct list *list = data;

	if (list->nr++ >= list->max)
		return 0;
	return take_session(nlh, (struct zkznl_session *)list->at + list->nr - 1);
}

/* Returns how many there are, which may be more than fit, or a negative error. */
static int ask_list(struct zkznl *nl, uint8_t cmd, zkznl_fn add, void *at, unsigned int max)
{
	struct list l = { .at = at, .max = max };
	int ret;

	zkznl_begin(nl, cmd, true);
	ret = zkznl_call(nl, add, &l);
	return ret ? ret : (int)l.nr;
}

int zkznl_sessions(struct zkznl *nl, struct zkznl_session *list, unsigned int max)
{
	return ask_list(nl, ZKZ_CMD_SESSION_LIST, add_session, list, max);
}

static int add_memory(struct nlmsghdr *nlh, void *data)
{
	struct list *list = data;
	struct zkznl_memory *m = (struct zkznl_memory *)list->at + list->nr;
	struct nlattr *tb[ZKZ_A_MEMORY_MAX + 1];
	int ret = genlmsg_parse(nlh, 0, tb, ZKZ_A_MEMORY_MAX, memory_policy);

	if (ret < 0 || list->nr++ >= list->max)
		return ret;
	memset(m, 0, sizeof(*m));
	m->inode = get_u64(tb[ZKZ_A_MEMORY_INODE]);
	m->size = get_u64(tb[ZKZ_A_MEMORY_SIZE]);
	m->resident = get_u64(tb[ZKZ_A_MEMORY_RESIDENT_PAGES]);
	m->huge = get_u64(tb[ZKZ_A_MEMORY_HUGE_FOLIOS]);
	m->missing = get_u64(tb[ZKZ_A_MEMORY_MISSING_PAGES]);
	m->tracked = tb[ZKZ_A_MEMORY_TRACKED];
	m->session = get_u32(tb[ZKZ_A_MEMORY_SESSION_ID]);
	if (tb[ZKZ_A_MEMORY_NAME])
		nla_strlcpy(m->name, tb[ZKZ_A_MEMORY_NAME], sizeof(m->name));
	return 0;
}

int zkznl_memories(struct zkznl *nl, struct zkznl_memory *list, unsigned int max)
{
	return ask_list(nl, ZKZ_CMD_MEMORY_LIST, add_memory, list, max);
}

int zkznl_wait(struct zkznl *nl, uint32_t id, uint32_t event, int timeout_ms, struct zkznl_session *session)
{
	struct pollfd pfd = { .fd = nl_socket_get_fd(nl->events), .events = POLLIN };
	long long deadline = now_ms() + timeout_ms;
	struct zkznl_session own;

	if (!session)
		session = &own;
	for (;;) {
		struct nlmsghdr *nlh = (void *)nl->answer;
		long long left = deadline - now_ms();
		int got;

		if (left <= 0 || poll(&pfd, 1, left) <= 0)
			return -ETIMEDOUT;
		got = receive(nl, nl->events);
		if (got < 0)
			return got;
		if (!nlmsg_ok(nlh, got) || take_session(nlh, session) < 0)
			return -EBADMSG;
		if (session->id == id && (!event || session->event == event || session->event == ZKZ_EVENT_ERROR))
			return session->event;
	}
}

#define NAP_MS		20
#define QUIET_MS	20000

int zkznl_wait_quiet(struct zkznl *nl)
{
	struct zkznl_session session;
	struct zkznl_memory memory;
	int i;

	for (i = 0; i < QUIET_MS / NAP_MS; i++) {
		if (!zkznl_sessions(nl, &session, 1) && !zkznl_memories(nl, &memory, 1))
			return 0;
		usleep(NAP_MS * 1000);
	}
	return -ETIMEDOUT;
}

int zkznl_wait_state(struct zkznl *nl, uint32_t id, uint32_t state, int timeout_ms, struct zkznl_session *session)
{
	struct zkznl_session own;
	int i, ret;

	if (!session)
		session = &own;
	for (i = 0; i < timeout_ms / NAP_MS; i++) {
		ret = zkznl_get(nl, id, session);
		if (ret || session->state == state)
			return ret;
		usleep(NAP_MS * 1000);
	}
	return -ETIMEDOUT;
}

int zkznl_run_pass(struct zkznl *nl, uint32_t id, bool final, int timeout_ms, struct zkznl_session *session)
{
	uint32_t wanted = final ? ZKZ_EVENT_END : ZKZ_EVENT_PASS_END;
	int ret = zkznl_pass(nl, id, final);

	if (ret)
		return ret;
	ret = zkznl_wait(nl, id, wanted, timeout_ms, session);
	return ret < 0 ? ret : ret == (int)wanted ? 0 : -EPROTO;
}

static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	if (!ioctl(fd, SIOCGIFFLAGS, &ifr) && !(ifr.ifr_flags & IFF_UP)) {
		ifr.ifr_flags |= IFF_UP;
		ioctl(fd, SIOCSIFFLAGS, &ifr);
	}
	close(fd);
}

int zkznl_tcp_pair(int fd[2])
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int l = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(addr);
	int err;

	loopback_up();
	fd[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	fd[1] = -1;
	if (l < 0 || fd[0] < 0 || bind(l, (void *)&addr, sizeof(addr)) || listen(l, 1) ||
	    getsockname(l, (void *)&addr, &len) || connect(fd[0], (void *)&addr, sizeof(addr)))
		goto err;
	fd[1] = accept4(l, NULL, NULL, SOCK_CLOEXEC);
	if (fd[1] < 0)
		goto err;
	close(l);
	return 0;
err:
	err = -errno;
	close(l);
	close(fd[0]);
	return err;
}

int zkznl_tcp_pairs(int *a, int *b, unsigned int nr)
{
	int ret = 0;

	while (nr-- && !ret) {
		int fd[2];

		ret = zkznl_tcp_pair(fd);
		a[nr] = fd[0];
		b[nr] = fd[1];
	}
	return ret;
}
