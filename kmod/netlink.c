// SPDX-License-Identifier: GPL-2.0
/*
 * Requests of the family "zkz": look at what was asked for, call, report. Every refusal has a sentence and, where one
 * attribute is to blame, that attribute. Everything is checked before anything is changed.
 */
#include <linux/file.h>
#include <linux/netlink.h>
#include <linux/tcp.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "event.h"
#include "generated/netlink.h"
#include "mem.h"
#include "netlink.h"
#include "session.h"

#define DEFAULT_TIMEOUT_MS	30000

/* Refuse with a sentence that is not a literal here, but lives for ever. */
static int refuse(struct netlink_ext_ack *extack, const struct nlattr *attr, int err, const char *why)
{
	if (extack) {
		extack->_msg = why;
		if (attr)
			extack->bad_attr = attr;
	}
	return err;
}

/* GENL_ADMIN_PERM asks for CAP_NET_ADMIN only, which people give to things that must not read a guest's memory. */
static int check_rights(const struct sk_buff *skb, struct netlink_ext_ack *extack)
{
	if (!netlink_capable(skb, CAP_SYS_ADMIN))
		return refuse(extack, NULL, -EPERM, "needs CAP_SYS_ADMIN in the initial user namespace");
	return 0;
}

/* Take a reference of the session that a request names. */
static int find_session(struct sk_buff *skb, struct genl_info *info, struct zkz_session **session)
{
	int ret = check_rights(skb, info->extack);

	if (ret)
		return ret;
	if (GENL_REQ_ATTR_CHECK(info, ZKZ_A_SESSION_ID))
		return refuse(info->extack, NULL, -EINVAL, "session id is missing");
	*session = zkz_session_get(nla_get_u32(info->attrs[ZKZ_A_SESSION_ID]));
	if (!*session)
		return refuse(info->extack, info->attrs[ZKZ_A_SESSION_ID], -ENOENT, "no such session");
	return 0;
}

static int take_memory(struct genl_info *info, struct zkz_session_args *args)
{
	struct nlattr *attr = info->attrs[ZKZ_A_SESSION_MEMORY_FD];
	bool target = args->role == ZKZ_ROLE_TARGET;

	args->file = fget(nla_get_s32(attr));
	if (!args->file)
		return refuse(info->extack, attr, -EBADF, "memory descriptor is not open");
	if (!zkz_mem_from_file(args->file))
		return refuse(info->extack, attr, -EINVAL, "memory descriptor is not a regular file of zkzfs");
	if (!(args->file->f_mode & (target ? FMODE_WRITE : FMODE_READ)))
		return refuse(info->extack, attr, -EACCES, target ? "memory of a target must be open for writing" :
			      "memory of a source must be open for reading");
	return 0;
}

static int take_socket(struct genl_info *info, struct zkz_session_args *args, const struct nlattr *attr)
{
	struct netlink_ext_ack *extack = info->extack;
	struct socket *sock;
	const struct sock *sk;
	unsigned int i;
	int err;

	if (args->nr_socks == ZKZ_MAX_STREAMS)
		return refuse(extack, attr, -E2BIG, "more than 16 streams");
	sock = sockfd_lookup(nla_get_s32(attr), &err);
	if (!sock)
		return refuse(extack, attr, err, err == -ENOTSOCK ? "stream descriptor is not a socket" :
			      "stream descriptor is not open");
	for (i = 0; i < args->nr_socks; i++) {
		if (args->socks[i] == sock) {
			sockfd_put(sock);
			return refuse(extack, attr, -EINVAL, "the same socket is given twice");
		}
	}
	args->socks[args->nr_socks++] = sock;
	sk = sock->sk;
	if ((sk->sk_family != AF_INET && sk->sk_family != AF_INET6) || sk->sk_type != SOCK_STREAM ||
	    sk->sk_protocol != IPPROTO_TCP)
		return refuse(extack, attr, -EPROTONOSUPPORT, "stream is not a TCP socket");
	if (READ_ONCE(sk->sk_state) != TCP_ESTABLISHED)
		return refuse(extack, attr, -ENOTCONN, "stream is not connected");
	return 0;
}

