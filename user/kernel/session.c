// SPDX-License-Identifier: GPL-2.0
#include "kernel/session.h"

#include <linux/genetlink.h>
#include <string.h>

#include "lib/hex.h"

static uint32_t get_u32(const struct nlattr *attr)
{
	return mnl_attr_validate(attr, MNL_TYPE_U32) < 0 ? 0 : mnl_attr_get_u32(attr);
}

static void take_counters(const struct nlattr *nest, struct session_info *info)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		unsigned int type = mnl_attr_get_type(attr);

		if (type <= ZKZ_A_COUNTERS_MAX &&
		    mnl_attr_validate(attr, MNL_TYPE_U64) >= 0)
			info->counters[type] = mnl_attr_get_u64(attr);
	}
}

static uint64_t get_u64(const struct nlattr *attr)
{
	return mnl_attr_validate(attr, MNL_TYPE_U64) < 0 ? 0 : mnl_attr_get_u64(attr);
}

/* An array of another length is of another module: nothing is known then. */
static void take_latency(const struct nlattr *attr, struct session_info *info)
{
	if (mnl_attr_get_payload_len(attr) == sizeof(info->latency))
		memcpy(info->latency, mnl_attr_get_payload(attr), sizeof(info->latency));
}

static void take_attr(const struct nlattr *attr, struct session_info *info)
{
	switch (mnl_attr_get_type(attr)) {
	case ZKZ_A_SESSION_ID:
		info->id = get_u32(attr);
		break;
	case ZKZ_A_SESSION_SEQ:
		info->seq = get_u32(attr);
		break;
	case ZKZ_A_SESSION_EVENT:
		info->event = get_u32(attr);
		break;
	case ZKZ_A_SESSION_ROLE:
		info->role = get_u32(attr);
		break;
	case ZKZ_A_SESSION_STATE:
		info->state = get_u32(attr);
		break;
	case ZKZ_A_SESSION_PASS:
		info->pass = get_u32(attr);
		break;
	case ZKZ_A_SESSION_ERROR:
		info->error = (int32_t)get_u32(attr);
		break;
	case ZKZ_A_SESSION_REASON:
		if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
			strncpy(info->reason, mnl_attr_get_str(attr), ZKZ_REASON_MAX);
		break;
	case ZKZ_A_SESSION_MEMORY_INODE:
		info->memory = get_u64(attr);
		break;
	case ZKZ_A_SESSION_COOKIE:
		info->cookie = get_u64(attr);
		break;
	case ZKZ_A_SESSION_STREAMS:
		info->streams = get_u32(attr);
		break;
	case ZKZ_A_SESSION_FAULT_LATENCY:
		take_latency(attr, info);
		break;
	case ZKZ_A_SESSION_COUNTERS:
		take_counters(attr, info);
		break;
	}
}

static void take_info(const struct nlmsghdr *nlh, void *arg)
{
	struct session_info *info = arg;
	const struct nlattr *attr;

	memset(info, 0, sizeof(*info));
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		take_attr(attr, info);
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
	struct nlmsghdr *nlh = genl_begin(g, ZKZ_CMD_SESSION_NEW, false);
	struct session_info info = { 0 };
	unsigned int i;

	mnl_attr_put_u32(nlh, ZKZ_A_SESSION_ROLE, want->role);
	mnl_attr_put_u32(nlh, ZKZ_A_SESSION_MEMORY_FD, want->memory_fd);
	for (i = 0; i < want->streams; i++)
		mnl_attr_put_u32(nlh, ZKZ_A_SESSION_STREAM_FD, want->stream_fd[i]);
	mnl_attr_put_u64(nlh, ZKZ_A_SESSION_COOKIE, want->cookie);
	mnl_attr_put_u32(nlh, ZKZ_A_SESSION_TIMEOUT_MS, want->timeout_ms);
	if (want->zero_detect)
		mnl_attr_put(nlh, ZKZ_A_SESSION_ZERO_DETECT, 0, NULL);
	if (want->limit)
		mnl_attr_put_u64(nlh, ZKZ_A_SESSION_STREAM_LIMIT, want->limit);
	if (genl_call(g, nlh, "start a session", take_info, &info, err))
		return -1;
	*id = info.id;
	return 0;
}

static struct nlmsghdr *begin(struct genl *g, uint8_t cmd, uint32_t id)
{
	struct nlmsghdr *nlh = genl_begin(g, cmd, false);

	mnl_attr_put_u32(nlh, ZKZ_A_SESSION_ID, id);
	return nlh;
}

