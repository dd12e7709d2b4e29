// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "zkznl.h"

#ifndef NETLINK_EXT_ACK
#define NETLINK_EXT_ACK 11
#endif

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static struct nlmsghdr *begin(struct zkznl *nl, uint16_t type, uint8_t cmd, uint8_t version, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(nl->request);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++nl->seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = version;
	return nlh;
}

struct nlmsghdr *zkznl_begin(struct zkznl *nl, uint8_t cmd, bool dump)
{
	return begin(nl, nl->family, cmd, ZKZ_FAMILY_VERSION, dump ? NLM_F_DUMP : NLM_F_ACK);
}

/* Which attribute of the request lies at an offset? */
static int attr_at(const struct zkznl *nl, uint32_t offset)
{
	const struct nlmsghdr *nlh = (const void *)nl->request;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if ((uint32_t)((const char *)attr - nl->request) == offset)
			return mnl_attr_get_type(attr);
	}
	return 0;
}

static void keep_extack(struct zkznl *nl, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	size_t skip = sizeof(*e);
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += e->msg.nlmsg_len - sizeof(e->msg);
	mnl_attr_for_each(attr, nlh, skip) {
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
			strncpy(nl->text, mnl_attr_get_str(attr), sizeof(nl->text) - 1);
		else if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_OFFS)
			nl->bad_attr = attr_at(nl, mnl_attr_get_u32(attr));
		else if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MISS_TYPE)
			nl->missing = mnl_attr_get_u32(attr);
	}
}

int zkznl_call(struct zkznl *nl, struct nlmsghdr *nlh, mnl_cb_t cb, void *data)
{
	uint32_t seq = nlh->nlmsg_seq;
	int len;

	memset(nl->text, 0, sizeof(nl->text));
	nl->bad_attr = 0;
	nl->missing = 0;
	if (mnl_socket_sendto(nl->cmd, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	for (;;) {
		const struct nlmsghdr *ans = (const void *)nl->answer;
		ssize_t got = mnl_socket_recvfrom(nl->cmd, nl->answer, sizeof(nl->answer));

		if (got < 0)
			return -errno;
		for (len = got; mnl_nlmsg_ok(ans, len); ans = mnl_nlmsg_next(ans, &len)) {
			const int *err = mnl_nlmsg_get_payload(ans);

			if (ans->nlmsg_seq != seq)
				continue;
			if (ans->nlmsg_type == NLMSG_ERROR) {
				keep_extack(nl, ans);
				return *err;
			}
			if (ans->nlmsg_type == NLMSG_DONE)
				return *err < 0 ? *err : 0;
			if (cb)
				cb(ans, data);
		}
	}
}

struct family {
	uint16_t id;
	uint32_t group;
};

static int take_family(const struct nlmsghdr *nlh, void *data)
{
	struct family *family = data;
	const struct nlattr *attr, *group, *part;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			family->id = mnl_attr_get_u16(attr);
		if (mnl_attr_get_type(attr) != CTRL_ATTR_MCAST_GROUPS)
			continue;
		/* there is only one */
		mnl_attr_for_each_nested(group, attr) {
			mnl_attr_for_each_nested(part, group) {
				if (mnl_attr_get_type(part) == CTRL_ATTR_MCAST_GRP_ID)
					family->group = mnl_attr_get_u32(part);
			}
		}
	}
	return MNL_CB_OK;
}

static struct mnl_socket *open_socket(void)
{
	struct mnl_socket *s = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	int one = 1;

	if (!s)
		return NULL;
	if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID)) {
		mnl_socket_close(s);
		return NULL;
	}
	mnl_socket_setsockopt(s, NETLINK_EXT_ACK, &one, sizeof(one));
	return s;
}

/* NULL if the module is not loaded. Who has no right to listen gets no socket for events. */
struct zkznl *zkznl_open(void)
{
	struct zkznl *nl = calloc(1, sizeof(*nl));
	struct family family = { 0 };
	struct nlmsghdr *nlh;

	if (!nl)
		return NULL;
	nl->cmd = open_socket();
	nl->events = open_socket();
	if (!nl->cmd || !nl->events)
		goto err;
	nlh = begin(nl, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, NLM_F_ACK);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, ZKZ_FAMILY_NAME);
	if (zkznl_call(nl, nlh, take_family, &family))
		goto err;
	nl->family = family.id;
	if (mnl_socket_setsockopt(nl->events, NETLINK_ADD_MEMBERSHIP, &family.group, sizeof(family.group))) {
		if (errno != EPERM)
			goto err;
		mnl_socket_close(nl->events);
		nl->events = NULL;
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
	if (nl->cmd)
		mnl_socket_close(nl->cmd);
	if (nl->events)
		mnl_socket_close(nl->events);
	free(nl);
}