static int take_sockets(struct genl_info *info, struct zkz_session_args *args)
{
	const struct nlattr *attr;
	int rem, ret;

	/* the parsed table keeps the last of several only */
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != ZKZ_A_SESSION_STREAM_FD)
			continue;
		ret = take_socket(info, args, attr);
		if (ret)
			return ret;
	}
	return 0;
}

static void put_args(struct zkz_session_args *args)
{
	while (args->nr_socks)
		sockfd_put(args->socks[--args->nr_socks]);
	if (args->file)
		fput(args->file);
}

/* Which attributes must be there, and what is said if one is not. */
static int check_new(struct genl_info *info)
{
	static const struct {
		int attr;
		const char *why;
	} needed[] = {
		{ ZKZ_A_SESSION_ROLE, "role is missing" },
		{ ZKZ_A_SESSION_MEMORY_FD, "memory descriptor is missing" },
		{ ZKZ_A_SESSION_STREAM_FD, "a stream descriptor is missing" },
		{ ZKZ_A_SESSION_COOKIE, "cookie is missing" },
	};
	const struct nlattr *attr;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(needed); i++) {
		if (GENL_REQ_ATTR_CHECK(info, needed[i].attr))
			return refuse(info->extack, NULL, -EINVAL, needed[i].why);
	}
	attr = info->attrs[ZKZ_A_SESSION_TIMEOUT_MS];
	if (attr && (nla_get_u32(attr) < ZKZ_TIMEOUT_MS_MIN || nla_get_u32(attr) > ZKZ_TIMEOUT_MS_MAX))
		return refuse(info->extack, attr, -ERANGE, "timeout is not between 1000 and 600000 ms");
	return 0;
}

static int answer_id(struct genl_info *info, u32 id)
{
	struct sk_buff *msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *head;

	if (!msg)
		return -ENOMEM;
	head = genlmsg_put_reply(msg, info, &zkz_nl_family, 0, ZKZ_CMD_SESSION_NEW);
	if (!head || nla_put_u32(msg, ZKZ_A_SESSION_ID, id)) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, head);
	return genlmsg_reply(msg, info);
}

int zkz_nl_session_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct zkz_session_args args = {
		.net = genl_info_net(info),
		.portid = info->snd_portid,
		.timeout_ms = DEFAULT_TIMEOUT_MS,
	};
	const char *why = NULL;
	u32 id;
	int ret;

	ret = check_rights(skb, info->extack) ?: check_new(info);
	if (ret)
		return ret;
	args.role = nla_get_u32(info->attrs[ZKZ_A_SESSION_ROLE]);
	args.cookie = nla_get_u64(info->attrs[ZKZ_A_SESSION_COOKIE]);
	args.zero_detect = nla_get_flag(info->attrs[ZKZ_A_SESSION_ZERO_DETECT]);
	if (info->attrs[ZKZ_A_SESSION_STREAM_LIMIT])
		args.stream_limit = nla_get_u64(info->attrs[ZKZ_A_SESSION_STREAM_LIMIT]);
	if (info->attrs[ZKZ_A_SESSION_TIMEOUT_MS])
		args.timeout_ms = nla_get_u32(info->attrs[ZKZ_A_SESSION_TIMEOUT_MS]);

	ret = take_memory(info, &args) ?: take_sockets(info, &args);
	if (ret)
		goto out;
	ret = zkz_session_create(&args, &id, &why);
	if (ret) {
		refuse(info->extack, NULL, ret, why);
		goto out;
	}
	ret = answer_id(info, id);
	if (ret) {
		struct zkz_session *session = zkz_session_get(id);

		/* nobody would know its number */
		if (session) {
			zkz_session_abort(session, "the answer to session-new could not be sent");
			zkz_session_put(session);
		}
	}
