// SPDX-License-Identifier: GPL-2.0
#include "kernel/genl.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/zkz.h>
#include <netlink/cache.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/family.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/time.h>

#include "kernel/extack.h"
#include "lib/io.h"

/* Version of the family from which on it has all that is asked of it here. */
#define NEEDED		1

/* The module answers at once, except that "abort" waits for its threads. */
#define ANSWER_S	30

/* Room for bursts of events while the worker does something else. */
#define EVENT_BUFFER	(512 * 1024)

struct nl_msg *genl_begin(struct genl *g, uint8_t cmd, bool dump)
{
	nlmsg_hdr(g->req)->nlmsg_len = NLMSG_HDRLEN;
	genlmsg_put(g->req, NL_AUTO_PORT, NL_AUTO_SEQ, g->family, 0,
		    dump ? NLM_F_DUMP : 0, cmd, ZKZ_FAMILY_VERSION);
	return g->req;
}

/*
 * Take one datagram, without waiting. What other processes send is not read.
 *
 * Return: its length, 0 if nothing is there, -1 with errno on failure.
 */
static ssize_t receive(struct genl *g, struct nl_sock *s)
{
	struct sockaddr_nl from = { 0 };
	socklen_t len = sizeof(from);
	ssize_t got;

	got = recvfrom(nl_socket_get_fd(s), g->reply, sizeof(g->reply),
		       MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&from, &len);
	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if ((size_t)got > sizeof(g->reply)) {
		errno = EMSGSIZE;
		return -1;
	}
	return from.nl_pid ? 0 : got;
}

static int malformed(enum err_request what, struct zkz_err *err)
{
	return err_kernel_answer(err, what, EBADMSG);
}

static int refused(struct genl *g, struct nlmsghdr *nlh, enum err_request what,
		   struct zkz_err *err)
{
	struct extack ack;

	if (extack_read(nlh, nlmsg_hdr(g->req), &ack))
		return malformed(what, err);
	if (!ack.error)
		return 0;
	errno = ack.error;
	if (!ack.text)
		return err_kernel_refused(err, what, ack.error);
	if (!ack.attr)
		return err_kernel(err, what, ack.text);
	return err_kernel_attribute(err, what, ack.text, ack.attr);
}

/* Return: 1 to read on, 0 when the answer is complete, -1 on refusal. */
static int take_message(struct genl *g, struct nlmsghdr *nlh, enum err_request what,
			genl_fn fn, void *arg, struct zkz_err *err)
{
	const int *rc = nlmsg_data(nlh);

	if (nlh->nlmsg_type == NLMSG_ERROR)
		return refused(g, nlh, what, err);
	if (nlh->nlmsg_type == NLMSG_DONE && nlmsg_datalen(nlh) >= (int)sizeof(*rc) && *rc < 0)
		return err_kernel_failed(err, what, -*rc);
	if (nlh->nlmsg_type == NLMSG_DONE)
		return 0;
	if (nlh->nlmsg_type == g->family && fn && fn(nlh, arg) < 0)
		return malformed(what, err);
	return 1;
}

int genl_call(struct genl *g, enum err_request what, genl_fn fn, void *arg, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(ANSWER_S * 1000);
	int rc = nl_send_auto(g->cmd, g->req);

	if (rc < 0)
		return err_kernel_ask(err, what, nl_geterror(rc));
	for (;;) {
		struct nlmsghdr *nlh = &g->reply_align;
		int len;

		if (io_wait(nl_socket_get_fd(g->cmd), POLLIN, dl) < 0)
			return err_kernel_silent(err, what, errno);
		len = receive(g, g->cmd);
		if (len < 0)
			return err_kernel_answer(err, what, errno);
		for (; nlmsg_ok(nlh, len); nlh = nlmsg_next(nlh, &len)) {
			if (nlh->nlmsg_seq != nlmsg_hdr(g->req)->nlmsg_seq)
				continue;	/* of a request that timed out */
			rc = take_message(g, nlh, what, fn, arg, err);
			if (rc <= 0)
				return rc;
		}
	}
}

static struct nl_sock *open_socket(struct zkz_err *err)
{
	const struct timeval patience = { .tv_sec = ANSWER_S };
	struct nl_sock *s = nl_socket_alloc();
	int rc = s ? genl_connect(s) : -NLE_NOMEM;
	int one = 1, fd;

	if (rc < 0) {
		err_kernel_socket(err, nl_geterror(rc));
		nl_socket_free(s);
		return NULL;
	}
	fd = nl_socket_get_fd(s);
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	/* for the requests that libnl makes by itself */
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return s;
}

int genl_fits(unsigned int version, struct zkz_err *err)
{
	return version < NEEDED ? err_module_old(err, version, NEEDED) : 0;
}

/* Return: the version of the family, whose number is noted; -1 if there is none. */
static int find_family(struct genl *g)
{
	struct genl_family *f;
	struct nl_cache *all;
	int version = -1;

	if (genl_ctrl_alloc_cache(g->cmd, &all) < 0)
		return -1;
	f = genl_ctrl_search_by_name(all, ZKZ_FAMILY_NAME);
	if (f) {
		g->family = (int)genl_family_get_id(f);
		version = genl_family_get_version(f);
		genl_family_put(f);
	}
	nl_cache_free(all);
	return version;
}

static int resolve(struct genl *g, struct zkz_err *err)
{
	int version = find_family(g), group = -1, rc;

	if (version >= 0)
		group = genl_ctrl_resolve_grp(g->cmd, ZKZ_FAMILY_NAME, ZKZ_MCGRP_EVENTS);
	if (group < 0)
		return err_module_not_loaded(err);
	if (genl_fits((unsigned int)version, err))
		return -1;
	rc = nl_socket_add_membership(g->events, group);
	if (rc < 0)
		return err_kernel_subscribe(err, nl_geterror(rc));
	return 0;
}

struct genl *genl_open(struct zkz_err *err)
{
	struct genl *g = calloc(1, sizeof(*g));
	int size = EVENT_BUFFER;

	if (g)
		g->req = nlmsg_alloc_size(GENL_BUFFER);
	if (!g || !g->req) {
		err_no_memory(err);
		goto fail;
	}
	g->cmd = open_socket(err);
	g->events = g->cmd ? open_socket(err) : NULL;
	if (!g->events)
		goto fail;
	setsockopt(nl_socket_get_fd(g->events), SOL_SOCKET, SO_RCVBUFFORCE, &size,
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
	nl_socket_free(g->events);
	nl_socket_free(g->cmd);
	nlmsg_free(g->req);
	free(g);
}

int genl_events_fd(const struct genl *g)
{
	return nl_socket_get_fd(g->events);
}

int genl_event(struct genl *g, genl_fn fn, void *arg, bool *lost, struct zkz_err *err)
{
	struct nlmsghdr *nlh = &g->reply_align;
	int len = receive(g, g->events);

	if (!len)
		return 0;
	if (len < 0 && errno == ENOBUFS) {
		*lost = true;
		return 1;
	}
	if (len < 0)
		return err_kernel_events(err, errno);
	for (; nlmsg_ok(nlh, len); nlh = nlmsg_next(nlh, &len))
		if (nlh->nlmsg_type == g->family && fn(nlh, arg) < 0)
			*lost = true;
	return 1;
}
