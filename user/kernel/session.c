// SPDX-License-Identifier: GPL-2.0
#include "kernel/session.h"

#include <netlink/genl/genl.h>
#include <string.h>

#include "lib/hex.h"

static const struct nla_policy session_policy[ZKZ_A_SESSION_MAX + 1] = {
	[ZKZ_A_SESSION_ID] = { .type = NLA_U32 },
	[ZKZ_A_SESSION_SEQ] = { .type = NLA_U32 },
	[ZKZ_A_SESSION_EVENT] = { .type = NLA_U32 },
	[ZKZ_A_SESSION_ROLE] = { .type = NLA_U32 },
	[ZKZ_A_SESSION_STATE] = { .type = NLA_U32 },
	[ZKZ_A_SESSION_PASS] = { .type = NLA_U32 },
	[ZKZ_A_SESSION_ERROR] = { .type = NLA_S32 },
	[ZKZ_A_SESSION_REASON] = { .type = NLA_STRING },
	[ZKZ_A_SESSION_MEMORY_INODE] = { .type = NLA_U64 },
	[ZKZ_A_SESSION_COOKIE] = { .type = NLA_U64 },
	[ZKZ_A_SESSION_STREAMS] = { .type = NLA_U32 },
	[ZKZ_A_SESSION_COUNTERS] = { .type = NLA_NESTED },
};

static const struct nla_policy counters_policy[ZKZ_A_COUNTERS_MAX + 1] = {
	[ZKZ_A_COUNTERS_PAD + 1 ... ZKZ_A_COUNTERS_MAX] = { .type = NLA_U64 },
};

