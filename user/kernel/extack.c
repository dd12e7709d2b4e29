// SPDX-License-Identifier: GPL-2.0
#include "kernel/extack.h"

#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

static const struct nla_policy policy[NLMSGERR_ATTR_MAX + 1] = {
	[NLMSGERR_ATTR_MSG] = { .type = NLA_STRING },
	[NLMSGERR_ATTR_OFFS] = { .type = NLA_U32 },
	[NLMSGERR_ATTR_MISS_TYPE] = { .type = NLA_U32 },
};

/* The attribute of the request that begins so far behind its beginning */
static unsigned int attr_at(struct nlmsghdr *request, uint32_t offset)
{
	struct nlattr *attr;
	int left;

	nlmsg_for_each_attr(attr, request, GENL_HDRLEN, left)
		if ((char *)attr - (char *)request == (ptrdiff_t)offset)
			return nla_type(attr);
	return 0;
}

int extack_read(struct nlmsghdr *answer, struct nlmsghdr *request, struct extack *ack)
{
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];
	struct nlmsgerr *e = nlmsg_data(answer);
	int skip = sizeof(*e), left = nlmsg_datalen(answer);

	memset(ack, 0, sizeof(*ack));
	if (left < skip || e->error > 0)
		return -1;
	ack->error = -e->error;
	if (!(answer->nlmsg_flags & NLM_F_ACK_TLVS))
		return 0;
	/* without NETLINK_CAP_ACK the whole request comes back first */
	if (!(answer->nlmsg_flags & NLM_F_CAPPED)) {
		if (e->msg.nlmsg_len < NLMSG_HDRLEN || e->msg.nlmsg_len > (uint32_t)left)
			return -1;
		skip += NLMSG_ALIGN(e->msg.nlmsg_len) - NLMSG_HDRLEN;
	}
	if (left < skip ||
	    nla_parse(tb, NLMSGERR_ATTR_MAX, (void *)((char *)e + skip), left - skip, policy) < 0)
		return -1;
	if (tb[NLMSGERR_ATTR_MSG])
		ack->text = nla_get_string(tb[NLMSGERR_ATTR_MSG]);
	if (tb[NLMSGERR_ATTR_OFFS])
		ack->attr = attr_at(request, nla_get_u32(tb[NLMSGERR_ATTR_OFFS]));
	else if (tb[NLMSGERR_ATTR_MISS_TYPE])
		ack->attr = nla_get_u32(tb[NLMSGERR_ATTR_MISS_TYPE]);
	return 0;
}
