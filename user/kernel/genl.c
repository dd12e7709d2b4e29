// SPDX-License-Identifier: GPL-2.0
#include "kernel/genl.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/zkz.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "lib/io.h"

/* The module answers at once, except that "abort" waits for its threads. */
#define ANSWER_MS	30000

/* Room for bursts of events while the worker does something else. */
#define EVENT_BUFFER	(512 * 1024)

struct family {
	uint16_t id;
	uint32_t group;
};

static int collect(const struct nlattr *attr, void *data)
{
	const struct nlattr **tb = data;

	if (mnl_attr_get_type(attr) <= CTRL_ATTR_MAX)
		tb[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static void take_group(const struct nlattr *grp, struct family *f)
{
	const struct nlattr *attr;
	const char *name = NULL;
	uint32_t id = 0;

	mnl_attr_for_each_nested(attr, grp) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_NAME &&
		    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
			name = mnl_attr_get_str(attr);
		else if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID &&
			 mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
			id = mnl_attr_get_u32(attr);
	}
	if (name && !strcmp(name, ZKZ_MCGRP_EVENTS))
		f->group = id;
}

static void take_family(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[CTRL_ATTR_MAX + 1] = { NULL };
	struct family *f = arg;
	const struct nlattr *grp;

	mnl_attr_parse(nlh, sizeof(struct genlmsghdr), collect, tb);
	if (tb[CTRL_ATTR_FAMILY_ID] &&
	    mnl_attr_validate(tb[CTRL_ATTR_FAMILY_ID], MNL_TYPE_U16) >= 0)
		f->id = mnl_attr_get_u16(tb[CTRL_ATTR_FAMILY_ID]);
	if (!tb[CTRL_ATTR_MCAST_GROUPS])
		return;
	mnl_attr_for_each_nested(grp, tb[CTRL_ATTR_MCAST_GROUPS])
		take_group(grp, f);
}

static struct nlmsghdr *begin(struct genl *g, uint16_t type, uint8_t cmd,
			      uint8_t version, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(g->req);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++g->seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = version;
	return nlh;
}

struct nlmsghdr *genl_begin(struct genl *g, uint8_t cmd, bool dump)
{
	return begin(g, g->family, cmd, ZKZ_FAMILY_VERSION,
		     dump ? NLM_F_DUMP : NLM_F_ACK);
}

/* The sentence that the module attached to its refusal, or NULL */
static const char *extack_text(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	size_t skip = sizeof(*e);
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += e->msg.nlmsg_len - sizeof(e->msg);
	if (mnl_nlmsg_get_payload_len(nlh) <= skip)
		return NULL;
	mnl_attr_for_each(attr, nlh, skip)
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG &&
		    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
			return mnl_attr_get_str(attr);
	return NULL;
}

static int refused(const struct nlmsghdr *nlh, const char *what, struct zkz_err *err)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	const char *text = extack_text(nlh);

	if (e->error == 0)
		return 0;
	errno = -e->error;
	if (text)
		return err_set(err, ERR_KERNEL, "The kernel module refused to %s: %s",
			       what, text);
	return err_errno(err, ERR_KERNEL, -e->error, "The kernel module refused to %s", what);
}

/* Return: 1 to read on, 0 when the answer is complete, -1 on refusal. */
static int take_message(const struct nlmsghdr *nlh, uint16_t wanted, const char *what,
			genl_fn fn, void *arg, struct zkz_err *err)
{
	if (nlh->nlmsg_type == NLMSG_ERROR)
		return refused(nlh, what, err);
	if (nlh->nlmsg_type == NLMSG_DONE) {
		const int *rc = mnl_nlmsg_get_payload(nlh);

		if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(*rc) && *rc < 0)
			return err_errno(err, ERR_KERNEL, -*rc,
					 "The kernel module failed to %s", what);
		return 0;
	}
	if (nlh->nlmsg_type == wanted && fn &&
	    mnl_nlmsg_get_payload_len(nlh) >= sizeof(struct genlmsghdr))
		fn(nlh, arg);
	return 1;
}