static const struct nla_policy memory_policy[ZKZ_A_MEMORY_MAX + 1] = {
	[ZKZ_A_MEMORY_INODE] = { .type = NLA_U64 },
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

static int take_counters(struct nlattr *nest, struct session_info *info)
{
	struct nlattr *tb[ZKZ_A_COUNTERS_MAX + 1];
	unsigned int i;

	if (nla_parse_nested(tb, ZKZ_A_COUNTERS_MAX, nest, counters_policy) < 0)
		return -1;
	for (i = ZKZ_A_COUNTERS_PAD + 1; i <= ZKZ_A_COUNTERS_MAX; i++)
		info->counters[i] = get_u64(tb[i]);
	return 0;
}

/* An array of another length is of another module: nothing is known then. */
static void take_latency(const struct nlattr *attr, struct session_info *info)
{
	if (nla_len(attr) == sizeof(info->latency))
		memcpy(info->latency, nla_data(attr), sizeof(info->latency));
}

int session_read(struct nlmsghdr *nlh, struct session_info *info)
{
	struct nlattr *tb[ZKZ_A_SESSION_MAX + 1];

	memset(info, 0, sizeof(*info));
	if (genlmsg_parse(nlh, 0, tb, ZKZ_A_SESSION_MAX, session_policy) < 0)
		return -1;
	info->id = get_u32(tb[ZKZ_A_SESSION_ID]);
	info->seq = get_u32(tb[ZKZ_A_SESSION_SEQ]);
	info->event = get_u32(tb[ZKZ_A_SESSION_EVENT]);
	info->role = get_u32(tb[ZKZ_A_SESSION_ROLE]);
	info->state = get_u32(tb[ZKZ_A_SESSION_STATE]);
	info->pass = get_u32(tb[ZKZ_A_SESSION_PASS]);
	info->error = get_u32(tb[ZKZ_A_SESSION_ERROR]);
	info->memory = get_u64(tb[ZKZ_A_SESSION_MEMORY_INODE]);
	info->cookie = get_u64(tb[ZKZ_A_SESSION_COOKIE]);
	info->streams = get_u32(tb[ZKZ_A_SESSION_STREAMS]);
	if (tb[ZKZ_A_SESSION_REASON])
		nla_strlcpy(info->reason, tb[ZKZ_A_SESSION_REASON], sizeof(info->reason));
	if (tb[ZKZ_A_SESSION_FAULT_LATENCY])
		take_latency(tb[ZKZ_A_SESSION_FAULT_LATENCY], info);
	if (tb[ZKZ_A_SESSION_COUNTERS] && take_counters(tb[ZKZ_A_SESSION_COUNTERS], info))
		return -1;
	return info->id ? 0 : -1;	/* there is none without */
}

static int take_info(struct nlmsghdr *nlh, void *arg)
{
	return session_read(nlh, arg);
}

uint64_t session_cookie(const char *migration)
{
	uint8_t bytes[16] = { 0 };
	uint64_t cookie = 0;
	int i;

	hex_decode(migration, bytes, sizeof(bytes));
	for (i = 0; i < 8; i++)
		cookie = cookie << 8 | bytes[i];
	return cookie;
}

int session_new(struct genl *g, const struct session_want *want, uint32_t *id,
		struct zkz_err *err)
{
	struct nl_msg *msg = genl_begin(g, ZKZ_CMD_SESSION_NEW, false);
	struct session_info info = { 0 };
	unsigned int i;

	nla_put_u32(msg, ZKZ_A_SESSION_ROLE, want->role);
	nla_put_u32(msg, ZKZ_A_SESSION_MEMORY_FD, want->memory_fd);
	for (i = 0; i < want->streams; i++)
		nla_put_u32(msg, ZKZ_A_SESSION_STREAM_FD, want->stream_fd[i]);
	nla_put_u64(msg, ZKZ_A_SESSION_COOKIE, want->cookie);
	nla_put_u32(msg, ZKZ_A_SESSION_TIMEOUT_MS, want->timeout_ms);
	if (want->zero_detect)
		nla_put_flag(msg, ZKZ_A_SESSION_ZERO_DETECT);
	if (want->limit)
		nla_put_u64(msg, ZKZ_A_SESSION_STREAM_LIMIT, want->limit);
	if (genl_call(g, ERR_REQUEST_SESSION, take_info, &info, err))
		return -1;
	*id = info.id;
	return 0;
}

static struct nl_msg *begin(struct genl *g, uint8_t cmd, uint32_t id)
{
	struct nl_msg *msg = genl_begin(g, cmd, false);

	nla_put_u32(msg, ZKZ_A_SESSION_ID, id);
	return msg;
}

int session_pass(struct genl *g, uint32_t id, bool final, struct zkz_err *err)
{
	struct nl_msg *msg = begin(g, ZKZ_CMD_SESSION_PASS, id);

	if (final)
		nla_put_flag(msg, ZKZ_A_SESSION_FINAL);
	return genl_call(g, ERR_REQUEST_PASS, NULL, NULL, err);
}

int session_slow_pass(struct genl *g, uint32_t id, uint32_t percent, struct zkz_err *err)
{
	struct nl_msg *msg = begin(g, ZKZ_CMD_SESSION_PASS, id);

	nla_put_u32(msg, ZKZ_A_SESSION_SLOW, percent);
	return genl_call(g, ERR_REQUEST_PASS, NULL, NULL, err);
}

int session_fetch(struct genl *g, uint32_t id, struct zkz_err *err)
{
	struct nl_msg *msg = begin(g, ZKZ_CMD_SESSION_PASS, id);

	nla_put_flag(msg, ZKZ_A_SESSION_FETCH);
	return genl_call(g, ERR_REQUEST_FETCH, NULL, NULL, err);
}

int session_resume(struct genl *g, uint32_t id, const int *fd, unsigned int nr,
		   struct zkz_err *err)
{
	struct nl_msg *msg = begin(g, ZKZ_CMD_SESSION_RESUME, id);
	unsigned int i;

	for (i = 0; i < nr; i++)
		nla_put_u32(msg, ZKZ_A_SESSION_STREAM_FD, fd[i]);
	return genl_call(g, ERR_REQUEST_RESUME, NULL, NULL, err);
}

int session_abort(struct genl *g, uint32_t id, const char *reason, struct zkz_err *err)
{
	struct nl_msg *msg = begin(g, ZKZ_CMD_SESSION_ABORT, id);
	char text[ZKZ_REASON_MAX + 1] = "";
	size_t i;

	/* It travels to the peer and to terminals: the module takes printable ASCII only. */
	for (i = 0; i < ZKZ_REASON_MAX && reason[i]; i++)
		text[i] = reason[i] >= ' ' && reason[i] <= '~' ? reason[i] : '?';
	nla_put_string(msg, ZKZ_A_SESSION_REASON, text);
	return genl_call(g, ERR_REQUEST_ABORT, NULL, NULL, err);
}

int session_close(struct genl *g, uint32_t id, struct zkz_err *err)
{
	begin(g, ZKZ_CMD_SESSION_CLOSE, id);
	return genl_call(g, ERR_REQUEST_CLOSE, NULL, NULL, err);
}

int session_get(struct genl *g, uint32_t id, struct session_info *info,
		struct zkz_err *err)
{
	memset(info, 0, sizeof(*info));
	begin(g, ZKZ_CMD_SESSION_GET, id);
	return genl_call(g, ERR_REQUEST_GET, take_info, info, err);
}

struct search {
	uint64_t memory;
	struct session_info *info;
	bool found;
};

static int take_listed(struct nlmsghdr *nlh, void *arg)
{
	struct search *s = arg;
	struct session_info info;

	if (session_read(nlh, &info))
		return -1;
	if (s->found || info.memory != s->memory)
		return 0;
	*s->info = info;
	s->found = true;
	return 0;
}

int session_find(struct genl *g, uint64_t memory, struct session_info *info,
		 struct zkz_err *err)
{
	struct search s = { .memory = memory, .info = info };

	genl_begin(g, ZKZ_CMD_SESSION_LIST, true);
	if (genl_call(g, ERR_REQUEST_SESSIONS, take_listed, &s, err))
		return -1;
	return s.found;
}

struct memory_search {
	uint64_t memory;
	uint64_t missing;
	bool found;
};

static int take_memory(struct nlmsghdr *nlh, void *arg)
{
	struct nlattr *tb[ZKZ_A_MEMORY_MAX + 1];
	struct memory_search *s = arg;

	if (genlmsg_parse(nlh, 0, tb, ZKZ_A_MEMORY_MAX, memory_policy) < 0)
		return -1;
	if (get_u64(tb[ZKZ_A_MEMORY_INODE]) != s->memory)
		return 0;
	s->missing = get_u64(tb[ZKZ_A_MEMORY_MISSING_PAGES]);
	s->found = true;
	return 0;
}

int memory_missing(struct genl *g, uint64_t memory, uint64_t *pages, struct zkz_err *err)
{
	struct memory_search s = { .memory = memory };

	genl_begin(g, ZKZ_CMD_MEMORY_LIST, true);
	if (genl_call(g, ERR_REQUEST_MEMORIES, take_memory, &s, err))
		return -1;
	*pages = s.missing;
	return s.found;
}

uint64_t session_latency(const struct session_info *info, unsigned int percent)
{
	uint64_t all = 0, so_far = 0;
	unsigned int i;

	for (i = 0; i < SESSION_BUCKETS; i++)
		all += info->latency[i];
	for (i = 0; all && i < SESSION_BUCKETS; i++) {
		so_far += info->latency[i];
		if (so_far * 100 >= all * percent)
			return UINT64_C(2) << i;
	}
	return 0;
}

struct filter {
	uint32_t id;
	session_fn fn;
	void *arg;
};

static int take_event(struct nlmsghdr *nlh, void *arg)
{
	const struct filter *f = arg;
	struct session_info info;

	if (session_read(nlh, &info))
		return -1;
	if (info.id == f->id && info.event)
		f->fn(&info, f->arg);
	return 0;
}

static uint32_t event_of_state(uint32_t state)
{
	switch (state) {
	case ZKZ_STATE_ENDED:
		return ZKZ_EVENT_END;
	case ZKZ_STATE_FAILED:
		return ZKZ_EVENT_ERROR;
	case ZKZ_STATE_FETCHING:
		return ZKZ_EVENT_FETCH;
	case ZKZ_STATE_LOST:
		return ZKZ_EVENT_LOST;
	case ZKZ_STATE_IDLE:
		return ZKZ_EVENT_PASS_END;
	default:
		return ZKZ_EVENT_PROGRESS;
	}
}

int session_events(struct genl *g, uint32_t id, session_fn fn, void *arg,
		   struct zkz_err *err)
{
	struct filter f = { .id = id, .fn = fn, .arg = arg };
	bool lost = false;
	int rc;

	do {
		rc = genl_event(g, take_event, &f, &lost, err);
	} while (rc > 0);
	return rc || !lost ? rc : session_look(g, id, fn, arg, err);
}

int session_look(struct genl *g, uint32_t id, session_fn fn, void *arg, struct zkz_err *err)
{
	struct session_info info;

	if (session_get(g, id, &info, err))
		return -1;
	info.event = event_of_state(info.state);
	fn(&info, arg);
	return 0;
}