out:
	put_args(&args);
	return ret;
}

/* The end of a request about a session: its refusal, if there is one, and the reference. */
static int done_with(struct zkz_session *session, struct genl_info *info, int ret, const char *why)
{
	if (ret)
		refuse(info->extack, info->attrs[ZKZ_A_SESSION_ID], ret, why);
	zkz_session_put(session);
	return ret;
}

int zkz_nl_session_pass_doit(struct sk_buff *skb, struct genl_info *info)
{
	bool final = nla_get_flag(info->attrs[ZKZ_A_SESSION_FINAL]);
	bool fetch = nla_get_flag(info->attrs[ZKZ_A_SESSION_FETCH]);
	const struct nlattr *slow = info->attrs[ZKZ_A_SESSION_SLOW];
	struct zkz_session *session;
	const char *why;
	int ret;

	ret = find_session(skb, info, &session);
	if (ret)
		return ret;
	ret = zkz_session_start_pass(session, final, fetch, slow ? nla_get_u32(slow) : 0, &why);
	return done_with(session, info, ret, why);
}

int zkz_nl_session_resume_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct zkz_session_args args = { };
	struct zkz_session *session;
	const char *why;
	int ret;

	ret = find_session(skb, info, &session);
	if (ret)
		return ret;
	if (!info->attrs[ZKZ_A_SESSION_STREAM_FD])
		ret = refuse(info->extack, NULL, -EINVAL, "a stream descriptor is missing");
	else
		ret = take_sockets(info, &args);
	if (ret) {
		zkz_session_put(session);
	} else {
		ret = zkz_session_resume(session, args.socks, args.nr_socks, &why);
		ret = done_with(session, info, ret, why);
	}
	put_args(&args);
	return ret;
}

/* A reason travels to the peer and into logs: it must be text there. */
static bool printable(const char *text)
{
	return zkz_wire_check_reason((const u8 *)text, strlen(text)) == ZKZ_WIRE_OK;
}

int zkz_nl_session_abort_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *attr = info->attrs[ZKZ_A_SESSION_REASON];
	struct zkz_session *session;
	int ret = check_rights(skb, info->extack);

	if (ret)
		return ret;
	if (attr && !printable(nla_data(attr)))
		return refuse(info->extack, attr, -EINVAL, "reason is not printable ASCII");
	ret = find_session(skb, info, &session);
	if (ret)
		return ret;
	ret = zkz_session_abort(session, attr ? nla_data(attr) : "aborted");
	return done_with(session, info, ret ? -ENOENT : 0, "no such session");
}

int zkz_nl_session_close_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct zkz_session *session;
	const char *why;
	int ret;

	ret = find_session(skb, info, &session);
	if (ret)
		return ret;
	ret = zkz_session_close(session, &why);
	return done_with(session, info, ret, why);
}

int zkz_nl_session_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct zkz_session *session;
	struct sk_buff *msg;
	void *head;
	int ret;

	ret = find_session(skb, info, &session);
	if (ret)
		return ret;
	ret = -ENOMEM;
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		goto out;
	ret = -EMSGSIZE;
	head = genlmsg_put_reply(msg, info, &zkz_nl_family, 0, ZKZ_CMD_SESSION_GET);
	if (!head || zkz_event_fill(session, msg)) {
		nlmsg_free(msg);
		goto out;
	}
	genlmsg_end(msg, head);
	ret = genlmsg_reply(msg, info);
out:
	zkz_session_put(session);
	return ret;
}

static void *begin_entry(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	return genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &zkz_nl_family, NLM_F_MULTI, cmd);
}

/* An entry is complete, or taken back because it did not fit (@ret). */
static int end_entry(struct sk_buff *skb, void *head, int ret)
{
	if (!head)
		return -EMSGSIZE;
	if (ret)
		genlmsg_cancel(skb, head);
	else
		genlmsg_end(skb, head);
	return ret;
}

