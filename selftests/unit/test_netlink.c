// SPDX-License-Identifier: GPL-2.0
/* What is read from messages of the kernel module, and that no message is read beyond its end. */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/zkz.h>
#include <netlink/genl/genl.h>
#include <stdlib.h>

#include "kernel/extack.h"
#include "kernel/genl.h"
#include "kernel/session.h"
#include "unit.h"

#define SENTENCE	"no such session"

/* A request with one attribute */
static struct nl_msg *request(void)
{
	struct nl_msg *msg = nlmsg_alloc();

	genlmsg_put(msg, 1, 1, 4711, 0, NLM_F_REQUEST, ZKZ_CMD_SESSION_GET, ZKZ_FAMILY_VERSION);
	nla_put_u32(msg, ZKZ_A_SESSION_ID, 7);
	return msg;
}

/* The kernel's answer to it: an error, and with NETLINK_CAP_ACK not the whole request */
static struct nl_msg *answer(struct nl_msg *req, int error, bool capped)
{
	struct nlmsgerr e = { .error = error, .msg = *nlmsg_hdr(req) };
	struct nl_msg *msg = nlmsg_alloc();

	nlmsg_put(msg, 1, 1, NLMSG_ERROR, 0, NLM_F_ACK_TLVS | (capped ? NLM_F_CAPPED : 0));
	nlmsg_append(msg, &e, sizeof(e), NLMSG_ALIGNTO);
	if (!capped)
		nlmsg_append(msg, nlmsg_data(nlmsg_hdr(req)), nlmsg_datalen(nlmsg_hdr(req)), NLMSG_ALIGNTO);
	return msg;
}

static void check_refusal(bool capped)
{
	struct nl_msg *req = request(), *ans = answer(req, -ENOENT, capped);
	struct extack ack;

	nla_put_string(ans, NLMSGERR_ATTR_MSG, SENTENCE);
	nla_put_u32(ans, NLMSGERR_ATTR_OFFS, NLMSG_HDRLEN + GENL_HDRLEN);
	CHECK_INT(extack_read(nlmsg_hdr(ans), nlmsg_hdr(req), &ack), 0);
	CHECK_INT(ack.error, ENOENT);
	CHECK_STR(ack.text, SENTENCE);
	CHECK_INT(ack.attr, ZKZ_A_SESSION_ID);
	nlmsg_free(ans);
	nlmsg_free(req);
}

TEST(refusal_tells_sentence_and_attribute)
{
	check_refusal(true);
	check_refusal(false);
}

TEST(refusal_tells_what_is_missing)
{
	struct nl_msg *req = request(), *ans = answer(req, -EINVAL, true);
	struct extack ack;

	nla_put_u32(ans, NLMSGERR_ATTR_MISS_TYPE, ZKZ_A_SESSION_ROLE);
	CHECK_INT(extack_read(nlmsg_hdr(ans), nlmsg_hdr(req), &ack), 0);
	CHECK(!ack.text);
	CHECK_INT(ack.attr, ZKZ_A_SESSION_ROLE);
	nlmsg_free(ans);
	nlmsg_free(req);
}

TEST(a_module_that_is_too_old_is_refused)
{
	struct zkz_err err = { 0 };

	CHECK_INT(genl_fits(ZKZ_FAMILY_VERSION, &err), 0);
	CHECK_INT(genl_fits(ZKZ_FAMILY_VERSION + 1, &err), 0);
	CHECK_INT(genl_fits(0, &err), -1);
	CHECK(err_is(&err, ERR_MODULE_OLD));
	CHECK_HAS(err.text, "version 0");
	CHECK_HAS(err.remedy, "zkz upgrade --module");
}

TEST(success_is_no_refusal)
{
	struct nl_msg *req = request(), *ans = answer(req, 0, true);
	struct extack ack;

	CHECK_INT(extack_read(nlmsg_hdr(ans), nlmsg_hdr(req), &ack), 0);
	CHECK_INT(ack.error, 0);
	CHECK_INT(ack.attr, 0);
	nlmsg_free(ans);
	nlmsg_free(req);
}