static int call(struct genl *g, struct nlmsghdr *nlh, const char *what,
		genl_fn fn, void *arg, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(ANSWER_MS);
	uint16_t wanted = nlh->nlmsg_type;
	uint32_t seq = nlh->nlmsg_seq;

	if (mnl_socket_sendto(g->cmd, nlh, nlh->nlmsg_len) < 0)
		return err_errno(err, ERR_KERNEL, errno, "Cannot ask the kernel to %s", what);
	for (;;) {
		const struct nlmsghdr *ans = &g->reply_align;
		ssize_t got;
		int len, rc;

		if (io_wait(mnl_socket_get_fd(g->cmd), POLLIN, dl) < 0)
			return err_errno(err, ERR_KERNEL, errno,
					 "No answer from the kernel to '%s'", what);
		got = mnl_socket_recvfrom(g->cmd, g->reply, sizeof(g->reply));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(err, ERR_KERNEL, errno,
					 "Cannot read the kernel's answer to '%s'", what);
		for (len = got; mnl_nlmsg_ok(ans, len); ans = mnl_nlmsg_next(ans, &len)) {
			if (ans->nlmsg_seq != seq)
				continue;	/* of a request that timed out */
			rc = take_message(ans, wanted, what, fn, arg, err);
			if (rc <= 0)
				return rc;
		}
	}
}

int genl_call(struct genl *g, struct nlmsghdr *nlh, const char *what,
	      genl_fn fn, void *arg, struct zkz_err *err)
{
	return call(g, nlh, what, fn, arg, err);
}

static struct mnl_socket *open_socket(struct zkz_err *err)
{
	struct mnl_socket *s = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	int one = 1;

	if (!s || mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0) {
		err_errno(err, ERR_KERNEL, errno, "Cannot open a netlink socket");
		if (s)
			mnl_socket_close(s);
		return NULL;
	}
	mnl_socket_setsockopt(s, NETLINK_EXT_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(s, NETLINK_CAP_ACK, &one, sizeof(one));
	return s;
}

static int resolve(struct genl *g, struct zkz_err *err)
{
	struct family f = { 0 };
	struct nlmsghdr *nlh;

	nlh = begin(g, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, NLM_F_ACK);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, ZKZ_FAMILY_NAME);
	if (call(g, nlh, "name its interface", take_family, &f, err) || !f.id || !f.group) {
		err_set(err, ERR_MODULE_MISSING, "The kernel module zkz is not loaded");
		return err_remedy(err, "Load it: modprobe zkz.");
	}
	g->family = f.id;
	if (mnl_socket_setsockopt(g->events, NETLINK_ADD_MEMBERSHIP, &f.group,
				  sizeof(f.group)))
		return err_errno(err, ERR_KERNEL, errno,
				 "Cannot subscribe to events of the kernel module");
	return 0;
}

struct genl *genl_open(struct zkz_err *err)
{
	struct genl *g = calloc(1, sizeof(*g));
	int size = EVENT_BUFFER;

	if (!g) {
		err_set(err, ERR_NO_MEMORY, "No memory for a netlink connection");
		return NULL;
	}
	g->cmd = open_socket(err);
	g->events = g->cmd ? open_socket(err) : NULL;
	if (!g->events)
		goto fail;
	setsockopt(mnl_socket_get_fd(g->events), SOL_SOCKET, SO_RCVBUFFORCE, &size,
		   sizeof(size));
	if (resolve(g, err))
		goto fail;
	return g;
fail:
	genl_close(g);
	return NULL;
}

void genl_close(struct genl *g)
{
	if (!g)
		return;
	if (g->events)
		mnl_socket_close(g->events);
	if (g->cmd)
		mnl_socket_close(g->cmd);
	free(g);
}

int genl_events_fd(const struct genl *g)
{
	return mnl_socket_get_fd(g->events);
}

int genl_event(struct genl *g, genl_fn fn, void *arg, bool *lost, struct zkz_err *err)
{
	const struct nlmsghdr *nlh = &g->reply_align;
	ssize_t got;
	int len;

	got = recv(mnl_socket_get_fd(g->events), g->reply, sizeof(g->reply), MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got < 0 && errno == ENOBUFS) {
		*lost = true;
		return 1;
	}
	if (got < 0)
		return err_errno(err, ERR_KERNEL, errno,
				 "Cannot read events of the kernel module");
	for (len = got; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len))
		if (nlh->nlmsg_type == g->family &&
		    mnl_nlmsg_get_payload_len(nlh) >= sizeof(struct genlmsghdr))
			fn(nlh, arg);
	return 1;
}