struct nlmsghdr *zkznl_begin_new(struct zkznl *nl, uint32_t role, int memory, const int *stream, unsigned int streams,
				 uint64_t cookie)
{
	struct nlmsghdr *nlh = zkznl_begin(nl, ZKZ_CMD_SESSION_NEW, false);

	mnl_attr_put_u32(nlh, ZKZ_A_SESSION_ROLE, role);
	mnl_attr_put_u32(nlh, ZKZ_A_SESSION_MEMORY_FD, memory);
	while (streams--)
		mnl_attr_put_u32(nlh, ZKZ_A_SESSION_STREAM_FD, *stream++);
	mnl_attr_put_u64(nlh, ZKZ_A_SESSION_COOKIE, cookie);
	return nlh;
}

static int take_id(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == ZKZ_A_SESSION_ID)
			*(int *)data = mnl_attr_get_u32(attr);
	}
	return MNL_CB_OK;
}

int zkznl_call_new(struct zkznl *nl, struct nlmsghdr *nlh)
{
	int id = -EPROTO;
	int ret = zkznl_call(nl, nlh, take_id, &id);

	return ret ? ret : id;
}

int zkznl_new(struct zkznl *nl, uint32_t role, int memory, const int *stream, unsigned int streams, uint64_t cookie,
	      uint32_t timeout_ms)
{
	struct nlmsghdr *nlh = zkznl_begin_new(nl, role, memory, stream, streams, cookie);

	mnl_attr_put_u32(nlh, ZKZ_A_SESSION_TIMEOUT_MS, timeout_ms);
	return zkznl_call_new(nl, nlh);
}

static struct nlmsghdr *begin_id(struct zkznl *nl, uint8_t cmd, uint32_t id)
{
	struct nlmsghdr *nlh = zkznl_begin(nl, cmd, false);

	mnl_attr_put_u32(nlh, ZKZ_A_SESSION_ID, id);
	return nlh;
}

int zkznl_pass(struct zkznl *nl, uint32_t id, bool final)
{
	struct nlmsghdr *nlh = begin_id(nl, ZKZ_CMD_SESSION_PASS, id);

	if (final)
		mnl_attr_put(nlh, ZKZ_A_SESSION_FINAL, 0, NULL);
	return zkznl_call(nl, nlh, NULL, NULL);
}

int zkznl_slow_pass(struct zkznl *nl, uint32_t id, uint32_t percent)
{
	struct nlmsghdr *nlh = begin_id(nl, ZKZ_CMD_SESSION_PASS, id);

	mnl_attr_put_u32(nlh, ZKZ_A_SESSION_SLOW, percent);
	return zkznl_call(nl, nlh, NULL, NULL);
}

int zkznl_fetch(struct zkznl *nl, uint32_t id)
{
	struct nlmsghdr *nlh = begin_id(nl, ZKZ_CMD_SESSION_PASS, id);

	mnl_attr_put(nlh, ZKZ_A_SESSION_FETCH, 0, NULL);
	return zkznl_call(nl, nlh, NULL, NULL);
}

int zkznl_resume(struct zkznl *nl, uint32_t id, const int *stream, unsigned int streams)
{
	struct nlmsghdr *nlh = begin_id(nl, ZKZ_CMD_SESSION_RESUME, id);

	while (streams--)
		mnl_attr_put_u32(nlh, ZKZ_A_SESSION_STREAM_FD, *stream++);
	return zkznl_call(nl, nlh, NULL, NULL);
}

int zkznl_abort(struct zkznl *nl, uint32_t id, const char *reason)
{
	struct nlmsghdr *nlh = begin_id(nl, ZKZ_CMD_SESSION_ABORT, id);

	if (reason)
		mnl_attr_put_strz(nlh, ZKZ_A_SESSION_REASON, reason);
	return zkznl_call(nl, nlh, NULL, NULL);
}

int zkznl_close_session(struct zkznl *nl, uint32_t id)
{
	return zkznl_call(nl, begin_id(nl, ZKZ_CMD_SESSION_CLOSE, id), NULL, NULL);
}

static void take_counters(const struct nlattr *nest, uint64_t *counters)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		uint16_t type = mnl_attr_get_type(attr);

		if (type <= ZKZ_A_COUNTERS_MAX && type != ZKZ_A_COUNTERS_PAD)
			counters[type] = mnl_attr_get_u64(attr);
	}
}