TEST(attribute_beyond_the_request)
{
	static const uint32_t offset[] = { 0, 1, NLMSG_HDRLEN, 4096, 0xffffffff };
	size_t i;

	for (i = 0; i < sizeof(offset) / sizeof(offset[0]); i++) {
		struct nl_msg *req = request(), *ans = answer(req, -EINVAL, true);
		struct extack ack;

		nla_put_u32(ans, NLMSGERR_ATTR_OFFS, offset[i]);
		CHECK_INT(extack_read(nlmsg_hdr(ans), nlmsg_hdr(req), &ack), 0);
		CHECK_INT(ack.attr, 0);
		nlmsg_free(ans);
		nlmsg_free(req);
	}
}

TEST(malformed_refusals)
{
	struct nl_msg *req = request(), *ans = answer(req, -EINVAL, true);
	struct extack ack;

	/* a sentence without its end, an offset of two bytes, an error that is none */
	nla_put(ans, NLMSGERR_ATTR_MSG, 4, "text");
	CHECK_INT(extack_read(nlmsg_hdr(ans), nlmsg_hdr(req), &ack), -1);
	nlmsg_free(ans);
	ans = answer(req, -EINVAL, true);
	nla_put_u16(ans, NLMSGERR_ATTR_OFFS, 20);
	CHECK_INT(extack_read(nlmsg_hdr(ans), nlmsg_hdr(req), &ack), -1);
	nlmsg_free(ans);
	ans = answer(req, EINVAL, true);
	CHECK_INT(extack_read(nlmsg_hdr(ans), nlmsg_hdr(req), &ack), -1);
	nlmsg_free(ans);
	/* it claims to repeat more of the request than there is */
	ans = answer(req, -EINVAL, false);
	((struct nlmsgerr *)nlmsg_data(nlmsg_hdr(ans)))->msg.nlmsg_len = 0xfffffff0;
	CHECK_INT(extack_read(nlmsg_hdr(ans), nlmsg_hdr(req), &ack), -1);
	nlmsg_free(ans);
	nlmsg_free(req);
}

/* A message of the module, in memory that ends where it does: what is read beyond is seen. */
static struct nlmsghdr *exact(struct nl_msg *msg, size_t len)
{
	struct nlmsghdr *copy = malloc(len);

	memcpy(copy, nlmsg_hdr(msg), len);
	copy->nlmsg_len = len;
	return copy;
}

TEST(refusals_cut_anywhere)
{
	struct nl_msg *req = request(), *ans = answer(req, -ENOENT, true);
	size_t len;

	nla_put_string(ans, NLMSGERR_ATTR_MSG, SENTENCE);
	nla_put_u32(ans, NLMSGERR_ATTR_OFFS, NLMSG_HDRLEN + GENL_HDRLEN);
	for (len = NLMSG_HDRLEN; len < nlmsg_hdr(ans)->nlmsg_len; len++) {
		struct nlmsghdr *cut = exact(ans, len);
		struct extack ack;

		if (!extack_read(cut, nlmsg_hdr(req), &ack) && ack.text)
			CHECK_STR(ack.text, SENTENCE);
		free(cut);
	}
	nlmsg_free(ans);
	nlmsg_free(req);
}

static struct nl_msg *session_msg(void)
{
	struct nl_msg *msg = nlmsg_alloc();

	genlmsg_put(msg, 0, 1, 4711, 0, 0, ZKZ_CMD_SESSION_GET, ZKZ_FAMILY_VERSION);
	nla_put_u32(msg, ZKZ_A_SESSION_ID, 7);
	nla_put_u32(msg, ZKZ_A_SESSION_STATE, ZKZ_STATE_FAILED);
	nla_put_s32(msg, ZKZ_A_SESSION_ERROR, -EPIPE);
	return msg;
}