int session_pass(struct genl *g, uint32_t id, bool final, struct zkz_err *err)
{
	struct nlmsghdr *nlh = begin(g, ZKZ_CMD_SESSION_PASS, id);

	if (final)
		mnl_attr_put(nlh, ZKZ_A_SESSION_FINAL, 0, NULL);
	return genl_call(g, nlh, "start a pass", NULL, NULL, err);
}

int session_slow_pass(struct genl *g, uint32_t id, uint32_t percent, struct zkz_err *err)
{
	struct nlmsghdr *nlh = begin(g, ZKZ_CMD_SESSION_PASS, id);

	mnl_attr_put_u32(nlh, ZKZ_A_SESSION_SLOW, percent);
	return genl_call(g, nlh, "start a pass", NULL, NULL, err);
}

int session_fetch(struct genl *g, uint32_t id, struct zkz_err *err)
{
	struct nlmsghdr *nlh = begin(g, ZKZ_CMD_SESSION_PASS, id);

	mnl_attr_put(nlh, ZKZ_A_SESSION_FETCH, 0, NULL);
	return genl_call(g, nlh, "start a fetch", NULL, NULL, err);
}

int session_resume(struct genl *g, uint32_t id, const int *fd, unsigned int nr,
		   struct zkz_err *err)
{
	struct nlmsghdr *nlh = begin(g, ZKZ_CMD_SESSION_RESUME, id);
	unsigned int i;

	for (i = 0; i < nr; i++)
		mnl_attr_put_u32(nlh, ZKZ_A_SESSION_STREAM_FD, fd[i]);
	return genl_call(g, nlh, "go on with a fetch", NULL, NULL, err);
}

int session_abort(struct genl *g, uint32_t id, const char *reason, struct zkz_err *err)
{
	struct nlmsghdr *nlh = begin(g, ZKZ_CMD_SESSION_ABORT, id);
	char text[ZKZ_REASON_MAX + 1] = "";
	size_t i;

	/* It travels to the peer and to terminals: the module takes printable ASCII only. */
	for (i = 0; i < ZKZ_REASON_MAX && reason[i]; i++)
		text[i] = reason[i] >= ' ' && reason[i] <= '~' ? reason[i] : '?';
	mnl_attr_put_strz(nlh, ZKZ_A_SESSION_REASON, text);
	return genl_call(g, nlh, "abort a session", NULL, NULL, err);
}

int session_close(struct genl *g, uint32_t id, struct zkz_err *err)
{
	return genl_call(g, begin(g, ZKZ_CMD_SESSION_CLOSE, id), "close a session",
			 NULL, NULL, err);
}

int session_get(struct genl *g, uint32_t id, struct session_info *info,
		struct zkz_err *err)
{
	memset(info, 0, sizeof(*info));
	return genl_call(g, begin(g, ZKZ_CMD_SESSION_GET, id), "tell about a session",
			 take_info, info, err);
}

struct search {
	uint64_t memory;
	struct session_info *info;
	bool found;
};

static void take_listed(const struct nlmsghdr *nlh, void *arg)
{
	struct search *s = arg;
	struct session_info info;

	take_info(nlh, &info);
	if (s->found || info.memory != s->memory)
		return;
	*s->info = info;
	s->found = true;
}

int session_find(struct genl *g, uint64_t memory, struct session_info *info,
		 struct zkz_err *err)
{
	struct search s = { .memory = memory, .info = info };

	if (genl_call(g, genl_begin(g, ZKZ_CMD_SESSION_LIST, true), "list its sessions",
		      take_listed, &s, err))
		return -1;
	return s.found;
}

struct memory_search {
	uint64_t memory;
	uint64_t missing;
	bool found;
};

static void take_memory(const struct nlmsghdr *nlh, void *arg)
{
	struct memory_search *s = arg;
	uint64_t inode = 0, missing = 0;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == ZKZ_A_MEMORY_INODE)
			inode = get_u64(attr);
		else if (mnl_attr_get_type(attr) == ZKZ_A_MEMORY_MISSING_PAGES)
			missing = get_u64(attr);
	}
	if (inode != s->memory)
		return;
	s->missing = missing;
	s->found = true;
}

int memory_missing(struct genl *g, uint64_t memory, uint64_t *pages, struct zkz_err *err)
{
	struct memory_search s = { .memory = memory };

	if (genl_call(g, genl_begin(g, ZKZ_CMD_MEMORY_LIST, true), "list its memories",
		      take_memory, &s, err))
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

static void take_event(const struct nlmsghdr *nlh, void *arg)
{
	const struct filter *f = arg;
	struct session_info info;

	take_info(nlh, &info);
	if (info.id == f->id && info.event)
		f->fn(&info, f->arg);
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