static int take_session(const struct nlmsghdr *nlh, void *data)
{
	struct zkznl_session *s = data;
	const struct nlattr *attr;

	memset(s, 0, sizeof(*s));
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case ZKZ_A_SESSION_ID:
			s->id = mnl_attr_get_u32(attr);
			break;
		case ZKZ_A_SESSION_ROLE:
			s->role = mnl_attr_get_u32(attr);
			break;
		case ZKZ_A_SESSION_STATE:
			s->state = mnl_attr_get_u32(attr);
			break;
		case ZKZ_A_SESSION_PASS:
			s->pass = mnl_attr_get_u32(attr);
			break;
		case ZKZ_A_SESSION_STREAMS:
			s->streams = mnl_attr_get_u32(attr);
			break;
		case ZKZ_A_SESSION_TIMEOUT_MS:
			s->timeout_ms = mnl_attr_get_u32(attr);
			break;
		case ZKZ_A_SESSION_SEQ:
			s->seq = mnl_attr_get_u32(attr);
			break;
		case ZKZ_A_SESSION_EVENT:
			s->event = mnl_attr_get_u32(attr);
			break;
		case ZKZ_A_SESSION_ERROR:
			s->error = mnl_attr_get_u32(attr);
			break;
		case ZKZ_A_SESSION_COOKIE:
			s->cookie = mnl_attr_get_u64(attr);
			break;
		case ZKZ_A_SESSION_MEMORY_INODE:
			s->inode = mnl_attr_get_u64(attr);
			break;
		case ZKZ_A_SESSION_REASON:
			strncpy(s->reason, mnl_attr_get_str(attr), sizeof(s->reason) - 1);
			break;
		case ZKZ_A_SESSION_COUNTERS:
			take_counters(attr, s->counters);
			break;
		case ZKZ_A_SESSION_FAULT_LATENCY:
			if (mnl_attr_get_payload_len(attr) == sizeof(s->latency))
				memcpy(s->latency, mnl_attr_get_payload(attr), sizeof(s->latency));
			break;
		}
	}
	return MNL_CB_OK;
}

int zkznl_get(struct zkznl *nl, uint32_t id, struct zkznl_session *session)
{
	return zkznl_call(nl, begin_id(nl, ZKZ_CMD_SESSION_GET, id), take_session, session);
}

struct list {
	void *at;
	unsigned int max;
	unsigned int nr;
};

static int add_session(const struct nlmsghdr *nlh, void *data)
{
	struct list *list = data;

	if (list->nr < list->max)
		take_session(nlh, (struct zkznl_session *)list->at + list->nr);
	list->nr++;
	return MNL_CB_OK;
}

/* Returns how many there are, which may be more than fit, or a negative error. */
int zkznl_sessions(struct zkznl *nl, struct zkznl_session *list, unsigned int max)
{
	struct list l = { .at = list, .max = max };
	int ret = zkznl_call(nl, zkznl_begin(nl, ZKZ_CMD_SESSION_LIST, true), add_session, &l);

	return ret ? ret : (int)l.nr;
}

static int add_memory(const struct nlmsghdr *nlh, void *data)
{
	struct list *list = data;
	struct zkznl_memory *m = (struct zkznl_memory *)list->at + list->nr;
	const struct nlattr *attr;

	if (list->nr++ >= list->max)
		return MNL_CB_OK;
	memset(m, 0, sizeof(*m));
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case ZKZ_A_MEMORY_INODE:
			m->inode = mnl_attr_get_u64(attr);
			break;
		case ZKZ_A_MEMORY_SIZE:
			m->size = mnl_attr_get_u64(attr);
			break;
		case ZKZ_A_MEMORY_RESIDENT_PAGES:
			m->resident = mnl_attr_get_u64(attr);
			break;
		case ZKZ_A_MEMORY_HUGE_FOLIOS:
			m->huge = mnl_attr_get_u64(attr);
			break;
		case ZKZ_A_MEMORY_MISSING_PAGES:
			m->missing = mnl_attr_get_u64(attr);
			break;
		case ZKZ_A_MEMORY_TRACKED:
			m->tracked = true;
			break;
		case ZKZ_A_MEMORY_SESSION_ID:
			m->session = mnl_attr_get_u32(attr);
			break;
		case ZKZ_A_MEMORY_NAME:
			strncpy(m->name, mnl_attr_get_str(attr), sizeof(m->name) - 1);
			break;
		}
	}
	return MNL_CB_OK;
}

int zkznl_memories(struct zkznl *nl, struct zkznl_memory *list, unsigned int max)
{
	struct list l = { .at = list, .max = max };
	int ret = zkznl_call(nl, zkznl_begin(nl, ZKZ_CMD_MEMORY_LIST, true), add_memory, &l);

	return ret ? ret : (int)l.nr;
}

int zkznl_wait(struct zkznl *nl, uint32_t id, uint32_t event, int timeout_ms, struct zkznl_session *session)
{
	struct pollfd pfd = { .fd = mnl_socket_get_fd(nl->events), .events = POLLIN };
	long long deadline = now_ms() + timeout_ms;
	struct zkznl_session own;

	if (!session)
		session = &own;
	for (;;) {
		const struct nlmsghdr *nlh = (const void *)nl->answer;
		long long left = deadline - now_ms();
		ssize_t got;

		if (left <= 0 || poll(&pfd, 1, left) <= 0)
			return -ETIMEDOUT;
		got = mnl_socket_recvfrom(nl->events, nl->answer, sizeof(nl->answer));
		if (got < 0)
			return -errno;
		take_session(nlh, session);
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