TEST(session_is_read)
{
	struct nl_msg *msg = session_msg();
	struct session_info info;
	uint64_t latency[SESSION_BUCKETS] = { [3] = 9 };
	struct nlattr *nest;

	nla_put(msg, ZKZ_A_SESSION_PAD, 0, NULL);
	nla_put_u64(msg, ZKZ_A_SESSION_COOKIE, UINT64_C(0x1122334455667788));
	nla_put_string(msg, ZKZ_A_SESSION_REASON, "the link is gone");
	nla_put(msg, ZKZ_A_SESSION_FAULT_LATENCY, sizeof(latency), latency);
	nest = nla_nest_start(msg, ZKZ_A_SESSION_COUNTERS);
	nla_put(msg, ZKZ_A_COUNTERS_PAD, 0, NULL);
	nla_put_u64(msg, ZKZ_A_COUNTERS_PAGES_POISON, 5);
	nla_nest_end(msg, nest);
	/* one of a newer module */
	nla_put_u32(msg, ZKZ_A_SESSION_MAX + 1, 1);
	CHECK_INT(session_read(nlmsg_hdr(msg), &info), 0);
	CHECK_INT(info.id, 7);
	CHECK_INT(info.state, ZKZ_STATE_FAILED);
	CHECK_INT(info.error, -EPIPE);
	CHECK(info.cookie == UINT64_C(0x1122334455667788));
	CHECK_STR(info.reason, "the link is gone");
	CHECK_INT(info.latency[3], 9);
	CHECK_INT(info.counters[ZKZ_A_COUNTERS_PAGES_POISON], 5);
	CHECK_INT(info.counters[ZKZ_A_COUNTERS_PAGES_DATA], 0);
	nlmsg_free(msg);
}

TEST(sessions_cut_anywhere)
{
	struct nl_msg *msg = session_msg();
	struct session_info info;
	size_t len;

	nla_put_string(msg, ZKZ_A_SESSION_REASON, "the link is gone");
	for (len = NLMSG_HDRLEN; len < nlmsg_hdr(msg)->nlmsg_len; len++) {
		struct nlmsghdr *cut = exact(msg, len);

		session_read(cut, &info);
		free(cut);
	}
	nlmsg_free(msg);
}

static int with(int attr, int len, const void *data)
{
	struct nl_msg *msg = session_msg();
	struct session_info info;
	int rc;

	nla_put(msg, attr, len, data);
	rc = session_read(nlmsg_hdr(msg), &info);
	nlmsg_free(msg);
	return rc;
}

TEST(malformed_sessions)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct session_info info;
	char text[2 * ZKZ_REASON_MAX];
	struct { struct nlattr head; char rest[4]; } counter = { { 8, ZKZ_A_COUNTERS_PASSES }, "" };

	CHECK_INT(with(ZKZ_A_SESSION_SEQ, 2, "\1"), -1);
	CHECK_INT(with(ZKZ_A_SESSION_COOKIE, 4, "\1\0\0"), -1);
	CHECK_INT(with(ZKZ_A_SESSION_REASON, 4, "text"), -1);
	CHECK_INT(with(ZKZ_A_SESSION_REASON, 0, NULL), -1);
	CHECK_INT(with(ZKZ_A_SESSION_COUNTERS, sizeof(counter), &counter), -1);
	/* an array of another length tells nothing, a long sentence its beginning */
	CHECK_INT(with(ZKZ_A_SESSION_FAULT_LATENCY, 8, "1234567"), 0);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = 0;
	CHECK_INT(with(ZKZ_A_SESSION_REASON, sizeof(text), text), 0);
	/* no session has the number 0 */
	genlmsg_put(msg, 0, 1, 4711, 0, 0, ZKZ_CMD_SESSION_GET, ZKZ_FAMILY_VERSION);
	nla_put_u32(msg, ZKZ_A_SESSION_STATE, ZKZ_STATE_IDLE);
	CHECK_INT(session_read(nlmsg_hdr(msg), &info), -1);
	nlmsg_free(msg);
}