/* What is in a full message goes out; the rest comes with the next call. */
static int end_dump(struct sk_buff *skb, int ret)
{
	if (ret == -EMSGSIZE && skb->len)
		ret = 0;
	return ret ?: skb->len;
}

int zkz_nl_session_list_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	int ret = check_rights(cb->skb, cb->extack);
	struct zkz_session *session;
	u32 id = cb->args[0];
	void *head;

	while (!ret && (session = zkz_session_next(&id))) {
		head = begin_entry(skb, cb, ZKZ_CMD_SESSION_LIST);
		ret = end_entry(skb, head, head ? zkz_event_fill(session, skb) : 0);
		zkz_session_put(session);
		if (!ret)
			id++;
	}
	cb->args[0] = id;
	return end_dump(skb, ret);
}

static int fill_memory(struct sk_buff *skb, const struct zkz_mem_info *mem)
{
	u32 id = mem->claimed ? zkz_session_of_mem(mem->mem) : 0;

	if (nla_put_u64_64bit(skb, ZKZ_A_MEMORY_INODE, mem->ino, ZKZ_A_MEMORY_PAD) ||
	    nla_put_string(skb, ZKZ_A_MEMORY_NAME, mem->name) ||
	    nla_put_u64_64bit(skb, ZKZ_A_MEMORY_SIZE, mem->pages * PAGE_SIZE, ZKZ_A_MEMORY_PAD) ||
	    nla_put_u64_64bit(skb, ZKZ_A_MEMORY_RESIDENT_PAGES, mem->present, ZKZ_A_MEMORY_PAD) ||
	    nla_put_u64_64bit(skb, ZKZ_A_MEMORY_HUGE_FOLIOS, mem->huge, ZKZ_A_MEMORY_PAD) ||
	    nla_put_u64_64bit(skb, ZKZ_A_MEMORY_MISSING_PAGES, mem->absent, ZKZ_A_MEMORY_PAD) ||
	    (mem->tracked && nla_put_flag(skb, ZKZ_A_MEMORY_TRACKED)) ||
	    (id && nla_put_u32(skb, ZKZ_A_MEMORY_SESSION_ID, id)))
		return -EMSGSIZE;
	return 0;
}

int zkz_nl_memory_list_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	int ret = check_rights(cb->skb, cb->extack);
	struct zkz_mem_info mem;
	u64 after = cb->args[0];
	void *head;

	while (!ret && zkz_mem_info_after(after, &mem)) {
		head = begin_entry(skb, cb, ZKZ_CMD_MEMORY_LIST);
		ret = end_entry(skb, head, head ? fill_memory(skb, &mem) : 0);
		if (!ret)
			after = mem.id;
	}
	cb->args[0] = after;
	return end_dump(skb, ret);
}

/* A netlink socket closed. Its sessions end in a workqueue: whoever closes a socket should not wait for that. */
static int socket_closed(struct notifier_block *block, unsigned long what, void *data)
{
	const struct netlink_notify *notify = data;

	if (what == NETLINK_URELEASE && notify->protocol == NETLINK_GENERIC)
		zkz_session_abandon(notify->net, notify->portid);
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = socket_closed };

/**
 * zkz_netlink_init() - open for requests
 *
 * Return: 0 or a negative error.
 */
int __init zkz_netlink_init(void)
{
	int ret;

	ret = zkz_sessions_init();
	if (ret)
		return ret;
	ret = netlink_register_notifier(&notifier);
	if (ret)
		goto err_sessions;
	ret = genl_register_family(&zkz_nl_family);
	if (ret)
		goto err_notifier;
	return 0;

err_notifier:
	netlink_unregister_notifier(&notifier);
err_sessions:
	zkz_sessions_exit();
	return ret;
}

/**
 * zkz_netlink_exit() - undo zkz_netlink_init()
 */
void zkz_netlink_exit(void)
{
	genl_unregister_family(&zkz_nl_family);
	netlink_unregister_notifier(&notifier);
	zkz_sessions_exit();
}
